import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ensureFunction,
  expectedLines,
  MissingToolchainError,
  type FunctionKind,
  type FunctionScript,
} from '../functions';
import { fixtureExtension, received } from './fixtures';
import { start } from './fixtures/cleanup';
import { scriptedRuntime, type ProcessRuntime } from '../../sandbox';

/** What `via: 'logger'` prints for `hello`, by runtime and log format. */
const LOGGED: Record<FunctionKind, { text: RegExp; json: (record: unknown, requestId: string) => void }> = {
  node: {
    text: /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tINFO\thello\n$/,
    json: (record, requestId) =>
      assert.deepEqual(
        { ...(record as object), timestamp: 0 },
        { timestamp: 0, level: 'INFO', requestId, message: 'hello' },
      ),
  },
  python: {
    text: /^\[INFO\]\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\thello\n$/,
    json: (record, requestId) =>
      assert.deepEqual(
        { ...(record as object), timestamp: 0 },
        { timestamp: 0, level: 'INFO', logger: 'root', requestId, message: 'hello' },
      ),
  },
  go: {
    text: /^\d{4}\/\d\d\/\d\d [\d:]+ hello\n$/,
    json: (record) => assert.match(record as string, /^\d{4}\/\d\d\/\d\d [\d:]+ hello\n$/),
  },
  java: {
    text: /^hello\n$/,
    json: (record) => assert.equal((record as { message: string }).message.trim(), 'hello'),
  },
};

const kinds: readonly FunctionKind[] = ['node', 'python', 'go', 'java'];

for (const kind of kinds) {
  test(`a real function: ${kind}`, { timeout: 600_000 }, async (t) => {
    let runtime: ProcessRuntime;
    try {
      runtime = await ensureFunction(kind, (message) => t.diagnostic(message));
    } catch (error) {
      if (!(error instanceof MissingToolchainError)) throw error;
      t.skip(error.message);
      return;
    }
    const script = (steps: FunctionScript): FunctionScript => steps;
    const extensions = [await fixtureExtension()];
    const env = await start(t, { runtime, extensions, timeoutMs: 10_000 });
    const written = (requestId: string): string[] =>
      env.linesWritten
        .filter((line) => line.source === 'function' && line.requestId === requestId)
        .map(({ text }) => text);
    assert.deepEqual(env.initOutcome.errorType, undefined);

    await t.test('response and verbatim lines', async () => {
      const text = 'tab\there, "quotes", ✓ 😀, \u001b[31mred\u001b[0m\n\n  {"json": [1, 2.0]}\nno newline';
      const result = await env.invoke(
        script({
          write: [
            { text, via: 'raw' },
            { text: 'end', via: 'raw', stream: 'stderr' },
          ],
          return: { a: [1, 'ü'] },
        }),
      );
      assert.deepEqual([result.status, result.response], ['success', { a: [1, 'ü'] }]);
      assert.deepEqual(written(result.requestId), `${text}end`.split('\n'));
      const lines = received(env)
        .filter(({ type }) => type === 'function')
        .map(({ record }) => record as string);
      assert.equal(lines.join(''), `${text}end`);
    });

    await t.test('many lines and one long line stay whole and in order', async () => {
      const result = await env.invoke(script({ lines: { count: 5000, prefix: 'ü', bytes: 120 } }));
      const expected = expectedLines({ count: 5000, prefix: 'ü', bytes: 120 });
      assert.ok(
        written(result.requestId).join('\n') === expected.join('\n'),
        `${written(result.requestId).length} lines, or others than expected`,
      );
      const long = await env.invoke(script({ write: [{ text: `${'é'.repeat(300_000)}\n`, via: 'raw' }] }));
      assert.deepEqual(
        written(long.requestId).map((line) => line.length),
        [300_000],
      );
    });

    await t.test('console and logger', async () => {
      const result = await env.invoke(
        script({
          write: [{ text: 'hello', via: 'logger' }, { text: 'printed' }, { text: 'complained', stream: 'stderr' }],
        }),
      );
      const records = received(env)
        .slice(
          received(env).findIndex(({ record }) => (record as { requestId?: string }).requestId === result.requestId),
        )
        .filter(({ type }) => type === 'function')
        .map(({ record }) => record as string);
      assert.match(records[0]!, LOGGED[kind].text);
      assert.ok(records[1]!.endsWith('printed\n') && records[2]!.endsWith('complained\n'), JSON.stringify(records));
    });

    await t.test("an exception is the function's error, not the environment's", async () => {
      const result = await env.invoke(script({ fail: 'exception' }));
      assert.deepEqual([result.status, result.reset], ['success', false]);
      assert.match(result.error!.errorMessage, /the script wants an exception/);
    });

    await t.test('exit, kill and hang reset the environment, and it comes back', async () => {
      const exit = await env.invoke(script({ fail: 'exit' }));
      assert.deepEqual([exit.status, exit.error!.errorType, exit.reset], ['error', 'Runtime.ExitError', true]);
      const kill = await env.invoke(script({ fail: 'oom' }));
      assert.match(kill.error!.errorMessage, /signal: killed/);
      const hang = await env.invoke(script({ write: [{ text: 'then silence\n', via: 'raw' }], fail: 'hang' }), {
        timeoutMs: 4000,
      });
      assert.deepEqual([hang.status, written(hang.requestId)], ['timeout', ['then silence']]);
      assert.equal((await env.invoke(script({ return: 'back' }))).response, 'back');
    });

    await t.test('JSON log format', async (inner) => {
      const json = await start(inner, {
        runtime,
        extensions: [await fixtureExtension()],
        logFormat: 'json',
        timeoutMs: 10_000,
      });
      const result = await json.invoke(
        script({
          write: [
            { text: 'hello', via: 'logger' },
            { text: 'plain\n', via: 'raw' },
          ],
        }),
      );
      const records = received(json)
        .filter(({ type }) => type === 'function')
        .map(({ record }) => record);
      LOGGED[kind].json(records[0], result.requestId);
      assert.equal(records[1], 'plain\n');
    });
  });
}

test('a streamed response: pieces arrive one by one, and the invocation ends with the last', async (t) => {
  const env = await start(t, { runtime: await ensureFunction('node'), extensions: [await fixtureExtension()] });
  const result = await env.invoke({ stream: ['one ', 'two ', 'three'] });
  assert.deepEqual([result.response, result.streamed], ['one two three', ['one ', 'two ', 'three']]);
  assert.ok(result.responseMs! >= 40);
});

test('framed logs: a message of several lines is one record', async (t) => {
  let runtime: ProcessRuntime;
  try {
    runtime = await ensureFunction('python');
  } catch (error) {
    if (!(error instanceof MissingToolchainError)) throw error;
    t.skip(error.message);
    return;
  }
  const env = await start(t, { runtime: { ...runtime, framedLogs: true }, extensions: [await fixtureExtension()] });
  await env.invoke({ write: [{ text: 'first\nsecond', via: 'logger' }] });
  const records = received(env)
    .filter(({ type }) => type === 'function')
    .map(({ record }) => record as string);
  assert.equal(records.length, 1);
  assert.match(records[0]!, /\tfirst\nsecond\n$/);
});

test('a scripted runtime does thousands of invocations a minute', async (t) => {
  const runtime = scriptedRuntime((payload, io) => {
    io.write(`order ${String(payload)}\n`);
    return payload;
  });
  const env = await start(t, { runtime, extensions: [await fixtureExtension({ waitForDone: false })] });
  const before = performance.now();
  for (let index = 0; index < 300; index++) assert.equal((await env.invoke(index)).response, index);
  const perMinute = (300 / (performance.now() - before)) * 60_000;
  t.diagnostic(`${Math.round(perMinute)} invocations a minute`);
  assert.ok(perMinute > 3000, String(perMinute));
  assert.equal(env.linesWritten.filter(({ source }) => source === 'function').length, 300);
});
