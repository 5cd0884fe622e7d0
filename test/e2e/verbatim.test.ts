import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ensureFunction } from '../functions';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import { scriptedRuntime, type ScriptedIo } from '../../sandbox';
import { assertSameLines, environmentWithLayer, functionLines, joined } from '../support/e2e';

/** Lines that shippers are known to alter. */
const AWKWARD = [
  'User {id: 5} failed',
  '2026-01-02 ERROR Processing items [1,2,3] failed',
  'tabs\tand  spaces   kept ',
  '\u001b[31mred\u001b[0m and \u001b[1;32mbold green\u001b[0m',
  'emoji 👩‍👩‍👧‍👦 and 日本語 and ñ',
  '{"level":"info","msg":"a JSON line","n":12345678901234567890,"f":1.0,"e":"\\u00e9"}',
  '[1, 2,   3]',
  '"quoted"',
  'back\\slash and "quotes" and \u0000 and \u007f and \u2028',
  '',
  '   ',
  'ends in a carriage return\r',
  'null',
  'Error: boom\r    at handler (/var/task/index.js:1:1)\r    at next',
];

describe('lines as they are', () => {
  let loki: FakeLoki;
  before(async () => {
    loki = await startFakeLoki({});
  });
  after(() => loki.stop());

  it('stores awkward lines verbatim', async () => {
    const lines = await store('awkward', AWKWARD);
    assert.deepEqual(lines, AWKWARD);
  });

  it('splits a 300 KiB line, and an emoji across the cut survives', async () => {
    const long = 'x'.repeat(204_798) + '👩‍🚀'.repeat(20) + 'y'.repeat(100_000);
    const two = 'ä'.repeat(150 * 1024);
    const lines = await store('long', ['before', long, two, 'after']);
    assertSameLines(lines, ['before', long, two, 'after']);
    const parts = functionLines(await loki.lines(), 'long').filter(({ metadata }) => metadata.part !== undefined);
    assert.deepEqual(
      parts.map(({ metadata }) => `${metadata.part}/${metadata.parts}`),
      ['1/2', '2/2', '1/2', '2/2'],
    );
    for (const { line } of parts) assert.ok(Buffer.byteLength(line) <= 204_800);
  });

  it('stores any JSON value of a function with JSON log format as its own text', async () => {
    const environment = await environmentWithLayer(loki, {
      functionName: 'json',
      runtime: scriptedRuntime(() => 'ok'),
      logFormat: 'json',
    });
    try {
      const raw = [
        '{"timestamp":"2026-01-02T03:04:05.006Z","level":"ERROR","big":12345678901234567890,"f":1.0,"nested":{"a":[1,{"b":null}]},"a":1,"a":2}',
        '42',
        '-1.50e3',
        'true',
        'null',
        '[]',
        '{}',
        '[1,"two"]',
        '12345678901234567890',
      ];
      const invoked = environment.invoke();
      const time = new Date().toISOString();
      environment.injectTelemetry({
        rawBody: `[${raw.map((record) => `{"time":"${time}","type":"function","record":${record}}`).join(',')}]`,
      });
      await invoked;
      await environment.shutdown();
      assert.deepEqual(
        functionLines(await loki.lines(), 'json').map(({ line }) => line),
        raw,
      );
    } finally {
      await environment.close();
    }
  });

  it('stores what Node.js writes in JSON log format, with the request id of its own record', async () => {
    const environment = await environmentWithLayer(loki, {
      functionName: 'json-node',
      runtime: await ensureFunction('node'),
      logFormat: 'json',
    });
    try {
      const { requestId } = await environment.invoke({
        write: [
          { via: 'console', text: 'hello' },
          { via: 'raw', text: 'not JSON\n' },
        ],
      });
      await environment.shutdown();
      const stored = functionLines(await loki.lines(), 'json-node');
      assert.equal((JSON.parse(stored[0].line) as { message: string }).message, 'hello');
      assert.equal(stored[1].line, 'not JSON');
      assert.deepEqual(
        stored.map(({ labels }) => labels.request_id),
        [requestId, requestId],
      );
    } finally {
      await environment.close();
    }
  });

  async function store(functionName: string, lines: readonly string[]): Promise<string[]> {
    const runtime = scriptedRuntime((_, io: ScriptedIo) => lines.forEach((line) => io.line(line)));
    const environment = await environmentWithLayer(loki, { functionName, runtime });
    try {
      assert.equal((await environment.invoke()).status, 'success');
      await environment.shutdown();
      return joined(functionLines(await loki.lines(), functionName));
    } finally {
      await environment.close();
    }
  }
});
