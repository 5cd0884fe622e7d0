import type { Case } from '../inside/case';
import { equal, ok } from '../inside/check';
import type { Echo } from '../peers/http-peer';

/** The HTTP client when all is well. */
export const client: readonly Case[] = [
  {
    name: 'a request goes out as described',
    run: async (context) => {
      const echo = await context.fetchJson<Echo>(`${context.peers.http}/some/path?query=1&b=%20#fragment`, {
        method: 'PUT',
        headers: { 'X-Custom': 'value', 'content-type': 'text/plain', 'x-empty': '' },
        body: 'Grüße 😀',
      });
      equal([echo.method, echo.path, echo.body, echo.bodyBytes], ['PUT', '/some/path?query=1&b=%20', 'Grüße 😀', 12]);
      equal(
        [echo.headers['x-custom'], echo.headers['content-type'], echo.headers['x-empty']],
        ['value', 'text/plain', ''],
      );
      equal(echo.headers['content-length'], '12');
      equal(`http://${echo.headers.host}`, context.peers.http, 'host');
    },
  },
  {
    name: 'bodies are strings, bytes, parts of buffers, empty or absent',
    run: async (context) => {
      const url = `${context.peers.http}/echo`;
      const bytes = new Uint8Array([0x41, 0xc3, 0xa9, 0x42, 0x43]);
      const send = (body?: string | Uint8Array) => context.fetchJson<Echo>(url, { method: 'POST', body });
      equal((await send(bytes)).body, 'AéBC');
      equal((await send(bytes.subarray(1, 4))).body, 'éB');
      equal((await send('a\ud800b')).body, 'a\ufffdb');
      equal((await send('')).headers['content-length'], '0');
      equal((await send(undefined)).headers['content-length'], '0');
      equal((await context.fetchJson<Echo>(url)).headers['content-length'], undefined, 'length of a GET');
    },
  },
  {
    name: 'response headers are in lower case, the last of a repeated one',
    run: async (context) => {
      const { headers, status, body } = await context.fetch(`${context.peers.http}/headers`);
      equal(
        [status, body, headers['x-mixed-case'], headers['x-twice'], headers['x-latin']],
        [200, '', 'Value', 'two', 'café'],
      );
    },
  },
  {
    name: 'every status is a response',
    run: async (context) => {
      for (const code of [200, 204, 304, 301, 400, 404, 429, 500, 503, 599]) {
        equal((await context.fetch(`${context.peers.http}/status?code=${code}`)).status, code);
      }
    },
  },
  {
    name: 'invalid UTF-8 in a response becomes U+FFFD',
    run: async (context) => {
      equal((await context.fetch(`${context.peers.http}/bytes?hex=61ff62e282ac`)).body, 'a\ufffdb€');
    },
  },
  {
    name: 'chunked, informational, HTTP/1.0 and unmeasured responses are read',
    run: async (context) => {
      const bodies = [];
      for (const page of ['chunks', 'informational', 'old', 'until-close'])
        bodies.push((await context.fetch(`${context.peers.http}/${page}`, { maxIdleMs: 0 })).body);
      equal(bodies, ['one two three', 'real', 'old', 'to the end']);
    },
  },
  {
    name: 'HEAD has no body',
    run: async (context) => {
      const { status, body } = await context.fetch(`${context.peers.http}/large?bytes=1000`, { method: 'HEAD' });
      equal([status, body], [200, '']);
      equal((await context.fetch(`${context.peers.http}/bytes?hex=6f6b`)).body, 'ok');
    },
  },
  {
    name: 'a connection is kept and used again',
    run: async (context) => {
      const first = await context.fetchJson<Echo>(`${context.peers.http}/echo`, { maxIdleMs: 0 });
      const second = await context.fetchJson<Echo>(`${context.peers.http}/echo`, { method: 'POST', body: 'x' });
      equal([second.connection, second.request], [first.connection, 2]);
    },
  },
  {
    name: 'maxIdleMs keeps a request off connections that were idle too long',
    run: async (context) => {
      const url = `${context.peers.http}/echo`;
      const first = await context.fetchJson<Echo>(url, { maxIdleMs: 0 });
      await context.wait(60);
      const second = await context.fetchJson<Echo>(url, { maxIdleMs: 50 });
      ok(second.connection !== first.connection, 'the connection was idle for longer than 50 ms');
      const third = await context.fetchJson<Echo>(url, { maxIdleMs: 5000 });
      equal(third.connection, second.connection, 'connection');
      ok(
        (await context.fetchJson<Echo>(url, { maxIdleMs: 0 })).connection !== third.connection,
        '0 must force a new one',
      );
    },
  },
  {
    name: 'finding 25: a connection that has become too old is closed, at the next request to anywhere at the latest',
    run: async (context) => {
      const { http, https, ca } = context.peers;
      const closed = async (): Promise<number> => Number((await context.fetch(`${http}/closed`)).body);
      await closed();
      await context.wait(50);
      const before = await closed();
      await context.fetch(`${http}/echo`, { maxIdleMs: 30 });
      await context.wait(60);
      await context.fetch(https, { tls: { ca }, maxIdleMs: 0 });
      await context.wait(30);
      equal((await closed()) - before, 1, 'connections that were closed');
    },
  },
  {
    name: 'requests at the same time use connections of their own',
    run: async (context) => {
      const echoes = await Promise.all(
        Array.from({ length: 50 }, (_, i) => context.fetchJson<Echo>(`${context.peers.http}/echo?${i}`)),
      );
      equal(
        echoes.map(({ path }) => path),
        Array.from({ length: 50 }, (_, i) => `/echo?${i}`),
      );
    },
  },
  {
    name: 'large bodies pass in both directions',
    run: async (context) => {
      const bytes = 20_000_000;
      const echo = await context.fetchJson<Echo>(`${context.peers.http}/echo?`, {
        method: 'POST',
        body: 'x'.repeat(1000),
        maxIdleMs: 0,
      });
      equal(echo.bodyBytes, 1000);
      equal((await context.fetch(`${context.peers.http}/large?bytes=${bytes}`)).body.length, bytes);
      const big = new Uint8Array(bytes).fill(120);
      equal((await context.fetch(`${context.peers.http}/status?code=200`, { method: 'POST', body: big })).status, 200);
    },
  },
  {
    name: 'maxResponseBytes cuts the body and gives up the connection',
    run: async (context) => {
      const before = await context.fetchJson<Echo>(`${context.peers.http}/echo`);
      equal(
        (await context.fetch(`${context.peers.http}/large?bytes=1000000`, { maxResponseBytes: 1000 })).body.length,
        1000,
      );
      const after = await context.fetchJson<Echo>(`${context.peers.http}/echo`);
      ok(after.connection !== before.connection, 'the connection was used again with the rest of the body still on it');
      equal(
        (await context.fetch(`${context.peers.http}/large?bytes=1000`, { maxResponseBytes: 1000 })).body.length,
        1000,
      );
    },
  },
  {
    name: 'host names and IPv6 addresses work',
    run: async (context) => {
      const { http, http6 } = context.peers;
      equal((await context.fetchJson<Echo>(http.replace('127.0.0.1', 'localhost'))).path, '/');
      if (http6 !== undefined) equal(`http://${(await context.fetchJson<Echo>(http6)).headers.host}`, http6);
    },
  },
];
