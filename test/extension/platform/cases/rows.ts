import { type Case, type Context, shown } from '../inside/case';
import { equal, ok } from '../inside/check';

/** What the handler sees of bodies, for each of them what {@link shown} shows. */
async function receive(context: Context, members: string[], ...bodies: string[]): Promise<unknown[]> {
  const received: unknown[] = [];
  const options = { members, maxBodyBytes: 10_000_000 };
  const { port } = await context.serve(({ rows }) => {
    received.push(shown(rows, members.length));
    return { status: 200 };
  }, options);
  for (const body of bodies) await context.fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  return received;
}

/** The member `record` of each element. */
async function records(context: Context, body: string): Promise<unknown> {
  return (await receive(context, ['record'], body))[0];
}

/** `ServeOptions.members`. */
export const rows: readonly Case[] = [
  {
    name: 'rows: every value but a string keeps its own text',
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
      equal(await records(context, body), [
        ['12345678901234567890'],
        ['1.0'],
        ['-0'],
        ['1E+2'],
        ['null'],
        ['true'],
        ['false'],
        ['[]'],
        ['{}'],
        ['[1,2,3]'],
        ['{"a":"b c","d":[]}'],
        'text',
        '',
      ]);
    },
  },
  {
    name: 'rows: text inside strings is not touched',
    run: async (context) => {
      const record = '{"a \\" ] }":"\\\\","b":"x \\t  y","ü":"\\u00fc 😀"}';
      equal(await records(context, `[{"record":\n\t${record.replace(',"b"', ' ,\r\n "b"')}}]`), [[record]]);
    },
  },
  {
    name: 'rows: elements that are no objects, or have no such member, are empty',
    run: async (context) => {
      const body = '[1,"record",[{"record":1}],{},{"a":{"record":1}},{"a":"record","b":2},{"record":7},null]';
      equal(await records(context, body), [null, null, null, null, null, null, ['7'], null]);
    },
  },
  {
    name: 'rows: columns are in the order of the names',
    run: async (context) => {
      const body = '[{"type":"x","record":{"n":1.0},"time":"t"},{"time":1,"z":[]},{"record":"\\u0061"}]';
      equal(await receive(context, ['time', 'type', 'record'], body), [
        [
          ['t', 'x', ['{"n":1.0}']],
          [['1'], null, null],
          [null, null, 'a'],
        ],
      ]);
    },
  },
  {
    name: 'rows: keys may be escaped, and the last of equal keys counts',
    run: async (context) => {
      const body =
        '[{"r\\u0065cord":1},{"record":1,"record":2.50},{"record":1,"record":"x"},{"record":"x","\\u0072ecord":[ 1 ]},{"records":1}]';
      equal(await records(context, body), [['1'], ['2.50'], 'x', ['[1]'], null]);
    },
  },
  ...[3_000, 100_000].map(
    (depth): Case => ({
      name: `rows: a value nested ${depth} deep keeps its text, and its neighbours are whole`,
      run: async (context) => {
        for (const [open, close] of [
          ['[', ']'],
          ['{"a":', '}'],
          ['[{"a":', '}]'],
        ]) {
          const deep = `${open.repeat(depth)}"\\ud800 ü"${close.repeat(depth)}`;
          const body = `[{"record":"before \\ud83d"},{"record": ${deep},"type":"x"},{"x":${deep}},{"record":"after"}]`;
          const [before, found, elsewhere, after] = (await records(context, body)) as unknown[];
          equal([before, elsewhere, after], ['before \ufffd', null, 'after']);
          ok((found as string[])[0] === deep, `found: ${String(found).slice(0, 50)}`);
        }
      },
    }),
  ),
  {
    name: 'rows: all of the text has to be JSON',
    run: async (context) => {
      const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`;
      const broken = [`[${deep},{]`, `[{"record":${deep}},{"record":"x"}`, `[{"record":${deep}},{"record":'x'}]`];
      equal(await receive(context, ['record'], ...broken), [undefined, undefined, undefined]);
    },
  },
  {
    name: 'rows: a thousand events with text and without',
    run: async (context) => {
      const events = Array.from({ length: 1000 }, (_, i) =>
        i % 3 === 0 ? `{"record":{"i":${i}.0}}` : `{"record":"${'x'.repeat(i)}"}`,
      );
      const found = (await records(context, `[${events.join(',')}]`)) as unknown[];
      const expected = (i: number): string => (i % 3 === 0 ? `{"i":${i}.0}` : 'x'.repeat(i));
      ok(
        found.every((cell, i) => String(cell) === expected(i)),
        'some are wrong',
      );
    },
  },
];
