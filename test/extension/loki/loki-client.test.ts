import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latency } from '../../../extension/loki/latency';
import { LokiClient } from '../../../extension/loki/loki-client';
import { platformError } from '../../../extension/platform/errors';
import { ENDPOINT, settingsOf } from '../support/builders';
import { type Answer, FakePlatform } from '../support/fake-platform';

function benchOf(env: Record<string, string> = {}): {
  platform: FakePlatform;
  client: LokiClient;
  latency: Latency;
  push: (limitMs?: number) => ReturnType<LokiClient['push']>;
} {
  const platform = new FakePlatform();
  const settings = settingsOf(env);
  const latency = new Latency();
  const client = new LokiClient(platform, { ...settings, url: settings.endpoint!.url }, latency);
  return { platform, client, latency, push: (limitMs = Infinity) => client.push(client.encode(['{}']), limitMs) };
}

/** Plays one answer after the other. */
const script = (platform: FakePlatform, ...answers: Answer[]): void => {
  platform.onRequest = (_, index) => answers[index] ?? assert.fail(`request ${index + 1} was not expected`);
};

test('a push is a POST of JSON to the endpoint', async () => {
  const { platform, push } = benchOf();
  assert.deepEqual(await platform.until(push()), { kind: 'stored' });
  const { method, url, headers, body } = platform.sent[0].request;
  assert.deepEqual({ method, url, body: String(body) }, { method: 'POST', url: ENDPOINT, body: '{}' });
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['user-agent'], /^lambdawatch\/\d/);
  assert.deepEqual(Object.keys(headers).sort(), ['content-type', 'user-agent']);
});

test('credentials, tenant and encoding are headers', async () => {
  const { platform, client } = benchOf({
    LOKI_API_KEY: 'k',
    LOKI_TENANT_ID: 'team-a',
    LOKI_COMPRESSION_THRESHOLD: '0',
  });
  await platform.until(client.push(client.encode(['{}']), Infinity));
  const { headers, body } = platform.sent[0].request;
  assert.deepEqual(
    [headers.authorization, headers['x-scope-orgid'], headers['content-encoding']],
    ['Bearer k', 'team-a', 'gzip'],
  );
  assert.equal(Buffer.from(body!).toString(), 'gz:{}');
});

test('bodies of up to the threshold, in bytes, go uncompressed, one byte more is compressed', () => {
  const { client } = benchOf({ LOKI_COMPRESSION_THRESHOLD: '1000' });
  const plain = client.encode(['x'.repeat(999), 'x']);
  assert.deepEqual([String(plain.body), plain.gzip, plain.bytes], ['x'.repeat(1000), false, 1000]);
  assert.equal(client.encode(['x'.repeat(1001)]).gzip, true);
  assert.equal(client.encode(['ä'.repeat(500)]).gzip, false);
  assert.equal(client.encode(['ä'.repeat(501)]).gzip, true);
  assert.equal(benchOf({ LOKI_ENABLE_GZIP: 'false' }).client.encode(['x'.repeat(100_000)]).gzip, false);
  assert.equal(benchOf().client.encode(['x'.repeat(1024)]).gzip, false, 'default 1024');
  assert.equal(benchOf().client.encode(['x'.repeat(1025)]).gzip, true);
});

test('takes no longer than the request timeout, or the limit given if that is shorter', async () => {
  for (const [limitMs, took] of [
    [Infinity, 3000],
    [200, 200],
  ]) {
    const { platform, push } = benchOf();
    platform.onRequest = () => ({ hangs: true });
    const before = platform.monotonic();
    assert.equal((await platform.until(push(limitMs))).kind, 'failed');
    assert.equal(platform.monotonic() - before, took);
    assert.equal(platform.sent.length, 1);
  }
});

for (const error of ['ECONNRESET', 'EPROTO'] as const) {
  test(`${error} on a kept connection: sent again at once on a fresh one, byte for byte`, async () => {
    const { platform, push } = benchOf({ LOKI_COMPRESSION_THRESHOLD: '0' });
    script(platform, { error, reused: true }, { status: 204 });
    const before = platform.monotonic();
    assert.deepEqual(await platform.until(push()), { kind: 'stored' });
    assert.equal(platform.monotonic(), before, 'without a pause');
    const [first, second] = platform.sent.map(({ request }) => request);
    assert.equal(second.maxIdleMs, 0, 'a fresh connection');
    assert.equal(first.maxIdleMs, 45_000, 'a connection is trusted for 45 s');
    assert.equal(second.body, first.body);
    assert.deepEqual(second.headers, first.headers);
  });
}

test('silence on a kept connection costs a second, not the whole timeout, and both together no more than the timeout', async () => {
  const { platform, push } = benchOf();
  script(platform, { hangs: true, reused: true }, { hangs: true });
  const before = platform.monotonic();
  assert.equal((await platform.until(push())).kind, 'failed');
  assert.deepEqual(
    platform.sent.map(({ at, tookMs }) => [at - before, tookMs]),
    [
      [0, 1000],
      [1000, 2000],
    ],
  );
});

test('a failure on a fresh connection is not sent again here', async () => {
  for (const answer of [
    { error: 'ECONNRESET' },
    { error: 'ECONNREFUSED' },
    { error: 'ENOTFOUND' },
    { error: 'ETLS' },
    { status: 503 },
    { status: 503, reused: true },
  ] as Answer[]) {
    const { platform, push } = benchOf();
    script(platform, answer);
    assert.equal((await platform.until(push())).kind, 'failed', JSON.stringify(answer));
  }
});

test('the fresh one fails as well: that is the outcome, and there is no third', async () => {
  const { platform, push } = benchOf();
  script(platform, { error: 'ECONNRESET', reused: true }, { error: 'ECONNREFUSED', message: 'refused', reused: false });
  assert.equal((await platform.until(push())).kind, 'failed');
  assert.equal(platform.sent.length, 2);
});

test('what a try on a dead connection may have brought is not declared missing by the answer to the next try', async () => {
  for (const [answer, kind] of [
    [{ error: 'ECONNREFUSED', reused: false }, 'failed'],
    [{ status: 503 }, 'failed'],
    [{ status: 429 }, 'failed'],
    [{ status: 401 }, 'denied'],
  ] as [Answer, string][]) {
    const { platform, push } = benchOf();
    script(platform, { error: 'ECONNRESET', reused: true }, answer);
    const outcome = await platform.until(push());
    assert.equal(outcome.kind, kind);
    assert.equal('perhapsStored' in outcome && outcome.perhapsStored, true, JSON.stringify(answer));
  }
  const { platform, push } = benchOf();
  script(platform, { error: 'ECONNREFUSED', message: 'refused' });
  assert.deepEqual(await platform.until(push()), { kind: 'failed', reason: 'refused', notStored: true });
});

test("a request that a freeze cut is not Loki's failure: it is sent again with the whole time", async () => {
  const { platform, push } = benchOf();
  script(platform, { hangs: true }, { status: 204, afterMs: 2900 });
  const outcome = push();
  await platform.settle();
  await platform.freeze(3_600_000);
  assert.deepEqual(await platform.until(outcome), { kind: 'stored' });
  assert.equal(platform.sent[1].request.maxIdleMs, 0);
  assert.equal(platform.sent[1].request.timeoutMs, 3000);
  const [first] = platform.sent;
  assert.equal(first.request.timeoutMs, 3000);
  assert.equal(first.request.reusedTimeoutMs! > 0 && first.request.reusedTimeoutMs! <= 3000, true);
});

test('called off: nothing is sent again, nothing is left in flight', async () => {
  const { platform, client, push } = benchOf();
  script(platform, { hangs: true, reused: true }, { hangs: true });
  const outcomes = [push(), push()];
  await platform.settle();
  assert.equal(client.inFlight, 2);
  client.cancelAll();
  assert.deepEqual(await platform.until(Promise.all(outcomes)), [{ kind: 'canceled' }, { kind: 'canceled' }]);
  assert.equal(client.inFlight, 0);
  assert.equal(platform.inFlight, 0);
});

test('called off in the very moment in which a kept connection turns out to be dead: nothing is sent again', async () => {
  const { platform, client, push } = benchOf();
  let sent = 0;
  let fail!: (error: Error) => void;
  platform.request = () => {
    sent++;
    return { response: new Promise((_, reject) => (fail = reject)), cancel: () => undefined };
  };
  const outcome = push();
  fail(platformError('ECONNRESET', 'reset', { reused: true }));
  client.cancelAll();
  assert.deepEqual(await outcome, { kind: 'canceled' });
  assert.equal(sent, 1);
});

test('an error of unknown kind does not escape', async () => {
  const { platform, push } = benchOf();
  platform.request = () => ({ response: Promise.reject(new TypeError('odd')), cancel: () => undefined });
  assert.deepEqual(await push(), { kind: 'failed', reason: 'odd' });
});

/** The times, from the beginning, at which something was sent, and how long it was waited for. */
const times = (platform: FakePlatform, from: number): (number | undefined)[][] =>
  platform.sent.map(({ at, tookMs }) => [at - from, tookMs]);

test('at the last chance a push without an answer is sent again beside the first, on a fresh connection', async () => {
  const { platform, client, latency } = benchOf();
  latency.note(40, false);
  script(platform, { hangs: true }, { hangs: true }, { status: 204, afterMs: 40 });
  const before = platform.monotonic();
  assert.deepEqual(await platform.until(client.push(client.encode(['{}']), 1880, true)), { kind: 'stored' });
  assert.deepEqual(times(platform, before), [
    [0, 1040],
    [500, 540],
    [1000, 40],
  ]);
  assert.deepEqual(new Set(platform.sent.map(({ request }) => String(request.body))), new Set(['{}']));
  assert.deepEqual(
    platform.sent.slice(1).map(({ request }) => request.maxIdleMs),
    [0, 0],
  );
  assert.deepEqual([platform.inFlight, platform.timers, client.inFlight], [0, 0, 0]);
});

test('at the last chance the first answer counts, whichever try it is of, and an error waits for the others', async () => {
  const { platform, client } = benchOf();
  script(platform, { status: 204, afterMs: 800 }, { error: 'ECONNREFUSED', afterMs: 100 });
  const before = platform.monotonic();
  assert.deepEqual(await platform.until(client.push(client.encode(['{}']), 1880, true)), { kind: 'stored' });
  assert.equal(platform.monotonic() - before, 800);
});

test('at the last chance a push that began before it is sent again as well', async () => {
  const { platform, client, latency, push } = benchOf();
  latency.note(40, false);
  script(platform, { hangs: true }, { status: 204, afterMs: 40 });
  const outcome = push();
  await platform.advance(300);
  client.hurry();
  const before = platform.monotonic();
  assert.deepEqual(await platform.until(outcome), { kind: 'stored' });
  assert.equal(platform.monotonic() - before, 540);
});

test('at the last chance a Loki that is known to take long is given that time', async () => {
  const { platform, client, push } = benchOf();
  platform.onRequest = () => ({ status: 204, afterMs: 600 });
  for (let i = 0; i < 2; i++) await platform.until(push());
  await platform.until(client.push(client.encode(['{}']), 1880, true));
  assert.equal(platform.sent.length, 3);
});

test('a Loki that stays mute at the last chance gets four tries, and is given up when the time is up', async () => {
  const { platform, client, latency } = benchOf();
  latency.note(40, false);
  platform.onRequest = () => ({ hangs: true });
  const before = platform.monotonic();
  assert.equal((await platform.until(client.push(client.encode(['{}']), 2800, true))).kind, 'failed');
  assert.deepEqual([platform.sent.length, platform.monotonic() - before, platform.inFlight], [4, 2800, 0]);
});

test('at the last chance a Loki that has never answered is given longer', async () => {
  const { platform, client } = benchOf();
  platform.onRequest = () => ({ status: 204, afterMs: 750 });
  assert.deepEqual(await platform.until(client.push(client.encode(['{}']), 1880, true)), { kind: 'stored' });
  assert.equal(platform.sent.length, 1);
});

test('a push is steady when the last one was stored at the first try', async () => {
  const { platform, client, push } = benchOf();
  assert.equal(client.isSteady, false);
  script(
    platform,
    { status: 204 },
    { status: 503 },
    { status: 204 },
    { error: 'EPROTO', reused: true },
    { status: 204 },
  );
  const steady: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    await platform.until(push());
    steady.push(client.isSteady);
  }
  assert.deepEqual(steady, [true, false, true, false], 'a second try is none');
});

test('after a thaw, what is older than a healthy push is sent again on a fresh connection, and nothing else', async () => {
  for (const [afterMs, sent] of [
    [999, 1],
    [1000, 2],
  ]) {
    const { platform, client, push } = benchOf();
    script(platform, { status: 204, afterMs: 1200 }, { status: 204 });
    const outcome = push();
    await platform.advance(afterMs);
    client.thawed();
    assert.deepEqual(await platform.until(outcome), { kind: 'stored' });
    assert.deepEqual([platform.sent.length, platform.sent.at(-1)!.request.maxIdleMs], [sent, sent === 1 ? 45_000 : 0]);
    assert.equal(platform.sent[0].canceled, sent === 2);
  }
});

test('what a freeze may have cut says nothing about how long Loki takes', async () => {
  const { platform, client, latency, push } = benchOf();
  script(platform, { status: 204, afterMs: 900 }, { status: 204, afterMs: 900 });
  const outcome = push();
  await platform.advance(100);
  client.thawed();
  await platform.until(outcome);
  assert.equal(latency.keptMs, 0);
  await platform.until(push());
  assert.equal(latency.keptMs, 900);
});

test('answers are redacted, but for those that say nothing', async () => {
  const redacted: string[] = [];
  const platform = new FakePlatform();
  const settings = settingsOf();
  const redact = (text: string): string => {
    redacted.push(text);
    return 'redacted';
  };
  const client = new LokiClient(platform, { ...settings, url: settings.endpoint!.url, redact }, new Latency());
  script(platform, { status: 204, body: 'x' }, { status: 503, body: 'secret' });
  const push = (): ReturnType<LokiClient['push']> => client.push(client.encode(['{}']), Infinity);
  await platform.until(push());
  assert.deepEqual(await platform.until(push()), {
    kind: 'failed',
    reason: 'status 503: redacted',
    retryAfterMs: undefined,
    notStored: true,
  });
  assert.deepEqual(redacted, ['secret']);
});

test('nothing is sent where everything was called off while the way to Loki was being loaded', async () => {
  const platform = new FakePlatform();
  const settings = settingsOf();
  let loads = 0;
  const loadOutbound = async () => {
    loads++;
    return {
      start: () => undefined,
      cancelAll: () => undefined,
      push: async (limitMs: number, send: (limitMs: number, extras: object) => Promise<{ outcome: unknown }>) =>
        (await send(limitMs, {})).outcome,
    } as never;
  };
  const client = new LokiClient(platform, { ...settings, url: settings.endpoint!.url, loadOutbound }, new Latency());
  const push = (): ReturnType<LokiClient['push']> => client.push(client.encode(['{}']), Infinity);
  const outcome = push();
  client.cancelAll();
  assert.deepEqual([await outcome, platform.sent.length], [{ kind: 'canceled' }, 0]);
  assert.deepEqual(await platform.until(push()), { kind: 'stored' });
  assert.equal(loads, 1, 'it is loaded once');
});
