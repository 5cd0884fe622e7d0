import type { HttpRequest, PendingRequest } from '../../../../extension/platform/types';
import type { Case, Context } from '../inside/case';
import { equal, fails, ok } from '../inside/check';
import type { Echo } from '../peers/http-peer';

/** A request that is followed until it has arrived. */
interface Followed extends PendingRequest {
  /** What `onAcknowledged` was called with, call by call. */
  readonly calls: readonly boolean[];
  /** Resolves at the first call with the milliseconds that it took, and rejects where there was none in time. */
  readonly acknowledged: Promise<number>;
}

function follow(context: Context, url: string, request: Partial<HttpRequest> = {}): Followed {
  const { platform } = context;
  const calls: boolean[] = [];
  const start = platform.monotonic();
  let acknowledge!: (tookMs: number) => void;
  const acknowledged = new Promise<number>((resolve, reject) => {
    acknowledge = resolve;
    platform.setTimer(10_000, () => reject(new Error('it was not acknowledged')));
  });
  acknowledged.catch(() => undefined);
  const pending = context.start(url, {
    method: 'POST',
    body: 'some lines',
    ...request,
    onAcknowledged: (reused) => {
      calls.push(reused);
      acknowledge(platform.monotonic() - start);
    },
  });
  return { ...pending, calls, acknowledged };
}

/** What a request that has arrived says before its response does. */
export const acknowledged: readonly Case[] = [
  {
    name: 'onAcknowledged is called when the peer has the whole request, once, and does not wait for an answer',
    run: async (context) => {
      const { http, https, ca } = context.peers;
      for (const base of [http, https]) {
        const followed = follow(context, `${base}/stall`, { body: 'x'.repeat(50_000), tls: { ca } });
        await followed.acknowledged;
        await context.wait(50);
        equal(followed.calls.length, 1, `calls, ${base}`);
        followed.cancel();
        await fails(followed.response, 'ECANCELED');
      }
    },
  },
  {
    name: 'onAcknowledged says whether the request went out on a kept connection, and the answer comes all the same',
    run: async (context) => {
      const url = `${context.peers.http}/late?ms=100`;
      for (const reused of [false, true]) {
        const followed = follow(context, url, reused ? {} : { maxIdleMs: 0 });
        await followed.acknowledged;
        equal(followed.calls, [reused], 'reused');
        equal((JSON.parse((await followed.response).body) as Echo).body, 'some lines');
      }
    },
  },
  {
    name: 'a peer that has answered quickly so far acknowledges at once as well',
    run: async (context) => {
      const { http } = context.peers;
      const took: number[] = [];
      // Several times, as a busy machine may take its time now and then.
      for (let i = 0; i < 6; i++) {
        for (let quick = 0; quick < 3; quick++) {
          await context.fetch(`${http}/late?ms=0`, { method: 'POST', body: 'x'.repeat(3000) });
        }
        const followed = follow(context, `${http}/late?ms=100`, { body: 'x'.repeat(3000) });
        took.push(await followed.acknowledged);
        equal(followed.calls, [true], 'reused');
        await followed.response;
      }
      ok(Math.min(...took) < 20, `it took ${took.map(Math.round).join(', ')} ms`);
    },
  },
  {
    name: 'onAcknowledged is not called while a part of the request has not arrived',
    run: async (context) => {
      const followed = follow(context, `http://${context.peers.silent}/`, { body: new Uint8Array(32 << 20) });
      await context.wait(300);
      equal(followed.calls, []);
      followed.cancel();
      await fails(followed.response, 'ECANCELED');
      equal(followed.calls, []);
    },
  },
  {
    name: 'onAcknowledged is not called where the request is not sent',
    run: async (context) => {
      const refused = follow(context, `http://127.0.0.1:${context.peers.closedPort}/`);
      await fails(refused.response, 'ECONNREFUSED');
      const unusable = follow(context, 'nonsense');
      await fails(unusable.response, 'EINVAL');
      const early = follow(context, `${context.peers.http}/echo`, { maxIdleMs: 0 });
      early.cancel();
      await fails(early.response, 'ECANCELED');
      await context.wait(50);
      equal([refused.calls, unusable.calls, early.calls], [[], [], []]);
    },
  },
  {
    name: 'a request whose arrival is watched is the same as any other',
    run: async (context) => {
      const { http, https, ca } = context.peers;
      const text = 'Grüße 😀'.repeat(20_000);
      for (const base of [http, https]) {
        for (const body of [undefined, '', 'x', 'xy', text, new Uint8Array([0x41, 0xc3, 0xa9])]) {
          const { response } = follow(context, `${base}/late?ms=0`, { body, tls: { ca } });
          const echo = JSON.parse((await response).body) as Echo;
          const expected = typeof body === 'object' ? 'Aé' : (body ?? '');
          equal(echo.body === expected, true, `the body of ${expected.length} characters`);
          equal(echo.headers['content-length'], String(echo.bodyBytes));
        }
      }
    },
  },
  {
    name: 'a connection is idle since the request on it was acknowledged, as the process may have been stopped',
    run: async (context) => {
      const url = `${context.peers.http}/late?ms=150`;
      const first = follow(context, url, { maxIdleMs: 0 });
      await first.acknowledged;
      const { connection } = JSON.parse((await first.response).body) as Echo;
      const second = await context.fetchJson<Echo>(`${context.peers.http}/echo`, { maxIdleMs: 100 });
      ok(second.connection !== connection, 'the connection has been quiet for 150 ms');
    },
  },
];
