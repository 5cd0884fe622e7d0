import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixtureExtension, received, said } from './fixtures';
import { start } from './fixtures/cleanup';
import { scriptedRuntime } from '../../sandbox';
import { nodeFunction } from '../functions/node';

const echo = scriptedRuntime((payload, io) => {
  io.write(`got ${JSON.stringify(payload)}\n`);
  return payload;
});

const processState = (pid: number): string => /\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1]!;

test("Init goes in Lambda's order: extensions register, the runtime starts, all call /next, freeze", async (t) => {
  const env = await start(t, {
    runtime: nodeFunction(),
    extensions: [
      await fixtureExtension({ registerDelayMs: 150, readyDelayMs: 300 }, 'slow'),
      await fixtureExtension({}, 'quick'),
    ],
  });
  assert.equal(env.initOutcome.status, 'success');
  const order = env.events.all.flatMap((event) => {
    if (event.type === 'process.start') return [`start ${event.role}`];
    if (event.type === 'extension.register' || event.type === 'extension.next')
      return [`${event.type.slice(10)} ${event.name}`];
    if (event.type === 'platform' || event.type === 'runtime.next' || event.type === 'freeze')
      return [event.type === 'platform' ? event.record.type : event.type];
    return [];
  });
  const position = (what: string): number => order.indexOf(what);
  assert.equal(order[0], 'platform.initStart');
  assert.ok(
    position('start runtime') > position('register slow') && position('start runtime') > position('register quick'),
    order.join(),
  );
  assert.ok(position('next quick') < position('next slow'), 'the fixture is slow to get ready');
  assert.ok(position('platform.initRuntimeDone') > position('runtime.next'), order.join());
  assert.deepEqual(order.slice(position('next slow') + 1), [
    'platform.extension',
    'platform.extension',
    'platform.initReport',
    'freeze',
  ]);
  const report = env.events.platform('platform.initReport')[0]!.record;
  assert.equal(report.status, 'success');
  assert.equal(report.phase, 'init');
  assert.equal(env.events.platform('platform.initStart')[0]!.record.instanceId, env.logStream);
});

test('an extension sees the variables that Lambda gives it and no others', async (t) => {
  process.env.SANDBOX_TEST_LEAK = 'leaked';
  t.after(() => delete process.env.SANDBOX_TEST_LEAK);
  const env = await start(t, {
    runtime: echo,
    extensions: [await fixtureExtension()],
    environment: { LOKI_ENDPOINT: 'http://x', _HIDDEN: '1' },
    memoryMb: 512,
  });
  const line = env.extensionStderr.split('\n').find((text) => text.startsWith('{"env"'))!;
  const { env: variables, cwd } = JSON.parse(line) as { env: Record<string, string>; cwd: string };
  assert.equal(cwd, '/');
  assert.equal(variables.LOKI_ENDPOINT, 'http://x');
  assert.equal(variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, '512');
  assert.equal(variables.AWS_LAMBDA_RUNTIME_API, env.runtimeApi);
  assert.equal(variables.AWS_LAMBDA_INITIALIZATION_TYPE, 'on-demand');
  for (const name of [
    'SANDBOX_TEST_LEAK',
    '_HIDDEN',
    '_HANDLER',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_LOG_GROUP_NAME',
    'AWS_LAMBDA_LOG_STREAM_NAME',
    'LAMBDA_TASK_ROOT',
    'HOME',
  ]) {
    assert.equal(variables[name], undefined, name);
  }
  assert.deepEqual(said(env, 'registered'), [
    {
      status: 200,
      body: { functionName: 'orders', functionVersion: '$LATEST', handler: 'handler', accountId: '111122223333' },
    },
  ]);
});

test('the freeze stops every process of every group, and the thaw comes before the event', async (t) => {
  const env = await start(t, { runtime: nodeFunction(), extensions: [await fixtureExtension({ spawnChild: true })] });
  await env.frozen();
  const extension = env.pid('fixture')!;
  const child = Number(readFileSync(`/proc/${extension}/task/${extension}/children`, 'utf8').trim());
  for (const pid of [extension, child, env.pid('runtime')!]) assert.equal(processState(pid), 'T');
  const cpu = (): string => readFileSync(`/proc/${child}/schedstat`, 'utf8');
  const before = cpu();
  await env.idle(200);
  assert.equal(cpu(), before, 'the child of the extension, which ticks every 50 ms, has had no CPU time');

  const result = await env.invoke({ return: 1 });
  assert.equal(result.response, 1);
  const [thaw, invoke] = [env.events.of('thaw')[0]!, env.events.of('extension.event')[0]!];
  assert.ok(thaw.at <= invoke.at);
  assert.ok(thaw.frozenForMs >= 200);
  const next = env.events.of('extension.next').at(-1)!;
  assert.ok(result.frozenAt! - next.at < 20, `frozen ${result.frozenAt! - next.at} ms after the last /next`);
  assert.equal(processState(extension), 'T');
});

test('the phase lasts until the extension is in /next, and its share is measured', async (t) => {
  const env = await start(t, {
    runtime: echo,
    extensions: [await fixtureExtension({ invokeMs: 120, subscribe: false })],
  });
  const result = await env.invoke({});
  assert.ok(result.extensionOverheadMs >= 110 && result.extensionOverheadMs < 400, String(result.extensionOverheadMs));
  assert.ok(result.responseMs! < 100);
  const report = env.events.platform('platform.report')[0]!.record as {
    spans: { name: string; durationMs: number }[];
    metrics: Record<string, number>;
  };
  assert.equal(report.spans[0]!.name, 'extensionOverhead');
  assert.ok(Math.abs(report.spans[0]!.durationMs - result.extensionOverheadMs) < 0.01);
  assert.ok(report.metrics.initDurationMs! > 0);
  assert.equal(report.metrics.billedDurationMs, Math.ceil(result.durationMs + result.initDurationMs!));
  const second = await env.invoke({});
  assert.equal(second.initDurationMs, undefined);
});

test('platform.report is created after the freeze and arrives in the next invocation', async (t) => {
  const env = await start(t, { runtime: echo, extensions: [await fixtureExtension()] });
  const first = await env.invoke({ n: 1 });
  assert.equal(received(env).filter(({ type }) => type === 'platform.report').length, 0);
  assert.ok(env.events.platform('platform.report')[0]!.at >= first.frozenAt!);
  await env.invoke({ n: 2 });
  const types = received(env).map(({ type }) => type);
  assert.deepEqual(types.slice(types.indexOf('platform.start')), [
    'platform.start',
    'function',
    'platform.runtimeDone',
    'platform.report',
    'platform.start',
    'function',
    'platform.runtimeDone',
  ]);
});

test('an extension for SHUTDOWN alone is never waited for and is frozen in the middle of its work', async (t) => {
  const env = await start(t, { runtime: echo, extensions: [await fixtureExtension({ events: ['SHUTDOWN'] })] });
  const result = await env.invoke({});
  assert.equal(result.extensionOverheadMs < 10, true);
  assert.equal(env.events.of('extension.event').length, 0);
  assert.equal(processState(env.pid('fixture')!), 'T');
  const ended = await env.shutdown();
  assert.deepEqual(ended.extensionExitCodes, { fixture: 0 });
});

test('SHUTDOWN: reason, absolute deadline, exit code; the last report comes after the event', async (t) => {
  const env = await start(t, { runtime: echo, extensions: [await fixtureExtension({ shutdownMs: 200 })] });
  await env.invoke({});
  const before = Date.now();
  const ended = await env.shutdown('spindown');
  assert.deepEqual([ended.extensionExitCodes, ended.killed], [{ fixture: 0 }, []]);
  const event = said<{ eventType: string; deadlineMs: number; shutdownReason: string }>(env, 'event').at(-1)!;
  assert.equal(event.eventType, 'SHUTDOWN');
  assert.equal(event.shutdownReason, 'spindown');
  assert.ok(Math.abs(event.deadlineMs - before - 2000) < 100);
  assert.equal(received(env).at(-1)!.type, 'platform.report');
  const post = env.events.of('telemetry.post').at(-1)!;
  assert.ok(post.sentAt >= env.events.of('extension.event').at(-1)!.at);
  await assert.rejects(env.invoke({}), /shut down/);
});

test('an extension that ignores SHUTDOWN is killed 2 s after its start', async (t) => {
  const env = await start(t, {
    runtime: nodeFunction(),
    extensions: [
      await fixtureExtension({ onShutdown: 'ignore' }),
      await fixtureExtension({ events: ['INVOKE'] }, 'deaf'),
    ],
  });
  await env.invoke({});
  const ended = await env.shutdown();
  assert.deepEqual(ended.killed, ['fixture']);
  assert.deepEqual(ended.extensionExitCodes, { fixture: 'SIGKILL', deaf: 'SIGKILL' });
  assert.ok(ended.durationMs >= 1990 && ended.durationMs < 2300, String(ended.durationMs));
  const exits = env.events.of('process.exit');
  assert.equal(exits.find(({ role }) => role === 'runtime')!.signal, 'SIGTERM');
  const deaf = exits.find(({ name }) => name === 'deaf')!;
  assert.ok(deaf.at - env.events.of('extension.event').at(-1)!.at < 100, 'without SHUTDOWN it is killed at once');
});

test('environments run side by side', async (t) => {
  const environments = await Promise.all(
    [1, 2, 3].map(async (n) =>
      start(t, {
        functionName: `f${n}`,
        runtime: scriptedRuntime(() => n),
        extensions: [await fixtureExtension()],
      }),
    ),
  );
  const results = await Promise.all(environments.map((env) => env.invoke({})));
  assert.deepEqual(
    results.map(({ response }) => response),
    [1, 2, 3],
  );
  environments.forEach((env, index) => {
    const starts = received(env)
      .filter(({ type }) => type === 'platform.initStart')
      .map(({ record }) => (record as { functionName: string }).functionName);
    assert.deepEqual(starts, [`f${index + 1}`]);
  });
});
