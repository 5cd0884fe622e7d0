/** Sets of code points as pairs of first and last, in ascending order, neither overlapping nor adjacent. */
export type Ranges = readonly number[];

const LAST = 0x10ffff;

/**
 * Beyond ASCII, the other case of letters is added only to sets of this many code points or fewer; a range like `[^a]`
 * has both cases already.
 */
const MOST_FOLDED = 1024;

/** The same set from pairs in any order. */
export function normalized(pairs: readonly number[]): Ranges {
  const sorted: [number, number][] = [];
  for (let i = 0; i < pairs.length; i += 2) sorted.push([pairs[i], pairs[i + 1]]);
  sorted.sort((a, b) => a[0] - b[0]);
  const ranges: number[] = [];
  for (const [first, last] of sorted) {
    const end = ranges.length - 1;
    if (end > 0 && first <= ranges[end] + 1) ranges[end] = Math.max(ranges[end], last);
    else ranges.push(first, last);
  }
  return ranges;
}

/** All other code points. */
export function negated(ranges: Ranges): Ranges {
  const others: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i] > next) others.push(next, ranges[i] - 1);
    next = ranges[i + 1] + 1;
  }
  if (next <= LAST) others.push(next, LAST);
  return others;
}

/** The same set with the other case of each letter. */
export function anyCase(ranges: Ranges): Ranges {
  const pairs = [...ranges];
  let left = MOST_FOLDED;
  for (let i = 0; i < ranges.length; i += 2) {
    for (let code = ranges[i]; code <= ranges[i + 1] && (code < 0x80 || left-- > 0); code++) {
      for (const other of casesOf(code)) pairs.push(other, other);
    }
  }
  return normalized(pairs);
}

function casesOf(code: number): number[] {
  const character = String.fromCodePoint(code);
  return (
    [character.toLowerCase(), character.toUpperCase()]
      .filter((other) => other !== character && [...other].length === 1)
      .map((other) => other.codePointAt(0)!)
      // The other case of an ASCII letter is an ASCII letter: nobody expects the Kelvin sign to match k.
      .filter((other) => other < 0x80 === code < 0x80)
  );
}
