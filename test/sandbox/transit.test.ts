import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureExtension, received, said } from './fixtures';
import { start } from './fixtures/cleanup';
import { scriptedRuntime } from '../../sandbox';

const writer = scriptedRuntime(
  (payload, io) => {
    for (const text of (payload ?? []) as string[]) io.line(text);
  },
  { terminated: (io) => io.write('last words\n') },
);

const texts = (env: Parameters<typeof received>[0]): unknown[] =>
  received(env)
    .filter(({ type }) => type === 'function')
    .map(({ record }) => record);

test('records get lost and come late as a test says, the others at once', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ invokeMs: 200 })],
    telemetry: {
      fate: ({ type, recordJson }) =>
        type === 'platform.start' || recordJson.includes('lost')
          ? 'lose'
          : recordJson.includes('late')
            ? { lateMs: 120 }
            : 'deliver',
    },
  });
  await env.invoke(['late', 'lost', 'on time']);
  assert.deepEqual(texts(env), ['on time\n', 'late\n']);
  await env.shutdown();
  assert.ok(!received(env).some(({ type }) => type === 'platform.start'));
});

test('a POST whose answer got lost comes again, and counts once', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ invokeMs: 100 })],
    telemetry: { repeat: { loseAnswerOf: 1 }, retryFirstMs: 10 },
  });
  await env.invoke(['twice']);
  await env.shutdown();
  assert.deepEqual(texts(env).slice(0, 2), ['twice\n', 'twice\n']);
  assert.equal(env.linesAcknowledged().filter(({ recordJson }) => recordJson.includes('twice')).length, 1);
});

test('the platform gives up on an answer that is late and sends the POST again', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ answerDelayMs: 300, waitForDone: false, invokeMs: 500 })],
    telemetry: { repeat: { giveUpMs: 100 }, retryFirstMs: 10 },
  });
  const posts = env.events.waitFor(
    'telemetry.post',
    ({ attempt, error }) => attempt >= 2 && error === 'no answer within 100 ms',
  );
  await env.invoke(['again']);
  await env.invoke([]);
  await Promise.all([posts, env.shutdown()]);
});

test('the last POST before a freeze comes again after the thaw', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension()],
    telemetry: { repeat: { afterFreeze: true } },
  });
  await env.invoke(['before the freeze']);
  await env.invoke([]);
  assert.equal(texts(env).filter((text) => text === 'before the freeze\n').length, 2);
});

test('a clock that is wrong shows in the records', async (t) => {
  const env = await start(t, { runtime: writer, extensions: [await fixtureExtension()] });
  env.shiftClock(3_600_000);
  await env.invoke(['an hour ahead']);
  const { time } = received(env).find(({ record }) => record === 'an hour ahead\n')!;
  const ahead = Date.parse(time) - Date.now();
  assert.ok(ahead > 3_590_000 && ahead <= 3_600_000, String(ahead));
});

test('an environment that is not frozen runs on between invocations', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension()],
    lifecycle: { freezes: false },
  });
  await env.invoke(['x']);
  await env.telemetryDrained();
  assert.ok(
    received(env).some(({ type }) => type === 'platform.report'),
    'the report comes without a next invocation',
  );
  assert.equal(env.events.of('freeze').length, 0);
  await env.shutdown();
  assert.equal(said<{ eventType: string }>(env, 'event').at(-1)!.eventType, 'SHUTDOWN');
});

test('what a function writes on SIGTERM comes with the last telemetry', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ shutdownMs: 200 })],
    telemetry: { afterShutdownMs: 30 },
  });
  await env.invoke(['x']);
  await env.shutdown();
  assert.deepEqual(texts(env), ['x\n', 'last words\n']);
});
