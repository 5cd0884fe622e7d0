import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diagnostics } from '../../../extension/diagnostics';
import { subscribe } from '../../../extension/lambda/telemetry-api';
import { type Answer, FakePlatform } from '../support/fake-platform';

async function run(...answers: Answer[]): Promise<{ subscribed: boolean; platform: FakePlatform; versions: string[] }> {
  const platform = new FakePlatform();
  platform.onRequest = (_, index) => answers[index] ?? assert.fail(`request ${index + 1} was not expected`);
  const subscription = {
    runtimeApi: '127.0.0.1:9001',
    identifier: 'the-identifier',
    port: 4327,
    types: ['platform', 'function'] as const,
  };
  const subscribed = await platform.until(subscribe(platform, new Diagnostics(platform), subscription));
  const versions = platform.sent.map(
    ({ request }) => (JSON.parse(String(request.body)) as { schemaVersion: string }).schemaVersion,
  );
  return { subscribed, platform, versions };
}

const REFUSED: Answer = { status: 400, body: '{"errorType":"ValidationError"}' };

test('subscribes with the newest schema, to its own listener, with the least delay that Lambda allows', async () => {
  const { subscribed, platform } = await run({ status: 200, body: '"OK"' });
  assert.equal(subscribed, true);
  const { method, url, headers, body } = platform.sent[0].request;
  assert.deepEqual([method, url], ['PUT', 'http://127.0.0.1:9001/2022-07-01/telemetry']);
  assert.equal(headers['lambda-extension-identifier'], 'the-identifier');
  assert.deepEqual(JSON.parse(String(body)), {
    schemaVersion: '2025-01-29',
    types: ['platform', 'function'],
    buffering: { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25 },
    destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:4327/' },
  });
  assert.deepEqual(platform.stderrLines, []);
});

test('an older platform gets an older schema', async () => {
  const { subscribed, versions, platform } = await run(REFUSED, REFUSED, { status: 200 });
  assert.equal(subscribed, true);
  assert.deepEqual(versions, ['2025-01-29', '2022-12-13', '2022-07-01']);
  assert.deepEqual(platform.stderrLines, []);
});

test('a failure that passes costs no logs', async () => {
  const { subscribed, versions, platform } = await run({ status: 500 }, { error: 'ECONNRESET' }, REFUSED, {
    status: 200,
  });
  assert.equal(subscribed, true);
  assert.deepEqual(versions, ['2025-01-29', '2025-01-29', '2025-01-29', '2022-12-13']);
  assert.deepEqual(platform.stderrLines, []);
});

const WITHOUT: [name: string, answers: Answer[], said: RegExp][] = [
  [
    "202, a local emulator's stub",
    [{ status: 202, body: '{"errorType":"Telemetry.NotSupported"}' }],
    /status 202: .*NotSupported/,
  ],
  ['403, too late', [{ status: 403, body: 'Telemetry.SubscriptionClosed' }], /status 403/],
  ['500, three times', [{ status: 500 }, { status: 500 }, { status: 500 }], /status 500/],
  ['each schema refused', [REFUSED, REFUSED, REFUSED], /ValidationError/],
  [
    'nobody there',
    Array<Answer>(3).fill({ error: 'ECONNREFUSED', message: 'connection refused' }),
    /connection refused/,
  ],
];

for (const [name, answers, said] of WITHOUT) {
  test(`${name}: goes on without logs and says so once`, async () => {
    const { subscribed, platform } = await run(...answers);
    assert.equal(subscribed, false);
    assert.equal(platform.stderrLines.length, 1);
    assert.match(platform.stderrLines[0], said);
    assert.match(platform.stderrLines[0], /no logs are shipped; the function is not affected/);
  });
}
