import { anyCase, negated, normalized, type Ranges } from './code-points';
import { DIGIT, namedClass, SPACE, WORD } from './classes';
import { LOOK, type Node, type ParsedPattern, PatternError } from './syntax';

/** As in RE2. */
const MOST_REPEATS = 1000;

/** Nobody needs deeper nesting, and it could overflow the stack. */
const DEEPEST = 60;

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/** Other syntax that can't be matched in linear time, with its name for the message. */
const BACKTRACKING: readonly [string, string][] = [
  ['?=', 'a lookahead'],
  ['?!', 'a lookahead'],
  ['?<=', 'a lookbehind'],
  ['?<!', 'a lookbehind'],
  ['?>', 'an atomic group'],
  ['?(', 'a condition'],
  ['?R', 'a recursion'],
  ['?P=', 'a backreference'],
  ['?P>', 'a recursion'],
  ['?|', 'a branch reset'],
];

/** Escapes that stand for one character. */
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/**
 * Reads a pattern in the syntax that RE2 and Rust's `regex` have in common. Other syntax, or syntax that needs
 * backtracking, is refused, so that a pattern that is pasted here keeps its meaning. `\d`, `\w`, `\s` and `\b` match
 * ASCII only, as in RE2.
 * @throws PatternError
 */
export function parsePattern(pattern: string): ParsedPattern {
  return new Parser(pattern).parse();
}

class Parser {
  readonly #text: readonly string[];
  readonly #names = new Map<string, number>();
  #at = 0;
  #groups = 1;
  #depth = 0;

  constructor(pattern: string) {
    this.#text = Array.from(pattern);
  }

  parse(): ParsedPattern {
    const lone = this.#text.find((one) => /^[\ud800-\udfff]$/.test(one));
    if (lone !== undefined) throw new PatternError('has half a surrogate pair');
    const node = this.#choice({ i: false, m: false, s: false, U: false });
    if (this.#at < this.#text.length) this.#refuse('has a ) too many; a literal one is written \\)');
    return { node, groups: this.#groups, names: this.#names };
  }

  #choice(given: Flags): Node {
    let flags = given;
    const choices: Node[] = [];
    let nodes: Node[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === ')') break;
      if (next === '|') {
        this.#at++;
        choices.push(sequence(nodes));
        nodes = [];
        continue;
      }
      const atom = this.#atom(flags);
      if ('flags' in atom) flags = atom.flags;
      else nodes.push(this.#repeated(atom.node, flags));
    }
    return choices.length === 0 ? sequence(nodes) : { kind: 'choice', nodes: [...choices, sequence(nodes)] };
  }

  /** Reads the next item that may be repeated, or flags that apply from here on. */
  #atom(flags: Flags): { node: Node } | { flags: Flags } {
    const character = this.#text[this.#at++];
    switch (character) {
      case '(':
        return this.#group(flags);
      case '[':
        return set(this.#class(flags));
      case '.':
        return set(flags.s ? negated([]) : negated([10, 10]));
      case '^':
        return look(flags.m ? LOOK.lineStart : LOOK.start);
      case '$':
        return look(flags.m ? LOOK.lineEnd : LOOK.end);
      case '\\':
        return this.#escape(flags);
      case '*':
      case '+':
      case '?':
        return this.#refuse(
          `has ${character} where there is nothing to repeat; a literal one is written \\${character}`,
        );
      case '{':
        return this.#refuse('has { where there is nothing to repeat; a literal one is written \\{');
      default:
        return set(literal(character.codePointAt(0)!, flags));
    }
  }

  #group(flags: Flags): { node: Node } | { flags: Flags } {
    const rest = this.#text.slice(this.#at, this.#at + 3).join('');
    const found = BACKTRACKING.find(([opening]) => rest.startsWith(opening));
    if (found) this.#refuse(`has ${found[1]}, "(${found[0]}", which can't be matched in linear time`);
    if (!rest.startsWith('?')) return this.#inside(flags, this.#groups++);
    this.#at++;
    const named = /^(P?)<([A-Za-z_]\w*)>/.exec(this.#text.slice(this.#at).join(''));
    if (named) {
      const [opening, , name] = named;
      if (this.#names.has(name)) this.#refuse(`has two groups with the name ${name}`);
      this.#at += opening.length;
      this.#names.set(name, this.#groups);
      return this.#inside(flags, this.#groups++);
    }
    return this.#flags(flags);
  }

  /** `(?i)` and `(?i:…)`. */
  #flags(flags: Flags): { node: Node } | { flags: Flags } {
    const changed = { ...flags };
    let on = true;
    for (;;) {
      const letter = this.#text[this.#at++];
      if (letter === ')') return { flags: changed };
      if (letter === ':') return this.#inside(changed, undefined);
      if (letter === '-' && on) on = false;
      else if (letter === 'i' || letter === 'm' || letter === 's' || letter === 'U') changed[letter] = on;
      else
        this.#refuse(
          `has a group that begins with "(?${letter ?? ''}"; the flags are i, m, s and U, ` +
            'and a group without a number is (?:…)',
        );
    }
  }

  #inside(flags: Flags, index: number | undefined): { node: Node } {
    if (++this.#depth > DEEPEST) this.#refuse(`has groups that are nested more than ${DEEPEST} deep`);
    const node = this.#choice(flags);
    if (this.#text[this.#at++] !== ')') this.#refuse('has a ( that is not closed; a literal one is written \\(');
    this.#depth--;
    return { node: index === undefined ? node : { kind: 'group', node, index } };
  }

  #repeated(node: Node, flags: Flags): Node {
    const count = this.#count();
    if (count === undefined) return node;
    const lazy = this.#text[this.#at] === '?';
    if (lazy) this.#at++;
    const next = this.#text[this.#at];
    if (next === '+' || next === '*' || next === '?' || (next === '{' && this.#countsAt(this.#at))) {
      this.#refuse(
        `repeats what is repeated already ("${next}"), which means different things elsewhere; ` +
          `put it into a group, (?:…)${next}`,
      );
    }
    const [least, most] = count;
    if (Math.max(least, most === Infinity ? 0 : most) > MOST_REPEATS)
      this.#refuse(`repeats something more than ${MOST_REPEATS} times`);
    if (most < least) this.#refuse(`has {${least},${most}}, where the second number is smaller than the first`);
    return { kind: 'repeat', node, least, most, greedy: lazy === flags.U };
  }

  #count(): readonly [number, number] | undefined {
    switch (this.#text[this.#at]) {
      case '*':
        this.#at++;
        return [0, Infinity];
      case '+':
        this.#at++;
        return [1, Infinity];
      case '?':
        this.#at++;
        return [0, 1];
      case '{':
        break;
      default:
        return undefined;
    }
    const counts = this.#countsAt(this.#at);
    if (!counts) this.#refuse('has { that no count follows, like {2} or {2,5}; a literal one is written \\{');
    this.#at += counts[0].length;
    const least = Number(counts[1]);
    return [least, counts[2] === undefined ? least : counts[3] === '' ? Infinity : Number(counts[3])];
  }

  #countsAt(at: number): RegExpExecArray | null {
    return /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.#text.slice(at, at + 16).join(''));
  }

  #escape(flags: Flags): { node: Node } {
    const letter = this.#text[this.#at];
    switch (letter) {
      case 'b':
        this.#at++;
        return look(LOOK.wordBoundary);
      case 'B':
        this.#at++;
        return look(LOOK.noWordBoundary);
      case 'A':
        this.#at++;
        return look(LOOK.start);
      case 'z':
        this.#at++;
        return look(LOOK.end);
      case 'Z':
        this.#refuse('has \\Z; the end of the text is \\z');
    }
    if (letter !== undefined && /[1-9]/.test(letter))
      this.#refuse(`has a backreference, \\${letter}, which can't be matched in linear time`);
    return set(this.#classEscape() ?? literal(this.#characterEscape(), flags));
  }

  /** Reads `\d` and similar classes, after the backslash. */
  #classEscape(): Ranges | undefined {
    const ranges = { d: DIGIT, w: WORD, s: SPACE }[(this.#text[this.#at] ?? '').toLowerCase()];
    if (ranges === undefined) return undefined;
    return /[DWS]/.test(this.#text[this.#at++]) ? negated(ranges) : ranges;
  }

  /** Reads the code point of any other escape, after the backslash. */
  #characterEscape(): number {
    const letter = this.#text[this.#at++];
    if (letter === undefined) return this.#refuse('ends with a \\; a literal one is written \\\\');
    if (letter in CONTROLS) return CONTROLS[letter];
    if (letter === 'x' || letter === 'u' || letter === 'U') return this.#hexadecimal(letter);
    if (letter === 'p' || letter === 'P')
      return this.#refuse(`has a Unicode class, \\${letter}; write the characters as ranges, like [À-ÖØ-öø-ÿ]`);
    if (/[A-Za-z0-9<>]/.test(letter) || letter >= '\x7f')
      return this.#refuse(`has the escape \\${letter}, which means nothing here`);
    return letter.codePointAt(0)!;
  }

  #hexadecimal(letter: 'x' | 'u' | 'U'): number {
    const digits = { x: 2, u: 4, U: 8 }[letter];
    const found = new RegExp(`^(?:\\{([0-9a-fA-F]{1,8})\\}|([0-9a-fA-F]{${digits}}))`).exec(
      this.#text.slice(this.#at, this.#at + 12).join(''),
    );
    const code = found ? parseInt(found[1] ?? found[2], 16) : NaN;
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff))
      return this.#refuse(`has \\${letter} without the hexadecimal digits of a character`);
    this.#at += found![0].length;
    return code;
  }

  /** Reads `[…]`, after the opening bracket. */
  #class(flags: Flags): Ranges {
    const isNegated = this.#text[this.#at] === '^';
    if (isNegated) this.#at++;
    const pairs: number[] = [];
    for (let first = true; ; first = false) {
      const character = this.#text[this.#at];
      if (character === undefined) this.#refuse('has a [ that is not closed; a literal one is written \\[');
      if (character === ']' && !first) break;
      pairs.push(...this.#member());
    }
    this.#at++;
    const ranges = flags.i ? anyCase(normalized(pairs)) : normalized(pairs);
    const all = isNegated ? negated(ranges) : ranges;
    if (all.length === 0) this.#refuse('has a class that no character is in');
    return all;
  }

  /** Reads a character, a range or a named class. */
  #member(): readonly number[] {
    const rest = this.#text.slice(this.#at, this.#at + 12).join('');
    const named = /^\[:(\^?)(\w+):\]/.exec(rest);
    if (named) {
      const ranges = namedClass(named[2]);
      if (ranges === undefined) return this.#refuse(`has the class ${named[0]}, which there is not`);
      this.#at += named[0].length;
      return named[1] === '' ? ranges : negated(ranges);
    }
    for (const operator of ['[', '&&', '--', '~~']) {
      if (rest.startsWith(operator))
        this.#refuse(
          `has ${operator} inside […], which means different things elsewhere; a literal one is written with \\`,
        );
    }
    if (rest.startsWith('\\')) {
      this.#at++;
      const ranges = this.#classEscape();
      if (ranges !== undefined) return ranges;
      this.#at--;
    }
    const first = this.#classCharacter();
    if (this.#text[this.#at] !== '-' || [']', undefined].includes(this.#text[this.#at + 1])) return [first, first];
    if (this.#text[this.#at + 1] === '-')
      this.#refuse('has -- inside […], which means different things elsewhere; a literal one is written with \\');
    this.#at++;
    if (this.#text[this.#at] === '[')
      this.#refuse('has a range inside […] that ends with [; a literal one is written \\[');
    const last = this.#classCharacter();
    if (last < first) this.#refuse('has a range inside […] that runs backwards; a literal - is written \\-');
    return [first, last];
  }

  #classCharacter(): number {
    const character = this.#text[this.#at++];
    if (character !== '\\') return character.codePointAt(0)!;
    if (/[dwsDWSbBAzZ]/.test(this.#text[this.#at] ?? ''))
      this.#refuse(`has \\${this.#text[this.#at]} inside […] where a character has to stand`);
    return this.#characterEscape();
  }

  #refuse(why: string): never {
    throw new PatternError(why);
  }
}

function set(ranges: Ranges): { node: Node } {
  return { node: { kind: 'set', ranges } };
}

function look(kind: number): { node: Node } {
  return { node: { kind: 'look', look: kind } };
}

function literal(code: number, { i }: Flags): Ranges {
  return i ? anyCase([code, code]) : [code, code];
}

function sequence(nodes: readonly Node[]): Node {
  return { kind: 'sequence', nodes };
}
