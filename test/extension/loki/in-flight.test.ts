import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight, type Unhurried } from '../../../extension/loki/in-flight';
import type { HttpRequest, HttpResponse } from '../../../extension/platform/types';
import { FakePlatform } from '../support/fake-platform';

interface Bench {
  readonly one: InFlight;
  readonly request: HttpRequest;
  readonly platform: FakePlatform;
  canceled: boolean;
}

function bench(limits: { reusedMs: number; connected?: boolean }, unhurried?: Unhurried): Bench {
  const platform = new FakePlatform();
  let sent: HttpRequest | undefined;
  const parts = {
    now: platform.now,
    setTimer: platform.setTimer,
    request: (request: HttpRequest) => {
      sent = request;
      return { response: new Promise<HttpResponse>(() => undefined), cancel: () => void (result.canceled = true) };
    },
  };
  const one = new InFlight(
    parts,
    { method: 'POST', url: 'http://loki', headers: {} },
    { reusedMs: limits.reusedMs, fullMs: 3000 },
    limits.connected ?? true,
    unhurried,
  );
  const result: Bench = { one, request: sent!, platform, canceled: false };
  return result;
}

test('a connection of its own is used where none is kept, or none may be used', () => {
  assert.equal(bench({ reusedMs: 500 }).one.onFresh, false);
  assert.equal(bench({ reusedMs: 0 }).one.onFresh, true);
  assert.equal(bench({ reusedMs: 500, connected: false }).one.onFresh, true);
});

test('a push that no freeze can cut sets no limits of its own: its request has them', async () => {
  const result = bench({ reusedMs: 500 });
  assert.deepEqual(result.request, { method: 'POST', url: 'http://loki', headers: {} });
  await result.platform.advance(60_000);
  assert.deepEqual([result.canceled, result.one.patience], [false, undefined]);
});

test('otherwise its time is up after the limit of the connection that it has', async () => {
  for (const [connected, ms] of [
    [true, 500],
    [false, 3000],
  ] as const) {
    const result = bench({ reusedMs: 500, connected }, {});
    await result.platform.advance(ms - 1);
    assert.deepEqual([result.canceled, result.one.outOfTime], [false, false]);
    await result.platform.advance(1);
    assert.deepEqual([result.canceled, result.one.outOfTime], [true, true]);
  }
});

test('one that turns out to have connected first has the time for that', async () => {
  const result = bench(
    { reusedMs: 500 },
    { onArrived: () => assert.fail('not on a connection that has proved itself') },
  );
  await result.platform.advance(400);
  result.request.onAcknowledged!(false);
  assert.equal(result.one.onFresh, true);
  await result.platform.advance(2999);
  assert.equal(result.canceled, false);
  await result.platform.advance(1);
  assert.equal(result.canceled, true);
});

test('an answer that is not waited for has no limit before the thaw, and one afterwards; the time it took means nothing', async () => {
  const result = bench({ reusedMs: 500 }, { onArrived: () => true });
  result.request.onAcknowledged!(true);
  assert.equal(result.one.frozen, true);
  await result.platform.advance(60_000);
  assert.equal(result.canceled, false);
  result.one.thawed(1000);
  await result.platform.advance(999);
  assert.equal(result.canceled, false);
  await result.platform.advance(1);
  assert.equal(result.canceled, true);
});

test('a thaw gives no further time where the answer was waited for, or has been given time already', async () => {
  const waited = bench({ reusedMs: 500 }, { onArrived: () => false });
  waited.request.onAcknowledged!(true);
  assert.equal(waited.one.frozen, false);
  await waited.platform.advance(400);
  waited.one.thawed(1000);
  assert.equal(waited.one.frozen, true);
  await waited.platform.advance(100);
  assert.equal(waited.canceled, true);

  const twice = bench({ reusedMs: 500 }, { onArrived: () => true });
  twice.request.onAcknowledged!(true);
  twice.one.thawed(1000);
  await twice.platform.advance(900);
  twice.one.thawed(1000);
  await twice.platform.advance(100);
  assert.equal(twice.canceled, true);
});
