/** A pattern that means the same in JavaScript, and texts for it. */
export interface RandomPattern {
  readonly pattern: string;
  readonly texts: readonly string[];
  /**
   * Whether the matches are the same, too, and not only whether there is one. JavaScript leaves a repetition whose last
   * turn has matched nothing, where RE2 and Rust go on.
   */
  readonly sameMatches: boolean;
}

/** The same ones each time. */
export function* randomPatterns(count: number): Generator<RandomPattern> {
  const random = new Random();
  for (let i = 0; i < count; i++) {
    const node = choice(random, 3);
    const texts = Array.from({ length: 8 }, () =>
      Array.from({ length: random.below(12) }, () => random.of(LETTERS)).join(''),
    );
    yield { pattern: node.text, texts, sameMatches: !node.repeatsEmpty };
  }
}

const LETTERS = ['a', 'a', 'b', 'b', 'c', 'é', 'ê', '€', '😀', '1', '_', ' ', '\n'];
const ATOMS = ['a', 'b', 'c', 'é', '😀', '.', '[ab]', '[^a]', '[a-cé-€]', '[^é]', '\\d', '\\w', '\\W', '\\s', '\\x61'];
const LOOKS = ['^', '$', '\\b', '\\B'];
const REPEATS = ['*', '+', '?', '{2}', '{1,2}', '{0,3}', '{2,}', '*?', '+?', '??', '{1,2}?'];

interface Piece {
  readonly text: string;
  readonly empty: boolean;
  readonly repeatsEmpty: boolean;
}

function choice(random: Random, depth: number): Piece {
  const all = Array.from({ length: 1 + random.below(3) }, () => sequence(random, depth));
  return {
    text: all.map(({ text }) => text).join('|'),
    empty: all.some(({ empty }) => empty),
    repeatsEmpty: all.some(({ repeatsEmpty }) => repeatsEmpty),
  };
}

function sequence(random: Random, depth: number): Piece {
  const all = Array.from({ length: random.below(4) }, () => repeated(random, depth));
  return {
    text: all.map(({ text }) => text).join(''),
    empty: all.every(({ empty }) => empty),
    repeatsEmpty: all.some(({ repeatsEmpty }) => repeatsEmpty),
  };
}

function repeated(random: Random, depth: number): Piece {
  // JavaScript repeats no look.
  if (random.below(8) === 0) return { text: random.of(LOOKS), empty: true, repeatsEmpty: false };
  const one = depth > 0 && random.below(3) === 0 ? group(random, depth - 1) : atom(random);
  if (random.below(5) > 1) return one;
  const repeat = random.of(REPEATS);
  return {
    text: one.text + repeat,
    empty: one.empty || /^[*?]|^\{0/.test(repeat),
    repeatsEmpty: one.repeatsEmpty || one.empty,
  };
}

function group(random: Random, depth: number): Piece {
  const inside = choice(random, depth);
  return { ...inside, text: `${random.of(['(', '(?:'])}${inside.text})` };
}

function atom(random: Random): Piece {
  return { text: random.of(ATOMS), empty: false, repeatsEmpty: false };
}

class Random {
  #state = 20261130;

  below(limit: number): number {
    this.#state = (this.#state * 48271) % 2147483647;
    return Math.floor((this.#state / 2147483647) * limit);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}
