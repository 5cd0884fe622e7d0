import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from '../../extension/main';
import type { HttpRequest } from '../../extension/platform/types';
import { delivery as deliveryOf, ENDPOINT, pushOf } from './support/builders';
import { type Answer, FakePlatform } from './support/fake-platform';

/** SHUTDOWN comes so long after the first `/next`. */
const LIFE_MS = 1000;

interface Played {
  readonly platform: FakePlatform;
  /** What was called, in order: `register`, `subscribe`, `next`, and `push` with its lines. */
  readonly calls: string[];
  /** What `register` and `subscribe` were sent, and how many listeners there were by then. */
  readonly sent: Record<string, Record<string, unknown>>;
  telemetry(...events: readonly (readonly [type: string, record: unknown])[]): Promise<void>;
}

/** The extension from its start to SHUTDOWN, with Lambda's APIs and Loki played by the test. */
function play(env: Record<string, string> = {}, subscribed: Answer = { status: 200 }): Played {
  const platform = new FakePlatform({
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    AWS_REGION: 'eu-west-1',
    LOKI_ENDPOINT: ENDPOINT,
    LOKI_ENABLE_GZIP: 'false',
    ...env,
  });
  const calls: string[] = [];
  const sent: Played['sent'] = {};
  platform.onRequest = (request) => {
    const call = callOf(request);
    calls.push(call === 'push' ? `push ${pushOf(request).values.map(([, line]) => line)}` : call);
    if (call === 'push') return { status: 204, afterMs: 20 };
    if (call === 'next') {
      const deadlineMs = platform.now() + LIFE_MS + 2000;
      const body = JSON.stringify({ eventType: 'SHUTDOWN', shutdownReason: 'spindown', deadlineMs });
      return { status: 200, body, afterMs: LIFE_MS };
    }
    sent[call] = { ...(JSON.parse(request.body as string) as object), listeners: platform.servers.length };
    if (call === 'subscribe') return subscribed;
    const body = JSON.stringify({ functionName: 'orders', functionVersion: '7' });
    return { status: 200, body, headers: { 'lambda-extension-identifier': 'id' } };
  };
  void run(platform);
  return {
    platform,
    calls,
    sent,
    async telemetry(...events) {
      const time = new Date(platform.now()).toISOString();
      let taken = false;
      const rows = deliveryOf(events.map(([type, record]) => ({ time, type, record })));
      void platform.servers[0].send({ rows }).then(() => (taken = true));
      await until(platform, () => taken);
    },
  };
}

function callOf({ url }: HttpRequest): string {
  if (url.endsWith('/register')) return 'register';
  if (url.endsWith('/telemetry')) return 'subscribe';
  return url.endsWith('/next') ? 'next' : 'push';
}

/** Lets time pass in small steps, so that what is loaded lazily, which takes no virtual time, is loaded meanwhile. */
async function until(platform: FakePlatform, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !isSo(); i++) await platform.advance(5);
  assert.ok(isSo(), 'it does not happen');
}

async function end({ platform }: Pick<Played, 'platform'>): Promise<void> {
  await until(platform, () => platform.exits.length > 0);
}

describe('the start', () => {
  it('has the listener first, then register, the subscription and /next, and nothing else', async () => {
    const { platform, calls, sent } = play();
    await until(platform, () => calls.includes('next'));
    assert.deepEqual(calls, ['register', 'subscribe', 'next']);
    const [, subscribed, next] = platform.sent.map(({ at }) => at);
    assert.equal(next, subscribed, 'what takes lines is loaded when /next is on its way');
    assert.equal(sent.register.listeners, 1);
    assert.deepEqual(sent.register.events, ['INVOKE', 'SHUTDOWN']);
    assert.deepEqual(sent.subscribe.types, ['platform', 'function']);
    assert.deepEqual(sent.subscribe.destination, { protocol: 'HTTP', URI: 'http://sandbox.localdomain:4327/' });
  });

  it('subscribes to platform events whatever is shipped, because they tell where an invocation ends', async () => {
    const { platform, calls, sent } = play({ LOKI_LOG_TYPES: 'extension,function' });
    await until(platform, () => calls.includes('next'));
    assert.deepEqual(sent.subscribe.types, ['platform', 'extension', 'function']);
  });

  it('calls /next before it loads what takes lines; what came until then is not lost', async () => {
    const { platform, calls, telemetry } = play();
    await until(platform, () => platform.servers.length > 0);
    await telemetry(['function', 'early']);
    await end({ platform });
    assert.equal(calls.indexOf('next'), 2);
    assert.ok(calls.includes('push early'), calls.join('; '));
    assert.deepEqual(platform.exits, [0]);
  });

  for (const mode of ['provisioned-concurrency', 'snap-start']) {
    it(`puts the lines of Init into Loki before /next, which freezes the environment: ${mode}`, async () => {
      const { platform, calls, telemetry } = play({ AWS_LAMBDA_INITIALIZATION_TYPE: mode });
      await until(platform, () => calls.includes('subscribe'));
      await telemetry(['function', 'of Init']);
      await platform.advance(100);
      assert.ok(!calls.includes('next'), 'Init is not over');
      await telemetry(['platform.initRuntimeDone', { status: 'success' }]);
      await until(platform, () => calls.includes('next'));
      assert.deepEqual(calls, ['register', 'subscribe', 'push of Init', 'next']);
      await end({ platform });
    });
  }

  it('registers for SHUTDOWN alone on Managed Instances, and pushes at the interval', async () => {
    const env = { AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances', LOKI_FLUSH_INTERVAL_MS: '100' };
    const { platform, calls, sent, telemetry } = play(env);
    await until(platform, () => calls.includes('next'));
    await telemetry(['function', 'a line']);
    await until(platform, () => calls.includes('push a line'));
    assert.deepEqual(sent.register.events, ['SHUTDOWN']);
  });
});

describe('an extension that can ship nothing', () => {
  for (const [what, env, subscribed, calls, said] of [
    ['no endpoint', { LOKI_ENDPOINT: '' }, undefined, ['register', 'next'], /error: LOKI_ENDPOINT/],
    [
      'an unusable endpoint',
      { LOKI_ENDPOINT: 'logs' },
      undefined,
      ['register', 'next'],
      /error: LOKI_ENDPOINT.* is not a URL/,
    ],
    [
      'no Telemetry API',
      {},
      { status: 202 },
      ['register', 'subscribe', 'next'],
      /the Telemetry API is not available here/,
    ],
  ] as const) {
    it(`says so, calls /next until SHUTDOWN, and does not end before it: ${what}`, async () => {
      const { platform, calls: called } = play(env, subscribed);
      await until(platform, () => called.includes('next'));
      await platform.advance(LIFE_MS - 100);
      assert.deepEqual(platform.exits, []);
      await end({ platform });
      assert.deepEqual([called, platform.exits], [calls, [0]]);
      assert.equal(platform.stderrLines.length, 1, platform.stderrLines.join('\n'));
      assert.match(platform.stderrLines[0], said);
      assert.ok(platform.servers.every(({ closed }) => closed));
    });
  }

  it('asks for no telemetry where no port can be had', async () => {
    const platform = new FakePlatform({ AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', LOKI_ENDPOINT: ENDPOINT });
    const calls: string[] = [];
    const refuse = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
    Object.defineProperty(platform, 'serve', { value: refuse });
    platform.onRequest = (request) => {
      calls.push(callOf(request));
      return { status: 200, body: '{"eventType":"SHUTDOWN"}' };
    };
    void run(platform);
    await end({ platform });
    assert.deepEqual([calls, platform.exits], [['register', 'next'], [0]]);
    assert.match(platform.stderrLines.join('\n'), /no port to receive telemetry on.*the function is not affected/);
  });

  it('ends at once where it is no extension: without AWS_LAMBDA_RUNTIME_API', async () => {
    const platform = new FakePlatform({ LOKI_ENDPOINT: ENDPOINT });
    await run(platform);
    assert.deepEqual([platform.exits, platform.sent.length], [[1], 0]);
    assert.match(platform.stderrLines.join('\n'), /AWS_LAMBDA_RUNTIME_API is not set/);
  });
});

describe('problems with settings', () => {
  it('are said once each, with the variable, as errors only where they keep the extension from working', async () => {
    const { platform } = play({ LOKI_BATCH_SIZE: 'many', LOKI_LABELS: '{' });
    await end({ platform });
    assert.equal(platform.stderrLines.length, 2, platform.stderrLines.join('\n'));
    for (const name of ['LOKI_BATCH_SIZE', 'LOKI_LABELS']) {
      assert.ok(
        platform.stderrLines.some((line) => line.startsWith(`[lambdawatch] warn: ${name}: `)),
        name,
      );
    }
  });

  it('are not said above LOKI_LOG_LEVEL', async () => {
    const { platform } = play({ LOKI_BATCH_SIZE: 'many', LOKI_LOG_LEVEL: 'error' });
    await end({ platform });
    assert.deepEqual(platform.stderrLines, []);
  });
});
