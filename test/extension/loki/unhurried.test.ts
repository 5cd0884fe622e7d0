import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../../extension/loki/classify';
import { Latency } from '../../../extension/loki/latency';
import { LokiClient } from '../../../extension/loki/loki-client';
import { settingsOf } from '../support/builders';
import { type Answer, FakePlatform } from '../support/fake-platform';

interface Bench {
  readonly platform: FakePlatform;
  readonly client: LokiClient;
  readonly latency: Latency;
  /** How often a push said that it had arrived. */
  readonly arrivals: () => number;
  /** Starts a push whose answer is not waited for once it has arrived. */
  push(): { outcome: () => Outcome | undefined };
}

/** The first push is stored in 20 ms; then Loki plays one answer after the other. */
async function benchOf(...answers: Answer[]): Promise<Bench> {
  const platform = new FakePlatform();
  const settings = settingsOf();
  const latency = new Latency();
  const client = new LokiClient(platform, { ...settings, url: settings.endpoint!.url }, latency);
  platform.onRequest = (_, index) =>
    [{ status: 204, afterMs: 20 }, ...answers][index] ?? assert.fail('too many requests');
  assert.equal((await platform.until(client.push(client.encode(['{}']), Infinity))).kind, 'stored');
  let arrivals = 0;
  return {
    platform,
    client,
    latency,
    arrivals: () => arrivals,
    push() {
      let outcome: Outcome | undefined;
      const onArrived = (): boolean => ++arrivals > 0;
      void client.push(client.encode(['{}']), 4000, false, { onArrived }).then((value) => (outcome = value));
      return { outcome: () => outcome };
    },
  };
}

test('the answer to a push that has arrived is read after the freeze, however long that was', async () => {
  const { platform, client, latency, arrivals, push } = await benchOf({ status: 204, afterMs: 50, arrivesMs: 2 });
  const pushed = push();
  await platform.advance(2);
  assert.equal(arrivals(), 1);
  await platform.freeze(3_600_000);
  client.thawed();
  await platform.advance(10);
  assert.deepEqual(pushed.outcome(), { kind: 'stored' });
  assert.equal(platform.sent.length, 2, 'nothing was sent again');
  assert.ok(latency.keptMs < 30, 'the freeze says nothing about Loki');
  assert.ok(client.isSteady);
});

test('a second of silence after the thaw: sent again, byte for byte, on a fresh connection', async () => {
  const { platform, client, push } = await benchOf({ hangs: true }, { status: 204, afterMs: 20 });
  const pushed = push();
  await platform.advance(5);
  await platform.freeze(60_000);
  client.thawed();
  await platform.advance(999);
  assert.equal(platform.sent.length, 2);
  await platform.advance(21);
  assert.deepEqual(pushed.outcome(), { kind: 'stored' });
  const [, first, second] = platform.sent.map(({ request }) => request);
  assert.equal(second.body, first.body);
  assert.equal(second.maxIdleMs, 0);
  assert.equal(client.isSteady, false, 'the next one waits for its answer');
});

test('at SHUTDOWN half a second of silence is enough', async () => {
  const { platform, client, push } = await benchOf({ hangs: true }, { status: 204 });
  push();
  await platform.advance(5);
  await platform.freeze(60_000);
  client.thawed();
  client.hurry();
  await platform.advance(499);
  assert.equal(platform.sent.length, 2);
  await platform.advance(1);
  assert.equal(platform.sent.length, 3);
});

test('a connection that was reset in the freeze: sent again at once', async () => {
  const { platform, client, push } = await benchOf(
    { error: 'ECONNRESET', reused: true, afterMs: 1000 },
    { status: 204, afterMs: 20 },
  );
  const pushed = push();
  await platform.advance(5);
  await platform.freeze(60_000);
  client.thawed();
  await platform.advance(20);
  assert.deepEqual(pushed.outcome(), { kind: 'stored' });
  assert.equal(client.isSteady, false);
});

for (const status of [429, 500, 400]) {
  test(`an answer of ${status} after the freeze is an answer, and the next push waits for its own`, async () => {
    const { platform, client, push } = await benchOf({ status, body: 'no', afterMs: 50 });
    const pushed = push();
    await platform.advance(5);
    await platform.freeze(1000);
    client.thawed();
    await platform.advance(1);
    assert.equal(pushed.outcome()?.kind, status === 400 ? 'refused' : 'failed');
    assert.equal(client.isSteady, false);
  });
}

test('on a connection of its own it does not count as arrived, and has the time that connecting takes', async () => {
  const { platform, arrivals, push } = await benchOf({ status: 204, reused: false, arrivesMs: 100, afterMs: 2500 });
  const pushed = push();
  await platform.advance(2500);
  assert.equal(arrivals(), 0);
  assert.deepEqual(pushed.outcome(), { kind: 'stored' });
});

test('what does not arrive on a kept connection is sent again after a second', async () => {
  const { platform, arrivals, push } = await benchOf(
    { hangs: true, arrivesMs: Infinity },
    { status: 204, afterMs: 20 },
  );
  const pushed = push();
  await platform.advance(1019);
  assert.equal(pushed.outcome(), undefined);
  await platform.advance(1);
  assert.deepEqual([pushed.outcome(), arrivals()], [{ kind: 'stored' }, 0]);
});

test('a push that a freeze cuts again and again is not begun anew each time', async () => {
  const { platform, client } = await benchOf({ status: 204, afterMs: 60 });
  let outcome: Outcome | undefined;
  void client.push(client.encode(['{}']), Infinity, false, {}).then((value) => (outcome = value));
  for (let i = 0; i < 6 && outcome === undefined; i++) {
    await platform.advance(10);
    await platform.freeze(5);
    client.thawed();
  }
  assert.deepEqual(outcome, { kind: 'stored' });
  assert.equal(platform.sent.length, 2);
});

test('calling all off ends it, and nothing is sent again', async () => {
  const { platform, client, push } = await benchOf({ hangs: true });
  const pushed = push();
  await platform.advance(5);
  client.cancelAll();
  await platform.advance(5000);
  assert.deepEqual(pushed.outcome(), { kind: 'canceled' });
  assert.equal(platform.timers, 0);
});
