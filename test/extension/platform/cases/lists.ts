import type { JsonForms, JsonList, JsonRows, Platform } from '../../../../extension/platform/types';
import type { Case, Context } from '../inside/case';
import { equal } from '../inside/check';

const ANY = '\0';

/** The rows of a body with the members `t` and `r`. */
export async function rowsOf(context: Context, body: string): Promise<JsonRows> {
  let received: JsonRows | undefined;
  const { port } = await context.serve(
    ({ rows }) => {
      received = rows;
      return { status: 200 };
    },
    { members: ['t', 'r'] },
  );
  await context.fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  return received!;
}

function formsOf(platform: Platform, ...forms: [pattern: string, tail: string][]): JsonForms {
  const all = platform.createForms();
  for (const [pattern, tail] of forms) all.add(pattern, tail);
  return all;
}

/** Appends rows without limits. Gives the bytes of their texts, and how many they were. */
function pushRows(
  list: JsonList,
  rows: JsonRows,
  forms: JsonForms,
  row: number,
  { number = 8, most = 100, bytes = 1000, longest = 100 } = {},
): [bytes: number, rows: number] {
  const before = list.count();
  return [list.pushRows(rows, forms, '["7', '",', row, number, most, bytes, longest), list.count() - before];
}

/** `Platform.createList` and `Platform.createForms`. */
export const lists: readonly Case[] = [
  {
    name: 'list: elements are put together, counted, moved, joined and taken out',
    run: async ({ platform }) => {
      const list = platform.createList();
      equal([list.count(), list.bytes(), list.text(), list.shift()], [0, 0, '', undefined]);
      equal(list.push('[1,', 'a"\n', ']'), 3);
      equal(list.push('', 'ü😀', ''), 6);
      list.push('{"x":', '', '}');
      equal([list.count(), list.text()], [3, '[1,"a\\"\\n"],"ü😀",{"x":""}']);
      equal(list.bytes(), platform.utf8Length(list.text()));
      const tail = list.splitOff(1);
      equal([list.text(), tail.text(), tail.count()], ['[1,"a\\"\\n"]', '"ü😀",{"x":""}', 2]);
      tail.append(list);
      equal([tail.text(), list.count()], ['"ü😀",{"x":""},[1,"a\\"\\n"]', 1]);
      equal([tail.shift(), tail.shift(), tail.text(), tail.count()], ['"ü😀"', '{"x":""}', '[1,"a\\"\\n"]', 1]);
      tail.clear();
      equal([tail.count(), tail.text(), list.text()], [0, '', '[1,"a\\"\\n"]']);
    },
  },
  {
    name: 'list: any text comes out as it went in, but for lone surrogates',
    run: async ({ platform }) => {
      const odd = ['"\\/\b\f\n\r\t', '\0\u001f\u007f', '\\ud83d \\\\ude00', 'é€😀\u2028'];
      const texts = [...odd, 'a\ud800b\udfff', 'x'.repeat(100_000)];
      const list = platform.createList();
      for (const text of texts) list.push('[', text, ']');
      const back = (JSON.parse(`[${list.text()}]`) as string[][]).map(([text]) => text);
      equal(back, [...odd, 'a\ufffdb\ufffd', texts[5]]);
    },
  },
  {
    name: 'list: its text goes into bodies, compressed or not',
    run: async (context) => {
      const { platform, peers } = context;
      const list = platform.createList();
      for (let i = 0; i < 100; i++) list.push(`[${i},`, 'Grüße', ']');
      const text = `{"a":[${list.text()}]}`;
      const parts = ['{"a":[', list, ']}'];
      const packed = platform.gzip(parts);
      equal((await context.fetch(`${peers.http}/gunzip`, { method: 'POST', body: packed })).body, text);
      equal([...platform.utf8(['ü', platform.createList(), 'a'])], [0xc3, 0xbc, 0x61]);
      equal(platform.utf8(parts).length, platform.utf8Length(text));
    },
  },
  {
    name: 'rows become elements as long as they are alike and have a form',
    run: async (context) => {
      const texts = ['a\\tx\\n', 'bü\\"\\\\n', 'b\\n\\n', 'a\\tx\\u0041', 'b', 'c', 'b'];
      const body = texts.map((text, i) => `{"t":"${i === 6 ? 2 : 1}","r":"${text}"}`);
      const rows = await rowsOf(context, `[${body.join(',')},{"r":"b"},{"t":"1","r":7}]`);
      const forms = formsOf(context.platform, ['a\t', ']'], ['b', ',{}]']);
      const list = context.platform.createList();
      equal(pushRows(list, rows, forms, 0), [3 + 6 + 2, 3]);
      equal(JSON.parse(`[${list.text()}]`), [
        ['78', 'a\tx'],
        ['79', 'bü"\\n', {}],
        ['710', 'b\n', {}],
      ]);
      // Escapes that are not usual, one row, no form, another time, the last with nothing to compare, no string, the
      // end.
      equal(
        [3, 4, 5, 6, 8, 9].map((row) => pushRows(list, rows, forms, row)[1]),
        [0, 1, 0, 1, 0, 0],
      );
    },
  },
  {
    name: 'rows: no more than may be',
    run: async (context) => {
      const rows = await rowsOf(context, '[{"t":"1","r":"xx"},{"t":"1","r":"xx"},{"t":"1","r":"xxx"}]');
      const forms = formsOf(context.platform, ['x', ']']);
      const taken = (limits: Parameters<typeof pushRows>[4]): unknown =>
        pushRows(context.platform.createList(), rows, forms, 0, limits);
      equal(taken({}), [7, 3]);
      equal(taken({ most: 1 }), [2, 1]);
      equal(taken({ bytes: 6 }), [4, 2]);
      equal(taken({ longest: 2 }), [4, 2]);
      equal(taken({ most: 0 }), [0, 0]);
    },
  },
  {
    name: 'forms: a pattern stands for what a text begins with, character by character',
    run: async (context) => {
      const matching = ['1:2\tINFO', '9:9\tINFO x'];
      const texts = [...matching, '\t:2\tINFO', 'é:2\tINFO', '1:2\tWARN', '1:2\tINF', '1;2\tINFO', '"'];
      const rows = await rowsOf(context, JSON.stringify(texts.map((text, i) => ({ t: String(i), r: text }))));
      const forms = formsOf(context.platform, [`${ANY}:${ANY}\tINFO`, ']']);
      const list = context.platform.createList();
      equal(
        texts.map((_, row) => pushRows(list, rows, forms, row)[1]),
        [1, 1, 0, 0, 0, 0, 0, 0],
      );
      forms.clear();
      equal(pushRows(list, rows, forms, 0)[1], 0);
      for (let i = 0; i < 9; i++) forms.add(i === 0 ? '9' : '1', ']');
      equal(
        [0, 1].map((row) => pushRows(list, rows, forms, row)[1]),
        [1, 0],
      );
    },
  },
  {
    name: 'forms: plain texts begin with a word, and neither begin nor continue in certain ways',
    run: async (context) => {
      const plain = ['got it', 'a b', 'INFORMATION x', 'Info x', 'x Id:\n', 'x \\t\n', 'x \nId:'];
      const others = ['', 'got', 'got\tit', ' got it', '7 x', 'a7 x', 'ü x', 'INFO x', 'Jan 02, x', 'x Id: 7', 'x \ty'];
      const texts = [...plain, ...others, 'got this'];
      const rows = await rowsOf(context, JSON.stringify(texts.map((text, i) => ({ t: String(i), r: text }))));
      const forms = formsOf(context.platform, ['got th', ',"form"]']);
      const list = context.platform.createList();
      const taken = (): string[] => texts.filter((_, row) => pushRows(list, rows, forms, row)[1] === 1);
      forms.describePlain(['INFO ', `${ANY}${ANY}${ANY} ${ANY}${ANY},`], ['Id: ', '\t']);
      equal(taken(), ['got this']);
      forms.addPlain(',"plain"]');
      equal(taken(), [...plain, 'got this']);
      equal(list.text().split('"form"').length, 3);
      forms.clear();
      equal(taken(), []);
      forms.addPlain(']');
      equal(taken(), [...plain, 'got this']);
    },
  },
];
