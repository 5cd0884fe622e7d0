import { type Case, shown } from '../inside/case';
import { equal, ok } from '../inside/check';
import { raw } from './raw';

const REQUEST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]';

/** The HTTP server against clients that misbehave. After each of them, it still serves. */
export const serverFaults: readonly Case[] = [
  {
    name: 'a handler that throws, rejects or answers nonsense: 500, and it goes on',
    run: async (context) => {
      const { port } = await context.serve(({ path }) => {
        if (path === '/throw') throw new Error('on purpose: thrown');
        if (path === '/reject') return Promise.reject(new Error('on purpose: rejected'));
        if (path === '/status') return { status: 99999 };
        if (path === '/nothing') return undefined as never;
        return { status: 200 };
      });
      for (const path of ['/throw', '/reject', '/status', '/nothing'])
        equal((await context.fetch(`http://127.0.0.1:${port}${path}`)).status, 500, path);
      equal((await context.fetch(`http://127.0.0.1:${port}/`)).status, 200);
    },
  },
  {
    name: 'what is not HTTP is answered 400 or cut off',
    run: async (context) => {
      const { port } = await context.serve(() => ({ status: 200 }));
      const bad = [
        'nonsense\r\n\r\n',
        'GET\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        'GET / HTTP/1.1\r\nbad header\r\n\r\n',
        '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n',
        `GET /${'a'.repeat(200_000)} HTTP/1.1\r\n\r\n`,
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      ];
      const conversations = await raw(context, ...bad.map((text) => ({ port, send: [text, '\r\n\r\n'], pauseMs: 5 })));
      conversations.forEach(({ received, end }, i) =>
        ok(
          end !== 'limit' && (received === '' || /^HTTP\/1\.[01] (4|505)/.test(received)),
          `${JSON.stringify(bad[i].slice(0, 30))}: ${end}, ${received}`,
        ),
      );
      equal((await context.fetch(`http://127.0.0.1:${port}/`)).status, 200);
    },
  },
  {
    name: 'JSON nested a hundred thousand deep does no harm',
    run: async (context) => {
      let seen: unknown = 'not called';
      const { port } = await context.serve(
        (request) => {
          seen = request.path === '/whole' ? request.rows?.count() : shown(request.rows);
          return { status: 200 };
        },
        { maxBodyBytes: 10_000_000 },
      );
      const deep = '['.repeat(100_000);
      const url = `http://127.0.0.1:${port}/`;
      equal((await context.fetch(url, { method: 'POST', body: deep })).status, 200);
      equal(seen, undefined, 'unclosed');
      equal((await context.fetch(`${url}whole`, { method: 'POST', body: deep + ']'.repeat(100_000) })).status, 200);
      equal(
        (
          await context.fetch(`${url}whole`, {
            method: 'POST',
            body: `[{"record":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}]`,
          })
        ).status,
        200,
      );
      equal(seen, 1);
      equal((await context.fetch(url, { method: 'POST', body: '[1]' })).status, 200);
      equal(seen, [null]);
    },
  },
  {
    name: 'a body far over the limit is answered 413 while it is being sent',
    run: async (context) => {
      let reached = false;
      const { port } = await context.serve(() => ((reached = true), { status: 200 }), { maxBodyBytes: 1000 });
      const mega = 'x'.repeat(1 << 20);
      const [{ received, end }] = await raw(context, {
        port,
        send: [`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 << 20}\r\n\r\n`, mega],
        times: 100,
      });
      ok(received.startsWith('HTTP/1.1 413') || end === 'reset', `${end}: ${received}`);
      equal(reached, false, 'handler called');
      equal((await context.fetch(`http://127.0.0.1:${port}/`)).status, 200);
    },
  },
  {
    name: 'a client that goes away in the middle of a request does no harm',
    run: async (context) => {
      let calls = 0;
      const { port } = await context.serve(async ({ path }) => {
        calls += 1;
        if (path === '/') await context.wait(50);
        return { status: 200 };
      });
      const half = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[';
      const gone = { port, limitMs: 20 };
      await raw(
        context,
        { ...gone, send: [half] },
        { ...gone, send: [half.slice(0, 30)] },
        { ...gone, send: [REQUEST] },
        { ...gone, send: [''] },
      );
      await context.wait(100);
      equal((await context.fetch(`http://127.0.0.1:${port}/after`)).status, 200);
      equal(calls, 2, 'requests that reached the handler');
    },
  },
  {
    name: 'a thousand connections at once are all answered',
    notOnNode: 'Node.js closes connections over the limit instead of leaving them in the queue',
    run: async (context) => {
      const { port } = await context.serve(() => ({ status: 200 }), { maxConnections: 16 });
      const closing = REQUEST.replace('Host', 'Connection: close\r\nHost');
      const conversations = await raw(
        context,
        ...Array.from({ length: 1000 }, () => ({ port, send: [closing], limitMs: 20_000 })),
      );
      equal(conversations.filter(({ received }) => received.startsWith('HTTP/1.1 200')).length, 1000);
    },
  },
  {
    name: 'connections that do nothing make room for others',
    notOnNode: 'Node.js closes connections over the limit instead of leaving them in the queue',
    run: async (context) => {
      const { port } = await context.serve(() => ({ status: 200 }), { maxConnections: 2 });
      const idle = { port, send: [''], limitMs: 10_000 };
      const holding = raw(context, { ...idle }, { ...idle, send: ['POST / HT'] });
      await context.wait(100);
      equal((await context.fetch(`http://127.0.0.1:${port}/`)).status, 200);
      await context.fetch(`http://127.0.0.1:${port}/`, { maxIdleMs: 0 });
      equal(
        (await holding).map(({ end }) => end),
        ['closed', 'closed'],
      );
    },
  },
  ...[
    ['idle', ''],
    ['in the middle of a head', 'POST / HT'],
    ['in the middle of a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n['],
  ].map(
    ([what, text]): Case => ({
      name: `a hundred connections that stay ${what} delay nobody`,
      notOnNode: 'Node.js closes connections over the limit instead of leaving them in the queue',
      run: async (context) => {
        const { port } = await context.serve(() => ({ status: 200 }), { maxConnections: 32 });
        void raw(context, ...Array.from({ length: 100 }, () => ({ port, send: [text], limitMs: 5_000 })));
        // Each 32 of them get 100 ms.
        await context.wait(600);
        for (let i = 0; i < 3; i++) {
          const start = context.platform.monotonic();
          equal((await context.fetch(`http://127.0.0.1:${port}/`, { maxIdleMs: 0 })).status, 200);
          const took = context.platform.monotonic() - start;
          // Some milliseconds; the rest is for machines that are busy.
          ok(took < 100, `it took ${took} ms`);
        }
      },
    }),
  ),
  {
    name: 'requests that are being answered keep their connection, however many others wait',
    notOnNode: 'Node.js closes connections over the limit instead of leaving them in the queue',
    run: async (context) => {
      const { port } = await context.serve(() => context.wait(300).then(() => ({ status: 200 })), {
        maxConnections: 4,
      });
      const conversations = await raw(
        context,
        ...Array.from({ length: 20 }, () => ({ port, send: [REQUEST], limitMs: 20_000 })),
      );
      equal(conversations.filter(({ received }) => received.startsWith('HTTP/1.1 200')).length, 20);
    },
  },
  {
    name: 'a body that stalls is given up after about ten seconds',
    notOnNode: 'Node.js has a limit of its own, of five minutes',
    run: async (context) => {
      const { port } = await context.serve(() => ({ status: 200 }));
      const send = ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n['];
      const [{ received }] = await raw(context, { port, send, limitMs: 20_000 });
      ok(received.startsWith('HTTP/1.1 408'), received);
    },
  },
];
