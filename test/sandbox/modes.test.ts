import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureExtension, received } from './fixtures';
import { nodeFunction } from '../functions/node';
import { start } from './fixtures/cleanup';
import { scriptedRuntime } from '../../sandbox';

const managedSubscription = { schemaVersion: '2025-01-29' };

test('provisioned concurrency: Init, a freeze, and the first invocation later; Init is not billed with it', async (t) => {
  const env = await start(t, {
    runtime: nodeFunction(),
    extensions: [await fixtureExtension()],
    mode: 'provisioned-concurrency',
  });
  await env.idle(150);
  const result = await env.invoke({ return: 1 });
  assert.equal(env.events.platform('platform.initStart')[0]!.record.initializationType, 'provisioned-concurrency');
  const { metrics } = env.events.platform('platform.report')[0]!.record as { metrics: Record<string, number> };
  assert.equal(metrics.billedDurationMs, Math.ceil(result.durationMs));
});

test('SnapStart: the runtime waits in restore/next; the restore is told by telemetry, and the extension gets no event for it', async (t) => {
  const env = await start(t, {
    runtime: nodeFunction(),
    extensions: [await fixtureExtension()],
    mode: 'snap-start',
    functionVersion: '7',
  });
  await env.idle(150);
  const result = await env.invoke({ return: 1 });
  assert.equal(result.response, 1);
  const types = received(env).map(({ type }) => type);
  const from = types.indexOf('platform.restoreStart');
  assert.deepEqual(types.slice(from, from + 4), [
    'platform.restoreStart',
    'platform.restoreRuntimeDone',
    'platform.restoreReport',
    'platform.start',
  ]);
  assert.deepEqual(
    env.events.of('extension.event').map(({ eventType }) => eventType),
    ['INVOKE'],
  );
  const { metrics } = env.events.platform('platform.report')[0]!.record as { metrics: Record<string, number> };
  assert.ok(metrics.restoreDurationMs! > 0);
  assert.equal(metrics.initDurationMs, undefined);
  await env.invoke({});
  assert.equal(env.events.platform('platform.restoreStart').length, 1, 'restored once');
});

test('Managed Instances: no INVOKE, no freeze, no runtimeDone, invocations at the same time', async (t) => {
  const extension = await fixtureExtension({ events: ['SHUTDOWN'], subscribe: managedSubscription, shutdownMs: 20 });
  const env = await start(t, {
    runtime: nodeFunction(),
    extensions: [extension],
    mode: 'lambda-managed-instances',
    logFormat: 'json',
  });
  const before = Date.now();
  const results = await Promise.all(
    [1, 2, 3].map((n) => env.invoke({ write: [{ text: `from ${n}` }], sleepMs: 300, return: n })),
  );
  assert.ok(Date.now() - before < 800, 'not one after the other');
  assert.deepEqual(
    results.map(({ response }) => response),
    [1, 2, 3],
  );
  assert.equal(env.isFrozen(), false);
  await env.telemetryDrained();
  const types = received(env).map(({ type }) => type);
  assert.ok(!types.includes('platform.runtimeDone'));
  const reports = received(env)
    .filter(({ type }) => type === 'platform.report')
    .map(({ record }) => record as { requestId: string; metrics: object });
  assert.deepEqual(reports.map(({ requestId }) => requestId).sort(), results.map(({ requestId }) => requestId).sort());
  assert.deepEqual(Object.keys(reports[0]!.metrics), ['durationMs']);
  const lines = received(env)
    .filter(({ type }) => type === 'function')
    .map(({ record }) => record as { requestId: string; message: string });
  results.forEach(({ requestId }, index) =>
    assert.equal(lines.find((line) => line.requestId === requestId)!.message, `from ${index + 1}`),
  );
  assert.deepEqual((await env.shutdown()).extensionExitCodes, { fixture: 0 });
  assert.deepEqual(
    env.events.of('extension.event').map(({ eventType }) => eventType),
    ['SHUTDOWN'],
  );
});

test('Managed Instances refuse INVOKE at registration and every schema but the newest', async (t) => {
  const old = await start(t, {
    runtime: scriptedRuntime(() => 1),
    extensions: [await fixtureExtension({ events: ['SHUTDOWN'] })],
    mode: 'lambda-managed-instances',
  });
  assert.equal(old.events.of('telemetry.subscribe')[0]!.status, 400);
  const naive = await start(t, {
    runtime: scriptedRuntime(() => 1),
    extensions: [await fixtureExtension()],
    mode: 'lambda-managed-instances',
    initTimeoutMs: 500,
    lifecycle: { shutdownMs: 200 },
  });
  assert.notEqual(naive.initOutcome.status, 'success');
  assert.equal(naive.events.of('extension.register')[0]!.errorType, 'Extension.InvalidEventType');
});

test('Managed Instances: a time-out ends the invocation only, a crash all of them', async (t) => {
  const extension = await fixtureExtension({ events: ['SHUTDOWN'], subscribe: managedSubscription });
  const env = await start(t, { runtime: nodeFunction(), extensions: [extension], mode: 'lambda-managed-instances' });
  const pid = env.pid('runtime');
  const late = await env.invoke({ sleepMs: 400 }, { timeoutMs: 100 });
  assert.deepEqual([late.status, late.reset], ['timeout', false]);
  assert.equal(env.pid('runtime'), pid);
  const [waiting, crashing] = await Promise.all([env.invoke({ sleepMs: 2000 }), env.invoke({ fail: 'exit' })]);
  assert.deepEqual([waiting.status, crashing.status, crashing.reset], ['error', 'error', true]);
  assert.equal((await env.invoke({ return: 'new' })).response, 'new');
});
