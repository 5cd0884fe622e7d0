import type { Case } from '../inside/case';
import { equal } from '../inside/check';

/** What a reader of these fields gives for a text, as JSON in which `undefined` is null. */
const TEXTS: readonly [fields: readonly (readonly string[])[], json: string, values: string][] = [
  [[['a'], ['b']], ' { "b" : 1.50 , "a" : "x" } ', '["x","1.50"]'],
  [[['a'], ['b'], ['c']], '{"a":true,"b":null,"c":[ 1, {"d" : " "} ]}', '["true",null,"[1,{\\"d\\":\\" \\"}]"]'],
  [[['a']], '{"a":"q\\"\\u00e9\\ud83d\\ude00\\ud800é😀"}', '["q\\"é😀\ufffdé😀"]'],
  [[['a']], '{"\\u0061":"","a":2}', '[""]'],
  [[['a', 'b']], '{"b":1,"a":2}', '["2"]'],
  [[['a', 'b']], '{"b":1,"a":null}', '["1"]'],
  [[['log.level']], '{"log":{"x":[],"level":"path"}}', '["path"]'],
  [[['log.level']], '{"log":{"level":"path"},"log.level":"literal"}', '["literal"]'],
  [[['a.b.c']], '{"a":{"b":{"c":1}}}', '["1"]'],
  [[['a.b'], ['a']], '{"a":{"b":1}}', '["1","{\\"b\\":1}"]'],
  [[['a'], ['c']], '{"a":1,"b":{"c":2},"d":"cut', '["1",null]'],
];

const NOTHING: readonly string[] = [
  '',
  ' ',
  'null',
  '"a"',
  '["a"]',
  '[{"a":1}]',
  '{}',
  '{"b":1}',
  '{"b":{"a":1}}',
  '{"a"}',
  '{a:1}',
  '{"b":"\\"a\\":1"}',
  '{"a":"never ends',
  '{"a":1',
];

export const fields: readonly Case[] = [
  {
    name: 'fieldReader reads fields of JSON objects, and those inside by their path',
    run: ({ platform }) => {
      for (const [names, json, values] of TEXTS) {
        const read = platform.fieldReader(names);
        equal(JSON.stringify(read(json)), values, json);
        equal(JSON.stringify(read(json)), values, `${json}, once more`);
      }
    },
  },
  {
    name: 'fieldReader gives nothing for any other text',
    run: ({ platform }) => {
      const read = platform.fieldReader([['a']]);
      for (const json of NOTHING) equal(read(json), undefined, json);
    },
  },
  {
    name: 'fieldReader takes a moment for any text',
    run: ({ platform }) => {
      const read = platform.fieldReader([['a.b.c'], ['a']]);
      const began = platform.monotonic();
      for (const json of [
        '{"a":'.repeat(40_000),
        `{"b":"${'\\"'.repeat(100_000)}`,
        `{"b":${'['.repeat(200_000)}`,
        `{${' '.repeat(200_000)}`,
      ]) {
        equal(read(json), undefined, json.slice(0, 20));
      }
      const took = platform.monotonic() - began;
      equal(took < 1000, true, `it took ${took} ms`);
    },
  },
];
