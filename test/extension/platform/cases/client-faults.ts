import type { HttpRequest } from '../../../../extension/platform/types';
import type { Case } from '../inside/case';
import { equal, fails, ok } from '../inside/check';
import type { Echo } from '../peers/http-peer';

/** The HTTP client when something is wrong. */
export const clientFaults: readonly Case[] = [
  {
    name: "what can't be sent is EINVAL, and no secret is in the message",
    run: async (context) => {
      const { http } = context.peers;
      const bad: Partial<HttpRequest>[] = [
        { url: '' },
        { url: 'example.com/path' },
        { url: 'ftp://127.0.0.1/' },
        { url: 'http://' },
        { url: 'http://127.0.0.1:99999/' },
        { headers: { 'a b': 'c' } },
        { headers: { authorization: 'Bearer hunter2\r\nx: y' } },
        { headers: { authorization: 'hunter2 \u4e16' } },
        { method: 'GE T' },
        { proxy: 'hunter2' },
        { proxy: 'http://user:hunter2@' },
      ];
      for (const part of bad) {
        const error = await fails(context.fetch(http, part), 'EINVAL');
        ok(!/hunter2/.test(error.message), `a secret is in the message: ${error.message}`);
      }
    },
  },
  {
    name: 'request itself never throws',
    run: async ({ platform }) => {
      const pending = platform.request({ method: 'GET', url: 'nonsense', headers: {} });
      pending.cancel();
      pending.cancel();
      await fails(pending.response, 'EINVAL', 'ECANCELED');
    },
  },
  {
    name: 'nobody listens: ECONNREFUSED',
    run: async (context) => {
      const { closedPort } = context.peers;
      const error = await fails(context.fetch(`http://127.0.0.1:${closedPort}/`), 'ECONNREFUSED');
      ok(error.reused !== true, 'the connection was not a kept one');
      ok(error.message.includes(String(closedPort)), `the message does not say where: ${error.message}`);
      await fails(context.fetch(`http://localhost:${closedPort}/`), 'ECONNREFUSED');
    },
  },
  {
    name: 'a name that does not exist: ENOTFOUND',
    run: async (context) => {
      const error = await fails(context.fetch('http://no-such-host.invalid/'), 'ENOTFOUND');
      ok(error.message.includes('no-such-host.invalid'), `the message does not name it: ${error.message}`);
    },
  },
  {
    name: 'no answer in time: ETIMEDOUT',
    run: async (context) => {
      const { platform, peers } = context;
      for (const url of [`${peers.http}/stall`, `${peers.http}/drip`, `http://${peers.silent}/`]) {
        const start = platform.monotonic();
        await fails(context.fetch(url, { timeoutMs: 100 }), 'ETIMEDOUT');
        const took = platform.monotonic() - start;
        ok(took >= 99 && took < 1000, `it took ${took} ms`);
      }
    },
  },
  {
    name: 'a response in time is not touched by the limit later on',
    run: async (context) => {
      const { body } = await context.fetch(`${context.peers.http}/bytes?hex=6f6b`, { timeoutMs: 300 });
      await context.wait(350);
      equal(body, 'ok');
      equal((await context.fetch(`${context.peers.http}/bytes?hex=6f6b`)).body, 'ok');
    },
  },
  {
    name: 'reusedTimeoutMs limits a request on a kept connection only',
    run: async (context) => {
      const url = `${context.peers.http}/stall-when-reused`;
      equal((await context.fetch(url, { maxIdleMs: 0, reusedTimeoutMs: 100 })).body, 'first');
      const start = context.platform.monotonic();
      const error = await fails(context.fetch(url, { reusedTimeoutMs: 100 }), 'ETIMEDOUT');
      equal(error.reused, true, 'reused');
      ok(context.platform.monotonic() - start < 1000, 'it waited for the longer limit');
      const fresh = await fails(
        context.fetch(`${context.peers.http}/stall`, { maxIdleMs: 0, timeoutMs: 200, reusedTimeoutMs: 10 }),
        'ETIMEDOUT',
      );
      ok(fresh.reused !== true, 'the connection was not a kept one');
      equal((await context.fetch(url, { maxIdleMs: 0 })).body, 'first', 'afterwards');
    },
  },
  {
    name: 'a kept connection that breaks before the answer: ECONNRESET, reused',
    run: async (context) => {
      const url = `${context.peers.http}/close-when-reused`;
      equal((await context.fetch(url, { maxIdleMs: 0 })).body, 'first');
      const error = await fails(context.fetch(url, { method: 'POST', body: 'x' }), 'ECONNRESET');
      equal(error.reused, true, 'reused');
      equal((await context.fetch(url, { maxIdleMs: 0 })).body, 'first', 'on a new connection');
    },
  },
  {
    name: 'a kept connection that was closed meanwhile is not used',
    run: async (context) => {
      equal((await context.fetch(`${context.peers.http}/close-after`, { maxIdleMs: 0 })).body, 'closing soon');
      await context.wait(100);
      equal((await context.fetchJson<Echo>(`${context.peers.http}/echo?after`)).path, '/echo?after');
    },
  },
  {
    name: 'a new connection that breaks: ECONNRESET, not reused',
    run: async (context) => {
      const error = await fails(context.fetch(`http://${context.peers.hangUp}/`), 'ECONNRESET');
      ok(error.reused !== true, 'the connection was not a kept one');
    },
  },
  {
    name: 'a response that is cut short: ECONNRESET',
    run: async (context) => {
      await fails(context.fetch(`${context.peers.http}/cut`), 'ECONNRESET');
    },
  },
  {
    name: 'an answer that comes while the body is still being sent is the answer',
    run: async (context) => {
      const { status, body } = await context.fetch(`${context.peers.http}/early`, {
        method: 'POST',
        body: new Uint8Array(20_000_000),
      });
      equal([status, body], [413, 'too long']);
    },
  },
  {
    name: 'a peer that does not speak HTTP/1.1: EPROTO',
    run: async (context) => {
      for (const page of ['garbage', 'bad-chunk', 'huge-head']) {
        await fails(context.fetch(`${context.peers.http}/${page}`), 'EPROTO');
      }
    },
  },
  {
    name: 'cancel rejects with ECANCELED and closes the connection',
    run: async (context) => {
      const { http } = context.peers;
      const closed = async () => Number((await context.fetch(`${http}/closed`)).body);
      const before = await closed();
      const pending = context.start(`${http}/stall`, { maxIdleMs: 0 });
      await context.wait(50);
      pending.cancel();
      pending.cancel();
      await fails(pending.response, 'ECANCELED');
      await context.wait(50);
      ok((await closed()) > before, 'the peer still has the connection');
      const early = context.start(`${http}/echo`);
      early.cancel();
      await fails(early.response, 'ECANCELED');
    },
  },
  {
    name: 'cancel after the response changes nothing',
    run: async (context) => {
      const pending = context.start(`${context.peers.http}/bytes?hex=6f6b`);
      equal((await pending.response).body, 'ok');
      pending.cancel();
      equal((await pending.response).body, 'ok');
      equal((await context.fetch(`${context.peers.http}/bytes?hex=6f6b`)).body, 'ok');
    },
  },
];
