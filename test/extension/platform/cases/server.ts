import type { IncomingRequest } from '../../../../extension/platform/types';
import { type Case, shown } from '../inside/case';
import { equal, fails, ok } from '../inside/check';
import { raw } from './raw';

/** The HTTP server when all is well. */
export const server: readonly Case[] = [
  {
    name: 'the handler gets method, path, body and its size',
    run: async (context) => {
      const requests: IncomingRequest[] = [];
      const { port } = await context.serve((request) => {
        requests.push(request);
        return { status: 200 };
      });
      const url = `http://127.0.0.1:${port}/a/b?c=%20d`;
      await context.fetch(url, { method: 'POST', body: '[{"record":"ü"}]' });
      await context.fetch(url);
      equal(
        requests.map(({ digest: _, rows, ...rest }) => ({ ...rest, rows: shown(rows) })),
        [
          { method: 'POST', path: '/a/b?c=%20d', headers: {}, bodyBytes: 17, rows: ['ü'] },
          { method: 'GET', path: '/a/b?c=%20d', headers: {}, bodyBytes: 0, rows: undefined },
        ],
      );
    },
  },
  {
    name: 'the handler gets the headers that it asked for, and no others',
    run: async (context) => {
      const headers: Readonly<Record<string, string>>[] = [];
      const { port } = await context.serve(
        (request) => {
          headers.push(request.headers);
          return { status: 200 };
        },
        { headerNames: ['x-number', 'x-other', 'not a name'] },
      );
      const url = `http://127.0.0.1:${port}/`;
      await context.fetch(url, { headers: { 'X-Number': '7 é', 'x-unwanted': '1' } });
      await context.fetch(url, { headers: { 'x-unwanted': '1' } });
      await raw(context, {
        port,
        send: ['GET / HTTP/1.1\r\nHost: x\r\nX-Other: 1\r\nx-number: 2\r\nX-OTHER: 3\r\n\r\n'],
      });
      const sorted = headers.map((each) => Object.entries(each).sort());
      equal(sorted, [
        [['x-number', '7 é']],
        [],
        [
          ['x-number', '2'],
          ['x-other', '3'],
        ],
      ]);
    },
  },
  {
    name: 'digest: equal for equal bodies, different for any others, and of the bytes as received',
    run: async (context) => {
      const digests: string[] = [];
      const { port } = await context.serve(
        ({ digest }) => {
          digests.push(digest);
          return { status: 200 };
        },
        { maxBodyBytes: 1 << 20 },
      );
      const url = `http://127.0.0.1:${port}/`;
      const long = `["${'x'.repeat(300_000)}"]`;
      // The last two are one and the same to the JSON parser.
      const bodies = [
        '',
        '[]',
        '[ ]',
        '[1]',
        '["a"]',
        '["b"]',
        long,
        long.replace('x"', 'y"'),
        long.replace('"x', '"y'),
        '["\\u0061b"]',
        '["ab"]',
      ];
      for (const body of [...bodies, ...bodies]) await context.fetch(url, { method: 'POST', body });
      equal(digests.slice(0, bodies.length), digests.slice(bodies.length), 'the second time');
      equal(new Set(digests).size, bodies.length, 'different ones');
      ok(
        digests.every((digest) => /^[0-9a-f]{32,}$/.test(digest)),
        digests[0],
      );
      const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n';
      await raw(context, { port, send: [chunked] });
      equal(digests[2 * bodies.length], digests[bodies.indexOf('[1]')], 'in chunks');
    },
  },
  {
    name: 'the handler answers with status and text, at once or later',
    run: async (context) => {
      const { port } = await context.serve(({ path }) =>
        path === '/now' ? { status: 202, body: 'Grüße' } : context.wait(20).then(() => ({ status: 404 })),
      );
      const now = await context.fetch(`http://127.0.0.1:${port}/now`);
      equal([now.status, now.body], [202, 'Grüße']);
      const later = await context.fetch(`http://127.0.0.1:${port}/later`);
      equal([later.status, later.body], [404, '']);
    },
  },
  {
    name: 'a body that is no JSON array is undefined',
    run: async (context) => {
      const bodies: unknown[] = [];
      const { port } = await context.serve(({ rows }) => {
        bodies.push(shown(rows));
        return { status: 200 };
      });
      for (const body of [
        '',
        'text',
        '{"a":1',
        '[1,]',
        '{"a":1} x',
        'null',
        '"x"',
        ' [ ] ',
        '1e3',
        'NaN',
        "{'a':1}",
        '[1]\0',
      ]) {
        await context.fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      }
      equal(bodies, [
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        [],
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    },
  },
  {
    name: 'text in a body survives: invalid UTF-8 and lone surrogates become U+FFFD, other escapes and pairs stay',
    run: async (context) => {
      const bodies: unknown[] = [];
      const { port } = await context.serve(({ rows }) => {
        bodies.push(shown(rows));
        return { status: 200 };
      });
      const send = (body: string | Uint8Array) => context.fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      const head = [...'[{"record":"'].map((character) => character.charCodeAt(0));
      await send(new Uint8Array([...head, 0x61, 0xff, 0x62, 0xc3, 0x22, 0x7d, 0x5d]));
      await send(
        `[${['\\ud83d\\ude00', '\\ud800', '\\uDC00x\\\\ud800', '\\u0000', '😀', '\\t\\u001b[0m'].map((text) => `{"record":"${text}"}`).join(',')}]`,
      );
      equal(bodies, [['a\ufffdb\ufffd'], ['😀', '\ufffd', '\ufffdx\\ud800', '\0', '😀', '\t\u001b[0m']]);
    },
  },
  {
    name: 'several requests pass over one connection, also when sent without waiting',
    run: async (context) => {
      let count = 0;
      const { port } = await context.serve(() => ({ status: 200, body: String((count += 1)) }));
      const one = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]';
      const [{ received, end }] = await raw(context, { port, send: [one + one, one], pauseMs: 20, responses: 3 });
      equal([received.split('HTTP/1.1 200').length - 1, end, count], [3, 'answered', 3]);
    },
  },
  {
    name: 'a chunked body that comes in pieces is put together',
    run: async (context) => {
      let seen: unknown;
      const { port } = await context.serve((request) => {
        seen = shown(request.rows);
        return { status: 200 };
      });
      const send = [
        'POST / HTTP/1.1\r\nHost: x\r\nTransfer-',
        'Encoding: chunked\r\n\r\n5\r\n[{"re\r',
        '\nc\r\ncord":"ab"}]\r\n0',
        '\r\n\r\n',
      ];
      const [{ received }] = await raw(context, { port, send, pauseMs: 10 });
      ok(received.startsWith('HTTP/1.1 200'), received);
      equal(seen, ['ab']);
    },
  },
  {
    name: 'a body of the largest size passes, one byte more is answered 413',
    run: async (context) => {
      const sizes: number[] = [];
      const { port } = await context.serve(
        ({ bodyBytes }) => {
          sizes.push(bodyBytes);
          return { status: 200 };
        },
        { maxBodyBytes: 1000 },
      );
      const url = `http://127.0.0.1:${port}/`;
      equal((await context.fetch(url, { method: 'POST', body: ' '.repeat(1000) })).status, 200);
      equal((await context.fetch(url, { method: 'POST', body: ' '.repeat(1001) })).status, 413);
      const chunk = `400\r\n${' '.repeat(1024)}\r\n`;
      const [{ received }] = await raw(context, {
        port,
        send: ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', chunk, `${chunk}0\r\n\r\n`],
      });
      ok(received.startsWith('HTTP/1.1 413'), received);
      equal((await context.fetch(url, { method: 'POST', body: '[]' })).status, 200, 'afterwards');
      equal(sizes, [1000, 2]);
    },
  },
  {
    name: 'ports: 0 takes a free one, a taken one is EADDRINUSE, a closed one is free again',
    run: async (context) => {
      const first = await context.serve(() => ({ status: 200 }));
      ok(first.port > 0 && first.port < 65536, `port ${first.port}`);
      await fails(
        context.serve(() => ({ status: 200 }), { port: first.port }),
        'EADDRINUSE',
      );
      await context.fetch(`http://127.0.0.1:${first.port}/`);
      first.close();
      first.close();
      await fails(context.fetch(`http://127.0.0.1:${first.port}/`, { maxIdleMs: 0 }), 'ECONNREFUSED', 'ECONNRESET');
      const again = await context.serve(() => ({ status: 201 }), { port: first.port });
      equal((await context.fetch(`http://127.0.0.1:${again.port}/`, { maxIdleMs: 0 })).status, 201);
    },
  },
  {
    name: 'close lets a request that is being answered finish',
    run: async (context) => {
      const closing = await context.serve(async () => {
        closing.close();
        await context.wait(50);
        return { status: 200, body: 'finished' };
      });
      equal((await context.fetch(`http://127.0.0.1:${closing.port}/`)).body, 'finished');
    },
  },
];
