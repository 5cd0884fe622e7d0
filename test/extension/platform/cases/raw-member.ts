import type { Case, Context } from '../inside/case';
import { equal, ok } from '../inside/check';

/** What the handler gets for a body. */
async function receive(context: Context, ...bodies: string[]): Promise<unknown[]> {
  const received: unknown[] = [];
  const { port } = await context.serve(({ json }) => {
    received.push(json);
    return { status: 200 };
  });
  for (const body of bodies) await context.fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  return received;
}

/** `raw` of each element. */
async function raws(context: Context, body: string): Promise<unknown[]> {
  const [json] = await receive(context, body);
  return (json as { raw?: unknown }[]).map((element) => element?.raw);
}

/** `ServeOptions.rawMember`. */
export const rawMember: readonly Case[] = [
  {
    name: 'raw: every value but a string keeps its own text',
    run: async (context) => {
      const values = [
        '12345678901234567890',
        '1.0',
        '-0',
        '1E+2',
        'null',
        'true',
        'false',
        '[]',
        '{}',
        '[1, 2 ,3]',
        '{ "a" : "b c" , "d":[ ] }',
        '"text"',
        '""',
      ];
      const body = ` [ ${values.map((value) => `{ "time" : "t" , "record" : ${value} }`).join(' , ')} ] `;
      equal(await raws(context, body), [
        '12345678901234567890',
        '1.0',
        '-0',
        '1E+2',
        'null',
        'true',
        'false',
        '[]',
        '{}',
        '[1,2,3]',
        '{"a":"b c","d":[]}',
        undefined,
        undefined,
      ]);
    },
  },
  {
    name: 'raw: text inside strings is not touched',
    run: async (context) => {
      const record = '{"a \\" ] }":"\\\\","b":"x \\t  y","ü":"\\u00fc 😀"}';
      equal(await raws(context, `[{"record":\n\t${record.replace(',"b"', ' ,\r\n "b"')}}]`), [record]);
    },
  },
  {
    name: 'raw: only objects directly in a top-level array have it',
    run: async (context) => {
      equal(
        await raws(context, '[1,"record",[{"record":1}],{},{"a":{"record":1}},{"a":"record","b":2},{"record":7}]'),
        [undefined, undefined, undefined, undefined, undefined, undefined, '7'],
      );
      equal(await receive(context, '{"record":1}', '[[{"record":1}]]', '[null]'), [
        { record: 1 },
        [[{ record: 1 }]],
        [null],
      ]);
    },
  },
  {
    name: 'raw: keys may be escaped, and the last of equal keys counts',
    run: async (context) => {
      equal(
        await raws(
          context,
          '[{"r\\u0065cord":1},{"record":1,"record":2.50},{"record":1,"record":"x"},{"record":"x","\\u0072ecord":[ 1 ]},{"records":1}]',
        ),
        ['1', '2.50', undefined, '[1]', undefined],
      );
    },
  },
  {
    name: 'raw: the rest of the object is as it was',
    run: async (context) => {
      equal(await receive(context, '[{"time":"t","record":{"n":1.0},"type":"x"}]'), [
        [{ time: 't', record: { n: 1 }, type: 'x', raw: '{"n":1.0}' }],
      ]);
    },
  },
  ...[2_700, 3_000, 100_000].map(
    (depth): Case => ({
      name: `raw: a value nested ${depth} deep keeps its text, and its neighbours are whole`,
      run: async (context) => {
        for (const [open, close] of [
          ['[', ']'],
          ['{"a":', '}'],
          ['[{"a":', '}]'],
        ]) {
          const deep = `${open.repeat(depth)}"\\ud800 ü"${close.repeat(depth)}`;
          const [json] = await receive(
            context,
            `[{"record":"before \\ud83d"},{"time":"t","record": ${deep},"type":"x"},null,{"record":"after"},{"record":1.0}]`,
          );
          const [before, element, nothing, after, last] = json as Record<string, unknown>[];
          equal(
            [before, nothing, after, last],
            [{ record: 'before \ufffd' }, null, { record: 'after' }, { record: 1, raw: '1.0' }],
          );
          equal([element.time, element.type], ['t', 'x']);
          ok(element.raw === deep, `raw: ${String(element.raw).slice(0, 50)}`);
        }
      },
    }),
  ),
  {
    name: 'raw: what is nested deep elsewhere takes nothing along, unless it all is no JSON',
    run: async (context) => {
      const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`;
      const [first, second] = await receive(
        context,
        `[{"x":${deep}},{"record":"after"}]`,
        `[${deep},{"record":"after"}]`,
      );
      for (const json of [first, second])
        equal([(json as unknown[]).length, (json as unknown[])[1]], [2, { record: 'after' }]);
      equal(
        await receive(
          context,
          `[${deep},{]`,
          `[{"record":${deep}},{"record":"x"}`,
          `[{"record":${deep}},{"record":'x'}]`,
        ),
        [undefined, undefined, undefined],
      );
    },
  },
  {
    name: 'raw: a thousand events with and without',
    run: async (context) => {
      const events = Array.from({ length: 1000 }, (_, i) =>
        i % 3 === 0 ? `{"record":{"i":${i}.0}}` : `{"record":"${'x'.repeat(i)}"}`,
      );
      const found = await raws(context, `[${events.join(',')}]`);
      ok(
        found.every((text, i) => text === (i % 3 === 0 ? `{"i":${i}.0}` : undefined)),
        'some are wrong',
      );
    },
  },
];
