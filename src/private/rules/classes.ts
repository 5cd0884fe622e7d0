// Copied from extension/config/rules/classes.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import { normalized, type Ranges } from './code-points';

export const DIGIT: Ranges = [0x30, 0x39];
export const WORD: Ranges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
/** The vertical tab is included, as in Rust; RE2 leaves it out. */
export const SPACE: Ranges = [0x09, 0x0d, 0x20, 0x20];

const UPPER: Ranges = [0x41, 0x5a];
const LOWER: Ranges = [0x61, 0x7a];

/** POSIX classes, as in `[[:alpha:]]`. */
const NAMED: Readonly<Record<string, Ranges>> = {
  alnum: [...DIGIT, ...UPPER, ...LOWER],
  alpha: [...UPPER, ...LOWER],
  ascii: [0, 0x7f],
  blank: [0x09, 0x09, 0x20, 0x20],
  cntrl: [0, 0x1f, 0x7f, 0x7f],
  digit: DIGIT,
  graph: [0x21, 0x7e],
  lower: LOWER,
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: SPACE,
  upper: UPPER,
  word: WORD,
  xdigit: [...DIGIT, 0x41, 0x46, 0x61, 0x66],
};

export function namedClass(name: string): Ranges | undefined {
  return Object.hasOwn(NAMED, name) ? normalized(NAMED[name]) : undefined;
}
