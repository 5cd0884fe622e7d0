import { parsePattern } from '../../../../extension/config/rules/parse';
import { programOf } from '../../../../extension/config/rules/program';
import { parseReplacement } from '../../../../extension/config/rules/replacement';
import type { Patterns, PatternSource, Platform } from '../../../../extension/platform/types';
import type { Case } from '../inside/case';
import { equal, ok, throws } from '../inside/check';
import { randomPatterns } from '../inside/random-patterns';
import { rowsOf } from './lists';

function source(pattern: string, replacement?: string): PatternSource {
  const parsed = parsePattern(pattern);
  if (replacement === undefined) return { program: programOf(parsed) };
  return {
    program: programOf(parsed),
    replacement: parseReplacement(replacement, parsed.groups, parsed.names).replacement,
  };
}

function compile(platform: Platform, ...patterns: string[]): Patterns {
  return platform.compilePatterns(patterns.map((pattern) => source(pattern)));
}

/** Pattern, replacement, text, and what becomes of it. */
const REPLACED: readonly (readonly [string, string, string, string])[] = [
  ['b', 'x', 'abcb', 'axcx'],
  ['a|ab', '-', 'abab', '-b-b'],
  ['ab|a', '-', 'abab', '--'],
  ['a*?b', '<>', 'aab', '<>'],
  ['a+?', '.', 'aaa', '...'],
  ['(\\w+)@(\\w+)', '$2 at $1', 'me@here, you@there', 'here at me, there at you'],
  ['(?P<who>\\w+)@(\\w+)', '${who}@…', 'me@here', 'me@…'],
  ['(a)|(b)', '[$1$2]', 'ab', '[a][b]'],
  ['(a)?b', '[$1]', 'ab b', '[a] []'],
  ['(?:(a)|b)*', '[$1]', 'ab', '[a]'],
  ['x*', '-', 'axb', 'a-b'],
  ['é', 'e', 'café é', 'cafe e'],
  ['.', '-', 'a€😀', '---'],
  ['[^a]', '-', 'aé😀\n', 'a---'],
  ['[😀-😎]', ':)', 'x😁y', 'x:)y'],
  ['(?i)straße', '…', 'STRAßE Straße', '… …'],
  ['(?i)ÄÖ', '…', 'äö ÄÖ äÖ', '… … …'],
  ['^a', '-', 'aa\na', '-a\na'],
  ['(?m)^a', '-', 'aa\na', '-a\n-'],
  ['a$', '-', 'a\na', 'a\n-'],
  ['(?m)a$', '-', 'a\na', '-\n-'],
  ['\\bcat\\b', 'dog', 'cat concat cat_ cat', 'dog concat cat_ dog'],
  ['\\Bcat', 'dog', 'cat concat', 'cat condog'],
  ['\\d{2,3}', '#', '1 12 123 1234 12345', '1 # # #4 ##'],
  ['(?s)a.b', '-', 'a\nb', '-'],
  ['a.b', '-', 'a\nb', 'a\nb'],
  ['$', 'x', 'abc', 'abc'],
  ['\\$\\{a\\}', '$$', 'x${a}', 'x$'],
  ['"password":"[^"]*"', '"password":"***"', '{"user":"x","password":"hunter2"}', '{"user":"x","password":"***"}'],
  ['\\x00', '0', 'a\0b', 'a0b'],
];

export const patterns: readonly Case[] = [
  {
    name: 'patterns say which of them match',
    run: ({ platform }) => {
      const set = compile(platform, 'GET /health', '^START', '\\d{3}-\\d{2}', '(?i)error', '');
      const some: [string, number[]][] = [
        ['nothing', [4]],
        ['START 123-45', [1, 2, 4]],
        ['ERROR: GET /health failed', [0, 3, 4]],
        ['', [4]],
      ];
      for (const [text, found] of some) equal(set.matching(text), found, text);
      equal(compile(platform, 'a', 'b').matching('xyz'), undefined, 'none');
      equal(platform.compilePatterns([]).matching('xyz'), undefined, 'no patterns at all');
    },
  },
  {
    name: 'forms of patterns are those of texts in which exactly these patterns match',
    run: async (context) => {
      const texts = ['x keep', 'x', 'x keep drop', 'x drop', 'keep', 'x\tkeep "é"', 'x keep\ndrop'];
      const rows = await rowsOf(context, JSON.stringify(texts.map((text, i) => ({ t: String(i), r: text }))));
      const set = compile(context.platform, 'keep', '^drop$|\\bdrop', '(?m)^\\S+\\tkeep "é"$');
      const taken = (matching: number[]): number[] => {
        const forms = set.createForms(matching);
        forms.add('x', ']');
        const list = context.platform.createList();
        return texts.flatMap((_, row) => {
          list.pushRows(rows, forms, '[', ',', row, 0, 9, 99, 99);
          return list.shift() === undefined ? [] : [row];
        });
      };
      equal([taken([]), taken([0]), taken([0, 1]), taken([1]), taken([0, 2])], [[1], [0], [2, 6], [3], [5]]);
    },
  },
  {
    name: 'patterns find the first match from the left, the preferred one, and put the replacement there',
    run: ({ platform }) => {
      for (const [pattern, replacement, text, expected] of REPLACED) {
        const set = platform.compilePatterns([source('never'), source(pattern, replacement)]);
        equal(set.replace(1, text), expected, `${pattern} → ${replacement} in ${text}`);
        equal(set.replace(0, text), undefined, 'one without a replacement');
      }
    },
  },
  {
    name: 'patterns and the expressions of JavaScript agree',
    run: ({ platform }) => {
      let compared = 0;
      for (const { pattern, texts, sameMatches } of randomPatterns(600)) {
        const set = platform.compilePatterns([source(pattern, '<$0>')]);
        const expression = new RegExp(pattern, 'gu');
        for (const text of texts) {
          equal(
            set.matching(text) !== undefined,
            text.search(expression) >= 0,
            `${pattern} in ${JSON.stringify(text)}`,
          );
          compared++;
          if (!sameMatches) continue;
          const expected = text.replace(expression, (match) => (match === '' ? '' : `<${match}>`));
          equal(set.replace(0, text), expected, `${pattern} in ${JSON.stringify(text)}`);
        }
      }
      ok(compared > 3000, `only ${compared} were compared`);
    },
  },
  {
    name: 'patterns take a time that is linear in the text',
    run: ({ platform }) => {
      const set = platform.compilePatterns(
        ['(a+)+$', '(a|aa)+$', '(a|a?)+c', '(.*a){10}$', '(x+x+)+y'].map((pattern) => source(pattern, '-')),
      );
      // In a backtracking engine this would take longer than there is time.
      const text = `${'a'.repeat(3000)}b${'x'.repeat(3000)}`;
      const start = platform.monotonic();
      equal(set.matching(text), undefined);
      for (let i = 0; i < 5; i++) equal(set.replace(i, text), text, String(i));
      ok(platform.monotonic() - start < 20_000, 'it took too long');
    },
  },
  {
    name: 'patterns find what they find in texts of many states, too',
    run: ({ platform }) => {
      const set = compile(platform, '[ab]*a[ab]{60}c', 'zz');
      let random = 7;
      const letters = Array.from({ length: 6000 }, () =>
        (random = (random * 16807) % 2147483647) % 2 ? 'a' : 'b',
      ).join('');
      equal(set.matching(letters), undefined);
      equal(set.matching(`${letters}a${'b'.repeat(60)}c`), [0]);
      equal(set.matching(`${letters}a${'b'.repeat(61)}c zz`), [1]);
      equal(set.matching('azz'), [1], 'and afterwards');
    },
  },
  {
    name: 'patterns refuse to make a text of many times its length',
    run: ({ platform }) => {
      const set = platform.compilePatterns([source('a', 'x'.repeat(200)), source('(a+)', '$1$1')]);
      equal(set.replace(0, 'a'.repeat(100_000)), undefined);
      equal(set.replace(0, 'a'.repeat(300))?.length, 60_000);
      equal(set.replace(1, 'a'.repeat(100_000))?.length, 200_000);
    },
  },
  {
    name: 'patterns take lone surrogates for U+FFFD',
    run: ({ platform }) => {
      const set = platform.compilePatterns([source('\\x{FFFD}', '?'), source('b', 'c')]);
      equal(set.matching('a\ud800b'), [0, 1]);
      equal(set.replace(0, 'a\ud800b'), 'a?b');
      equal(set.replace(1, 'a\udfffb😀'), 'a\ufffdc😀');
    },
  },
  {
    name: 'what is not a program is refused',
    run: ({ platform }) => {
      for (const numbers of [[], [0, 1], [5, 1, 1, 0], [0, 1, 2, 0], [0, 1, 1, 0, 0]]) {
        throws(() => platform.compilePatterns([{ program: Int32Array.from(numbers) }]), 'EINVAL');
      }
    },
  },
];
