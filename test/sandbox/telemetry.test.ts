import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureExtension, received, said } from './fixtures';
import { expectedLines } from '../functions/script';
import { start } from './fixtures/cleanup';
import { scriptedRuntime } from '../../sandbox';

interface Seen {
  readonly url: string;
  readonly host: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Record<string, string>;
  readonly socket: number;
}

interface Lines {
  readonly count?: number;
  readonly bytes?: number;
  readonly texts?: readonly string[];
}

const writer = scriptedRuntime((payload, io) => {
  const { count = 0, bytes = 0, texts = [] } = (payload ?? {}) as Lines;
  for (const line of [...expectedLines({ count, bytes }), ...texts]) io.line(line);
});

const functionLines = (env: Parameters<typeof received>[0]): unknown[] =>
  received(env)
    .filter(({ type }) => type === 'function')
    .map(({ record }) => record);

test('a batch is cut by number, by bytes, and after a time', async (t) => {
  const env = await start(t, { runtime: writer, extensions: [await fixtureExtension()], timeoutMs: 20_000 });
  await env.invoke({ count: 2500 });
  await env.invoke({ count: 40, bytes: 20_000 });
  const posts = env.events.of('telemetry.post');
  assert.ok(posts.every(({ items }) => items <= 1000));
  assert.ok(posts.filter(({ items }) => items === 1000).length >= 2, '2 500 lines are more than two batches');
  const cutByBytes = posts.filter(({ items, bytes }) => items < 1000 && bytes >= 262_144);
  assert.ok(cutByBytes.length >= 2, 'three batches of 256 KiB for 800 kB');
  assert.ok(cutByBytes.every(({ bytes }) => bytes < 262_144 + 20_200));
  const expected = [...expectedLines({ count: 2500 }), ...expectedLines({ count: 40, bytes: 20_000 })].map(
    (line) => `${line}\n`,
  );
  assert.ok(
    functionLines(env).join('') === expected.join(''),
    `${functionLines(env).length} lines, or others than expected`,
  );
  for (const [index, post] of posts.slice(1).entries())
    assert.ok(post.sentAt >= posts[index]!.at, 'one POST at a time');
});

test('a POST goes to the path asked for; events from before the subscription come first', async (t) => {
  const env = await start(t, { runtime: writer, extensions: [await fixtureExtension()] });
  await env.invoke({ texts: ['x'] });
  const post = said<Seen>(env, 'telemetry')[0]!;
  assert.equal(post.url, '/telemetry');
  assert.match(post.host, /^sandbox\.localdomain:\d+$/);
  assert.equal(Number(post.headers['content-length']), Buffer.byteLength(post.text));
  const types = received(env).map(({ type }) => type);
  assert.equal(types[0], 'platform.initStart');
  assert.ok(types.includes('platform.telemetrySubscription'));
  assert.match(received(env)[0]!.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('what is not answered with 2xx comes again, the same bytes, and is acknowledged once', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ statuses: [500, 503] })],
    telemetry: { retryFirstMs: 20 },
  });
  await env.invoke({ texts: ['once'] });
  const bodies = said<Seen>(env, 'telemetry').map(({ text }) => text);
  assert.equal(bodies[0], bodies[1]);
  assert.equal(bodies[1], bodies[2]);
  const posts = env.events.of('telemetry.post');
  assert.deepEqual(
    posts.slice(0, 3).map(({ status, attempt }) => [status, attempt]),
    [
      [500, 1],
      [503, 2],
      [200, 3],
    ],
  );
  assert.ok(posts[2]!.sentAt - posts[1]!.at >= 38, 'the pause doubles');
  assert.deepEqual(
    env
      .linesAcknowledged('fixture')
      .filter(({ type }) => type === 'function')
      .map(({ record }) => record),
    ['once\n'],
  );
  assert.deepEqual(
    env.linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text),
    ['once'],
  );
});

test('a subscriber that falls behind loses the oldest records and is told how many', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ answerDelayMs: 100 })],
    telemetry: { maxQueuedBytes: 600_000 },
    timeoutMs: 20_000,
  });
  await env.invoke({ count: 100, bytes: 20_000 });
  await env.invoke({});
  const [dropped] = env.events.of('telemetry.dropped');
  assert.ok(dropped!.records > 0);
  const notices = received(env)
    .filter(({ type }) => type === 'platform.logsDropped')
    .map(({ record }) => record as { droppedRecords: number });
  const lost = notices.reduce((sum, notice) => sum + notice.droppedRecords, 0);
  const all = env.events.of('telemetry.dropped').reduce((sum, { records }) => sum + records, 0);
  assert.equal(lost, all);
  const arrived = functionLines(env).length;
  assert.ok(arrived < 100);
  assert.equal((functionLines(env).at(-1) as string).startsWith('line 99 '), true, 'the newest are kept');
});

test('nothing is delivered while frozen, and the buffering time stands still', async (t) => {
  const buffering = { maxItems: 1000, maxBytes: 262_144, timeoutMs: 100 };
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ waitForDone: false, subscribe: { buffering } })],
  });
  const first = await env.invoke({ texts: ['late'] });
  await env.idle(250);
  assert.equal(env.events.of('telemetry.post').length, 0);
  await env.invoke({ texts: ['later'] });
  await env.shutdown();
  assert.ok(env.events.of('telemetry.post').every(({ sentAt }) => sentAt > first.frozenAt! + 250));
});

test('a POST that is unanswered at the freeze is answered after the thaw', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ waitForDone: false, invokeMs: 60, answerDelayMs: 100 })],
  });
  const first = await env.invoke({ texts: ['x'] });
  await env.idle(300);
  await env.invoke({});
  await env.shutdown();
  const post = env.events.of('telemetry.post')[0]!;
  assert.ok(post.sentAt < first.frozenAt!, 'sent before');
  assert.ok(post.at > first.frozenAt! + 300, 'answered after');
});

test('lines keep their text: JSON becomes an object with the JSON log format and keeps its numbers', async (t) => {
  const texts = [
    '{"big":12345678901234567890,"one":1.0,"a":{"b":[]}}',
    '{not json}',
    '[1,2]',
    '"text"',
    '',
    'tab\t"quoted" ✓',
    ' {"spaced":1} ',
  ];
  const json = await start(t, { runtime: writer, extensions: [await fixtureExtension()], logFormat: 'json' });
  await json.invoke({ texts });
  const raw = said<Seen>(json, 'telemetry')
    .map(({ text }) => text)
    .join('');
  assert.ok(raw.includes('"record":{"big":12345678901234567890,"one":1.0,"a":{"b":[]}}'), raw);
  assert.ok(raw.includes('"record":{"spaced":1}'));
  assert.deepEqual(
    functionLines(json).slice(1, 6),
    texts.slice(1, 6).map((text) => `${text}\n`),
  );

  const old = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ subscribe: { schemaVersion: '2022-07-01' } })],
    logFormat: 'json',
  });
  await old.invoke({ texts });
  assert.deepEqual(
    functionLines(old),
    texts.map((text) => `${text}\n`),
    'the oldest schema knows strings only',
  );

  const plain = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension()],
    telemetry: { trailingNewline: false },
  });
  await plain.invoke({ texts });
  assert.deepEqual(functionLines(plain), texts);
});

for (const [what, subscribe, errorType] of [
  ['no types', { types: [] }, 'ValidationError'],
  ['an unknown type', { types: ['traces'] }, 'ValidationError'],
  ['no schema version', { schemaVersion: null }, 'ValidationError'],
  ['an unknown schema version', { schemaVersion: '2020-01-01' }, 'ValidationError'],
  ['too short a time', { buffering: { timeoutMs: 10 } }, 'ValidationError'],
  ['too many items', { buffering: { maxItems: 20_000 } }, 'ValidationError'],
  ['another host', { destination: { protocol: 'HTTP', URI: 'http://127.0.0.1:1234' } }, 'ValidationError'],
  ['https', { destination: { protocol: 'HTTP', URI: 'https://sandbox.localdomain:1234' } }, 'ValidationError'],
] as const) {
  test(`a subscription with ${what} is refused with 400`, async (t) => {
    const env = await start(t, {
      runtime: writer,
      extensions: [await fixtureExtension({ subscribe, waitForDone: false })],
    });
    const [reply] = env.events.of('telemetry.subscribe');
    assert.deepEqual([reply!.status, reply!.errorType], [400, errorType]);
  });
}

test('the subscription can be answered as by an emulator, with errors, late, or by version', async (t) => {
  const answer = async (telemetry: object): Promise<number> => {
    const env = await start(t, {
      runtime: writer,
      extensions: [await fixtureExtension({ waitForDone: false })],
      telemetry,
    });
    return env.events.of('telemetry.subscribe')[0]!.status;
  };
  assert.equal(await answer({ subscribe: 'not-supported' }), 202);
  assert.equal(await answer({ subscribe: 'client-error' }), 400);
  assert.equal(await answer({ subscribe: 'server-error' }), 500);
  assert.equal(await answer({ rejectSchemaVersions: ['2022-12-13'] }), 400);
  const before = Date.now();
  assert.equal(await answer({ subscribe: { delayMs: 150 } }), 200);
  assert.ok(Date.now() - before >= 150);
});

test('knobs of the transport: path, chunks, drips, a connection each, split, reordered', async (t) => {
  const run = async (telemetry: object): Promise<Seen[]> => {
    const env = await start(t, { runtime: writer, extensions: [await fixtureExtension()], telemetry });
    for (let index = 0; index < 3; index++) await env.invoke({ texts: [`line ${index}`] });
    assert.deepEqual(functionLines(env).sort(), ['line 0\n', 'line 1\n', 'line 2\n']);
    return said<Seen>(env, 'telemetry');
  };
  assert.ok((await run({ dropPath: true })).every(({ url }) => url === '/'));
  assert.ok(
    (await run({ transfer: 'chunked' })).every(
      ({ headers }) => headers['transfer-encoding'] === 'chunked' && headers['content-length'] === undefined,
    ),
  );
  await run({ drip: { bytes: 200, everyMs: 2 } });
  const kept = new Set((await run({})).map(({ socket }) => socket));
  assert.equal(kept.size, 1);
  const each = await run({ connection: 'new' });
  assert.equal(new Set(each.map(({ socket }) => socket)).size, each.length);
  const split = await run({ split: true });
  assert.ok(
    split.every(({ text }) => new Set((JSON.parse(text) as { type: string }[]).map(({ type }) => type)).size === 1),
  );
  const reordered = (await run({ reorder: true, split: true }))
    .flatMap(({ text }) => JSON.parse(text) as { type: string }[])
    .map(({ type }) => type);
  assert.notEqual(reordered[0], 'platform.initStart');
});

test('runtimeDone: never, late, before the INVOKE event', async (t) => {
  const never = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ waitForDone: false })],
    telemetry: { runtimeDone: 'never' },
  });
  await never.invoke({ texts: ['x'] });
  await never.invoke({});
  assert.ok(!received(never).some(({ type }) => type === 'platform.runtimeDone'));

  const late = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension()],
    telemetry: { runtimeDone: { lateMs: 200 } },
  });
  assert.ok((await late.invoke({})).extensionOverheadMs >= 200);

  const early = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension()],
    telemetry: { runtimeDone: 'before-invoke' },
  });
  const result = await early.invoke({});
  const done = early.events.of('telemetry.post').find(({ types }) => types.includes('platform.runtimeDone'))!;
  assert.ok(done.at <= early.events.of('extension.event')[0]!.at);
  assert.equal(result.status, 'success');
});

test('the report can be left out; anything can be put into the stream', async (t) => {
  const env = await start(t, {
    runtime: writer,
    extensions: [await fixtureExtension({ waitForDone: false, invokeMs: 150 })],
    telemetry: { report: 'omit' },
  });
  const running = env.invoke({});
  await env.events.waitFor('extension.event');
  env.injectTelemetry([{ type: 'platform.news', record: [1] }, 7]);
  env.injectTelemetry({ rawBody: 'no json' });
  await running;
  await env.invoke({});
  const bodies = said<Seen>(env, 'telemetry').map(({ text }) => text);
  assert.ok(
    bodies.some((text) => /^\[\{"time":"[^"]+","type":"platform\.news","record":\[1\]\},7\]$/.test(text)),
    bodies.join('\n'),
  );
  assert.ok(bodies.includes('no json'));
  assert.ok(!bodies.some((text) => text.includes('platform.report')));
});
