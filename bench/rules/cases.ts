/** Rules, and a line that they are applied to. `%` in it is another number in each of the lines of a turn. */
export interface Case {
  readonly name: string;
  readonly rules: readonly object[];
  readonly line: string;
}

export interface Outcome {
  readonly compileMs: number;
  /** A line in the first turn, in which the automaton makes its states. */
  readonly firstMs: number;
  /** A line in the best turn. */
  readonly bestMs: number;
}

const exclude = (pattern: string): object => ({ type: 'exclude_at_match', pattern });
const mask = (pattern: string, text = '#'): object => ({ type: 'mask_sequences', pattern, replace_placeholder: text });

/** Ten ordinary rules, five of them masks, which leave the lines of `bench/log-lines.ts` as they are. */
export const TEN = [
  exclude('GET /health'),
  exclude('^(START|END) RequestId'),
  mask('\\b(?:\\d[ -]?){12}(\\d{4})\\b', '…$1'),
  mask('[\\w.+-]+@([\\w-]+\\.[\\w.-]+)', '…@$1'),
  mask('(?i)(bearer )[\\w.~+/=-]+', '${1}[token]'),
  mask('\\b(AKIA|ASIA)[0-9A-Z]{16}\\b', '[key]'),
  mask('(?i)("(?:password|secret|token)":)"(?:[^"\\\\]|\\\\.)*"', '$1"[masked]"'),
  exclude('(?i)connection reset by peer'),
  exclude('\\[DEBUG\\]\\t.*HttpClient'),
  exclude('took \\d{1,2} ms$'),
];

const ORDINARY =
  '2026-11-30T12:00:00.123Z\t8cc2c2f1-3f3c-4a0e-9e0f-2b1d6a1a1d11\tINFO\torder %1 accepted, cart=7 items=3 shard=1234';
const CARD = `${ORDINARY} card 4111 1111 1111 1111`;
const KIB_200 = 200 * 1024;

/** The numbers from 1 to 2^31-2, one after the other in disorder. */
function letters(length: number, of: string): string {
  let state = 7;
  return Array.from({ length }, () => of[(state = (state * 48271) % 2147483647) % of.length]).join('');
}

export const CASES: readonly Case[] = [
  { name: 'no rule, 120 B', rules: [], line: ORDINARY },
  { name: '1 rule that does not match, 120 B', rules: TEN.slice(0, 1), line: ORDINARY },
  { name: '10 rules that do not match, 120 B', rules: TEN, line: ORDINARY },
  {
    name: '64 rules that do not match, 120 B',
    rules: [
      ...TEN,
      ...Array.from({ length: 54 }, (_, i) => exclude(`word${i} (?:one|two|three) [a-f]{${1 + (i % 9)}}x`)),
    ],
    line: ORDINARY,
  },
  { name: '10 rules, one of which masks, 145 B', rules: TEN, line: CARD },
  { name: '10 rules that do not match, 200 KiB', rules: TEN, line: ORDINARY.repeat(1720) },
  { name: '10 rules, one of which masks once, 200 KiB', rules: TEN, line: CARD + ORDINARY.repeat(1718) },
  { name: '(a+)+$ on 200 KiB of a and an !', rules: [exclude('(a+)+$')], line: `${'a'.repeat(KIB_200)}!` },
  { name: '(a|aa)+$ on the same', rules: [exclude('(a|aa)+$')], line: `${'a'.repeat(KIB_200)}!` },
  { name: '(.*a){20}b on the same', rules: [exclude('(.*a){20}b')], line: `${'a'.repeat(KIB_200)}!` },
  { name: 'mask (a+)+ of all 200 KiB', rules: [mask('(a+)+')], line: 'a'.repeat(KIB_200) },
  { name: 'mask of each of 200 Ki characters', rules: [mask('.')], line: 'a'.repeat(KIB_200) },
  {
    name: 'a pattern of 1,400 instructions that needs a state a byte, 200 KiB',
    rules: [exclude('[ab]*a[ab]{1,700}c')],
    line: letters(KIB_200, 'ab'),
  },
  {
    name: 'a mask of 300 instructions that begins everywhere, 200 KiB',
    rules: [mask('a[ab]{290}c|b')],
    line: letters(KIB_200, 'ab'),
  },
  {
    name: 'a mask of 900 instructions, 200 KiB: withheld',
    rules: [mask('a[ab]{890}c|b')],
    line: letters(KIB_200, 'ab'),
  },
];
