// Copied from extension/config/rules/utf8.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import type { Ranges } from './code-points';

/** A sequence of byte ranges, as pairs of first and last. */
export type ByteSequence = readonly (readonly [number, number])[];

const CONTINUATION = [0x80, 0xbf] as const;

/** The first and last code point of each length in UTF-8, without surrogates. */
const LENGTHS = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x10ffff],
] as const;

/** All characters that are not ASCII. Texts are valid UTF-8, so the first byte is enough to distinguish them. */
const BEYOND_ASCII: readonly ByteSequence[] = [
  [[0xc0, 0xdf], CONTINUATION],
  [[0xe0, 0xef], CONTINUATION, CONTINUATION],
  [[0xf0, 0xf7], CONTINUATION, CONTINUATION, CONTINUATION],
];

/**
 * The byte sequences of a set of code points, disjoint and in ascending order. If two sequences have a first byte in
 * common, their first pairs are equal.
 */
export function sequencesOf(ranges: Ranges): ByteSequence[] {
  const sequences: ByteSequence[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [first, last] = [ranges[i], ranges[i + 1]];
    if (first <= 0x80 && last === 0x10ffff) {
      if (first < 0x80) sequences.push([[first, 0x7f]]);
      sequences.push(...BEYOND_ASCII);
      continue;
    }
    for (const [least, most] of LENGTHS) {
      if (first <= most && last >= least) split(Math.max(first, least), Math.min(last, most), sequences);
    }
  }
  return sequences;
}

/** Splits a range of one length so that in each part the bytes are independent of each other. */
function split(first: number, last: number, sequences: ByteSequence[]): void {
  for (let bits = 6; bits <= 18 && first >= 0x80; bits += 6) {
    const mask = 2 ** bits - 1;
    if (first >>> bits === last >>> bits) continue;
    if ((first & mask) !== 0) {
      split(first, first | mask, sequences);
      split((first | mask) + 1, last, sequences);
      return;
    }
    if ((last & mask) !== mask) {
      split(first, (last & ~mask) - 1, sequences);
      split(last & ~mask, last, sequences);
      return;
    }
  }
  const [from, to] = [bytesOf(first), bytesOf(last)];
  sequences.push(from.map((byte, i) => [byte, to[i]] as const));
}

function bytesOf(code: number): number[] {
  if (code < 0x80) return [code];
  const tail = (bits: number): number => 0x80 | ((code >>> bits) & 0x3f);
  if (code < 0x800) return [0xc0 | (code >>> 6), tail(0)];
  if (code < 0x10000) return [0xe0 | (code >>> 12), tail(6), tail(0)];
  return [0xf0 | (code >>> 18), tail(12), tail(6), tail(0)];
}
