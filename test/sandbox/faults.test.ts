import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureExtension, received, said } from './fixtures';
import { start } from './fixtures/cleanup';
import { scriptedRuntime } from '../../sandbox';
import { nodeFunction } from '../functions/node';

interface Script {
  readonly crash?: 'exit' | 'exit0' | 'kill';
  readonly hang?: boolean;
}

/** A function that does what its payload says. */
const faulty = scriptedRuntime(async (payload, io) => {
  const { crash, hang } = payload as Script;
  io.write('before\n');
  if (crash) io.crash(crash === 'kill' ? { signal: 'SIGKILL' } : { code: crash === 'exit' ? 3 : 0 });
  if (hang) await new Promise((resolve) => io.signal.addEventListener('abort', resolve));
  return 'fine';
});

test('a function that runs out of time: runtimeDone, SHUTDOWN with the reason, and everything anew in the next invocation', async (t) => {
  const env = await start(t, {
    runtime: faulty,
    extensions: [await fixtureExtension({ shutdownMs: 100 })],
    timeoutMs: 400,
  });
  await env.invoke({});
  const pid = env.pid('fixture');
  const late = await env.invoke({ hang: true });
  assert.deepEqual([late.status, late.reset, late.frozenAt], ['timeout', true, undefined]);
  assert.match(late.error!.errorMessage, /Task timed out after 0\.40 seconds/);
  assert.ok(late.durationMs >= 395 && late.durationMs < 600, String(late.durationMs));
  const shutdown = said<{ eventType: string; shutdownReason?: string }>(env, 'event').at(-1)!;
  assert.deepEqual([shutdown.eventType, shutdown.shutdownReason], ['SHUTDOWN', 'timeout']);
  const told = received(env).filter(
    ({ type, record }) => (record as { requestId?: string }).requestId === late.requestId && type !== 'platform.start',
  );
  assert.deepEqual(
    told.map(({ type, record }) => [type, (record as { status: string }).status]),
    [
      ['platform.runtimeDone', 'timeout'],
      ['platform.report', 'timeout'],
    ],
  );

  const after = await env.invoke({});
  assert.equal(after.response, 'fine');
  assert.ok(after.initDurationMs! > 0);
  assert.notEqual(env.pid('fixture'), pid);
  assert.deepEqual(
    env.events.platform('platform.initStart').map(({ record }) => record.phase),
    ['init', 'invoke'],
  );
});

test('an extension that overruns the deadline after the function succeeded is a time-out', async (t) => {
  const env = await start(t, {
    runtime: faulty,
    extensions: [await fixtureExtension({ onInvoke: 'hang' })],
    timeoutMs: 300,
    lifecycle: { shutdownMs: 400 },
  });
  const result = await env.invoke({});
  assert.deepEqual([result.status, result.response, result.reset], ['timeout', 'fine', true]);
  assert.equal(env.events.platform('platform.runtimeDone')[0]!.record.status, 'success');
  assert.equal(env.events.platform('platform.report')[0]!.record.status, 'timeout');
  assert.equal(env.events.of('process.exit')[0]!.signal, 'SIGKILL');
});

for (const [crash, message] of [
  ['exit', 'Runtime exited with error: exit status 3'],
  ['exit0', 'Runtime exited without providing a reason'],
  ['kill', 'Runtime exited with error: signal: killed'],
] as const) {
  test(`a runtime that ends (${crash}): Runtime.ExitError, fault, reset`, async (t) => {
    const env = await start(t, { runtime: faulty, extensions: [await fixtureExtension({ shutdownMs: 50 })] });
    const result = await env.invoke({ crash });
    assert.deepEqual([result.status, result.error!.errorType, result.reset], ['error', 'Runtime.ExitError', true]);
    assert.equal(result.error!.errorMessage, `RequestId: ${result.requestId} Error: ${message}`);
    const fault = received(env).find(({ type }) => type === 'platform.fault')!;
    assert.equal(fault.record, `RequestId: ${result.requestId} Error: ${message}\nRuntime.ExitError\n`);
    assert.equal(said<{ shutdownReason?: string }>(env, 'event').at(-1)!.shutdownReason, 'failure');
    assert.ok(
      received(env).some(({ type, record }) => type === 'function' && record === 'before\n'),
      'its lines were delivered',
    );
    assert.equal((await env.invoke({})).response, 'fine');
  });
}

test('a real runtime that the kernel kills for its memory', async (t) => {
  const env = await start(t, { runtime: nodeFunction(), extensions: [await fixtureExtension({ shutdownMs: 50 })] });
  const running = env.invoke({ write: [{ text: 'working\n', via: 'raw' }], sleepMs: 5000 });
  await env.events.waitFor('extension.event');
  env.oomKill('runtime');
  const result = await running;
  assert.match(result.error!.errorMessage, /signal: killed/);
  assert.equal((await env.invoke({ return: 'again' })).response, 'again');
});

for (const [onInvoke, errorType] of [
  ['exit', 'Extension.Crash'],
  ['exit-error', 'Extension.ExitError'],
] as const) {
  test(`an extension that ends within an invocation (${onInvoke}): ${errorType}`, async (t) => {
    const env = await start(t, {
      runtime: faulty,
      extensions: [await fixtureExtension({ onInvoke })],
      timeoutMs: 2000,
    });
    const result = await env.invoke({ hang: true });
    assert.deepEqual([result.status, result.error!.errorType, result.reset], ['error', errorType, true]);
    assert.ok(result.durationMs < 1000, 'at once, not at the deadline');
  });
}

for (const [onInit, errorType] of [
  ['exit', 'Extension.Crash'],
  ['init-error', 'Extension.InitError'],
] as const) {
  test(`an extension that ends in Init (${onInit}): Init fails, and is done again in the first invocation`, async (t) => {
    const env = await start(t, { runtime: faulty, extensions: [await fixtureExtension({ onInit })] });
    assert.deepEqual([env.initOutcome.status, env.initOutcome.errorType], ['error', errorType]);
    const result = await env.invoke({});
    assert.deepEqual([result.status, result.error!.errorType], ['error', errorType]);
    assert.deepEqual(
      env.events.platform('platform.initReport').map(({ record }) => [record.phase, record.status]),
      [
        ['init', 'error'],
        ['invoke', 'error'],
      ],
    );
  });
}

test('an Init that takes too long', async (t) => {
  const env = await start(t, {
    runtime: faulty,
    extensions: [await fixtureExtension({ onInit: 'hang' })],
    initTimeoutMs: 400,
    lifecycle: { shutdownMs: 200 },
  });
  assert.equal(env.initOutcome.status, 'timeout');
  const result = await env.invoke({}, { timeoutMs: 500 });
  assert.equal(result.status, 'timeout');
});

test("an extension under another name than its file's never counts as registered", async (t) => {
  const env = await start(t, {
    runtime: faulty,
    extensions: [await fixtureExtension({ registerAs: 'other', events: ['INVOKE'] })],
    initTimeoutMs: 500,
    lifecycle: { shutdownMs: 200 },
  });
  assert.equal(env.initOutcome.status, 'timeout');
  assert.equal(
    env.events.of('process.start').some(({ role }) => role === 'runtime'),
    false,
  );
});

test("an extension that can't be started", async (t) => {
  const env = await start(t, { runtime: faulty, extensions: [{ name: 'gone', command: ['/nonexistent/gone'] }] });
  assert.deepEqual([env.initOutcome.status, env.initOutcome.errorType], ['error', 'Extension.LaunchError']);
});

test('a runtime that reports an init error', async (t) => {
  const runtime = scriptedRuntime(() => 1, { init: () => Promise.reject(new RangeError('no handler')) });
  const env = await start(t, { runtime, extensions: [await fixtureExtension()] });
  assert.deepEqual([env.initOutcome.status, env.initOutcome.errorType], ['error', 'RangeError']);
});

test('loss of the host: no event, nothing is left', async (t) => {
  const env = await start(t, { runtime: nodeFunction(), extensions: [await fixtureExtension()] });
  await env.invoke({});
  await env.kill();
  assert.equal(env.events.of('extension.event').filter(({ eventType }) => eventType === 'SHUTDOWN').length, 0);
  assert.deepEqual(
    env.events.of('process.exit').map(({ signal }) => signal),
    ['SIGKILL', 'SIGKILL'],
  );
});

test('a process that is killed while frozen is found missing, and started anew with all others, in the next invocation', async (t) => {
  const env = await start(t, { runtime: nodeFunction(), extensions: [await fixtureExtension()] });
  await env.invoke({});
  const runtime = env.pid('runtime');
  env.oomKill({ extension: 'fixture' });
  await env.events.waitFor('process.exit');
  const result = await env.invoke({ return: 'still here' });
  assert.deepEqual([result.status, result.response], ['success', 'still here']);
  assert.ok(result.initDurationMs! > 0);
  assert.notEqual(env.pid('runtime'), runtime);
});
