import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valuesOf } from '../../../extension/buffer/batch';
import { LineBuffer } from '../../../extension/buffer/line-buffer';
import { Diagnostics } from '../../../extension/diagnostics';
import { errorWatcher } from '../../../extension/lines/errors';
import { InvocationFacts } from '../../../extension/lines/invocation-facts';
import { LineMetadata } from '../../../extension/lines/line-metadata';
import { Streams } from '../../../extension/loki/streams';
import { createLineRules } from '../../../extension/rules';
import { Intake } from '../../../extension/telemetry/intake';
import { LineForms } from '../../../extension/telemetry/line-forms';
import { RequestIds } from '../../../extension/telemetry/request-ids';
import { Timestamps } from '../../../extension/telemetry/timestamps';
import { delivery, ID_1, ID_2, randomFrom, settingsOf } from '../support/builders';
import { FakePlatform, START } from '../support/fake-platform';

interface Bench {
  take(events: readonly unknown[]): Promise<void> | undefined;
  /** Stream, line and metadata of each line in the buffer, in the order of their timestamps. */
  stored(): unknown[];
  /** Lines that were taken in runs. */
  runs: number;
  /** Lines of level `error` that were seen. */
  errors: number;
  /** What was said at debug level. */
  readonly said: readonly string[];
}

interface Options {
  readonly env: Record<string, string>;
  /** Whether lines have metadata without being asked for. */
  readonly byDefault: boolean;
  readonly withRules?: boolean;
  /** Whether somebody wants to know of errors. */
  readonly watched?: boolean;
}

/** @param forms whether lines may be taken in runs at all */
function benchOf({ env, byDefault, withRules = false, watched = false }: Options, forms: boolean): Bench {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform, 'debug');
  const settings = settingsOf(env);
  const rules = withRules ? createLineRules(platform, diagnostics, settings, false) : undefined;
  if (rules !== undefined && !forms) Object.assign(rules, { createForms: () => undefined });
  const limits = { maxLines: 10_000, maxBytes: 1 << 24, batchLines: 7, batchBytes: 2000 };
  const buffer = new LineBuffer(limits, platform);
  const unused = {
    add: () => undefined,
    describePlain: () => undefined,
    addPlain: () => undefined,
    clear: () => undefined,
    tailOf: () => undefined,
  };
  const facts = new InvocationFacts(true, false);
  const lineMetadata = new LineMetadata({ platform, byDefault, fields: [], facts });
  const intake = new Intake({
    ...(byDefault ? { lineMetadata, facts } : {}),
    ...(watched ? { onFunctionLine: errorWatcher(platform.fieldReader, () => bench.errors++) } : {}),
    rules,
    platform: Object.assign(platform, forms ? {} : { createForms: () => unused }),
    buffer,
    diagnostics,
    options: settings,
    streams: new Streams(settings, { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' }),
    requestIds: new RequestIds(false),
    timestamps: new Timestamps(100_000),
    listener: {
      initDone: () => undefined,
      invocationDone: () => undefined,
      invocationReported: () => undefined,
      batchFilled: () => undefined,
      roomWanted: async () => false,
      mayExceedLines: () => false,
      dropped: () => assert.fail('dropped'),
    },
  });
  const bench: Bench = {
    runs: 0,
    errors: 0,
    said: platform.stderrLines,
    take: (events) => intake.accept(delivery(events)),
    stored() {
      buffer.close();
      const lines: [time: bigint, line: unknown][] = [];
      for (let batch = buffer.take(); batch !== undefined; batch = buffer.take()) {
        for (const [time, line, metadata] of valuesOf(batch)) {
          lines.push([BigInt(time), [batch.requestId, line, metadata]]);
        }
        assert.equal(batch.lines, valuesOf(batch).length);
        assert.equal(
          batch.bytes,
          valuesOf(batch).reduce((sum, [, line]) => sum + Buffer.byteLength(line), 0),
        );
        buffer.remove(batch);
      }
      assert.deepEqual([buffer.lines, buffer.resident], [0, 0]);
      lines.sort(([a], [b]) => (a < b ? -1 : 1));
      for (let i = 1; i < lines.length; i++) assert.ok(lines[i - 1][0] < lines[i][0], 'two lines have one timestamp');
      return lines.map(([, line]) => line);
    },
  };
  const addRows = buffer.addRows.bind(buffer);
  buffer.addRows = (...args) => {
    const result = addRows(...args);
    bench.runs += result.lines;
    return result;
  };
  return bench;
}

/** A random line of the function, in one of the formats of runtimes or in none of them. */
function lineOf(random: (below: number) => number, time: string, ids: readonly string[]): unknown {
  const id = ids[random(3)];
  const level = ['INFO', 'WARN', 'ERROR', ''][random(4)];
  const end = ['', '\n', '\\n', ' ü "x"\n', ' \\', '\u2028'][random(6)];
  switch (random(9)) {
    case 7:
      return `${['GET', 'order', 'Error', 'The'][random(4)]} ${['/health', '7,x,', `trace_id=${'a1'.repeat(16)}`][random(3)]}${end}`;
    case 8:
      return [
        `INFO x${end}`,
        `task RequestId: ${id} x${end}`,
        'Jan 02, 2026 3:04:05 AM x.Handler handle\nWARNING: x',
        'Die Öl, x\nERROR x',
        `word ${'x'.repeat(19)}\t${id}\t${level}`,
        `level=${level} x`,
        'word',
        'wörd x',
        'WARNING x',
      ][random(9)];
    case 0:
    case 1:
    case 2:
      return `${time}\t${id}\t${level}\t${random(3) === 0 ? 'ERROR ' : ''}message ${random(10)}${end}`;
    case 3:
      return `[${level}]\t${time}\t${id}\tmessage${end}`;
    case 4:
      return `RequestId: ${id} plain${end}`;
    case 5:
      return { level, requestId: id };
    default:
      return [
        `2026-01-02 03:04:05 INFO trace_id=${'a1'.repeat(16)} x`,
        '',
        '\0'.repeat(70),
        `${'x'.repeat(24)}\t${id}\t${level}\tno time`,
        'plain',
        '\n',
      ][random(6)];
  }
}

/** A random event: mostly a line of the function. */
function eventOf(random: (below: number) => number, time: string, ids: readonly string[]): unknown {
  const requestId = ids[random(3)];
  const tracing = { type: 'X-Amzn-Trace-Id', value: `Root=1-67891233-${'ab'.repeat(12)};Sampled=${random(2)}` };
  const tenantId = random(2) === 0 ? `tenant-${random(3)}` : undefined;
  if (random(25) === 0) return { time, type: 'platform.start', record: { requestId, tracing, tenantId } };
  if (random(25) === 0) {
    const status = random(2) === 0 ? 'success' : 'error';
    return { time, type: 'platform.runtimeDone', record: { requestId, status } };
  }
  if (random(60) > 0) return { time, type: 'function', record: lineOf(random, time, ids) };
  const executionArn = `arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/n${random(3)}/x`;
  return { time, type: 'function', record: { requestId, executionArn } };
}

async function compare(options: Options): Promise<{ fast: Bench; slow: Bench }> {
  const random = randomFrom(7);
  const [fast, slow] = [benchOf(options, true), benchOf(options, false)];
  for (let round = 0; round < 60; round++) {
    // An invocation that is over does not begin again.
    const ids = [0, 1, 2].map((i) => ID_1.slice(0, -2) + String(10 + i + Math.floor(round / 3)));
    const events = Array.from({ length: 40 }, (_, i) =>
      eventOf(random, new Date(START - 100 + Math.floor(i / 8)).toISOString(), ids),
    );
    await fast.take(events);
    await slow.take(events);
    if (round % 10 === 9) assert.deepEqual(fast.stored(), slow.stored());
  }
  assert.deepEqual([fast.errors, fast.said], [slow.errors, slow.said]);
  assert.equal(slow.runs, 0);
  return { fast, slow };
}

for (const byDefault of [false, true]) {
  for (const mode of ['label', 'metadata']) {
    for (const extract of ['true', 'false']) {
      test(`lines taken in runs are what is found of them one by one: ids as ${mode}, extracted: ${extract}, metadata by default: ${byDefault}`, async () => {
        const env = { LOKI_REQUEST_ID_AS: mode, LOKI_EXTRACT_REQUEST_ID: extract };
        const { fast } = await compare({ env, byDefault });
        assert.ok(fast.runs > 30, `${fast.runs} lines in runs`);
      });
    }
  }
}

const exclude = { type: 'exclude_at_match', name: 'no 7', pattern: 'message 7' };
const include = { type: 'include_at_match', name: 'only ids', pattern: '[0-9a-f]{8}-', on: 'function' };
const mask = { type: 'mask_sequences', name: 'threes', pattern: '(message )3|(?m)"x"$', replace_placeholder: '$1#' };
const half = { type: 'sample', name: 'half', rate: 0.5 };
const halfOfFours = { ...half, name: 'half of 4', pattern: 'message 4' };

const RULES: readonly [what: string, env: Record<string, string>, runs: boolean][] = [
  ['one of each kind', { LOKI_RULES: JSON.stringify([exclude, include, mask, halfOfFours]) }, true],
  ['invocations sampled', { LOKI_RULES: JSON.stringify([half]) }, true],
  ['a level', { LOKI_MIN_LEVEL: 'warn' }, true],
  ['a level and rules', { LOKI_MIN_LEVEL: 'warn', LOKI_RULES: JSON.stringify([exclude]) }, true],
  ['lines that wait', { LOKI_MIN_LEVEL: 'warn', LOKI_KEEP_ON_ERROR: 'true', LOKI_RULES: JSON.stringify([half]) }, true],
  ['a mask that is broken', { LOKI_RULES: JSON.stringify([{ ...mask, pattern: '(' }]) }, false],
];

for (const byDefault of [false, true]) {
  for (const [what, env, runs] of RULES) {
    test(`lines that rules leave alone are taken in runs, and no others: ${what}, metadata by default: ${byDefault}`, async () => {
      const { fast } = await compare({ env, byDefault, withRules: true });
      assert.equal(fast.runs > 10, runs, `${fast.runs} lines in runs`);
    });
  }
  test(`no error goes unseen in a run, metadata by default: ${byDefault}`, async () => {
    const { fast } = await compare({ env: {}, byDefault, watched: true });
    assert.ok(fast.runs > 30 && fast.errors > 10, `${fast.runs} lines in runs, ${fast.errors} errors`);
  });
}

test('lines are known by their beginning in the formats of Node.js and Python, with the id of the invocation', () => {
  const time = '2026-01-02T03:04:05.006Z';
  const settings = settingsOf({});
  const stream = new Streams(settings, { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' }).of(ID_1);
  const long = 'x'.repeat(16);
  for (const [line, known] of [
    [`${time}\t${ID_1}\tINFO\tx`, true],
    [`${time}\t${ID_2}\tINFO\tx`, false],
    [`${time}\t${ID_1}\t${long}\tx`, true],
    [`${time}\t${ID_1}\t${long}x\tx`, false],
    [`${time}\t${ID_1}\tINFO x`, false],
    [`[INFO]\t${time}\t${ID_1}\tx`, true],
    [`[INFO]\t${time}\t${ID_2}\tx`, false],
    [`[${long.slice(0, 13)}]\t${time}\t${ID_1}\tx`, true],
    [`[${long.slice(0, 14)}]\t${time}\t${ID_1}\tx`, false],
    [`[x]\t${time}\t${ID_1}\tx`, true],
    [`[]\t${time}\t${ID_1}\tx`, false],
    [`INFO]\t${time}\t${ID_1}\tx`, false],
    [`[INFO]\t${time} ${ID_1}\tx`, false],
    [`[INFO]\t${time}\t${ID_1} x`, false],
  ] as const) {
    const forms = new LineForms(new FakePlatform().createForms());
    forms.learn(line, ID_1, stream);
    assert.equal(forms.of(ID_1, stream) !== undefined, known, JSON.stringify(line));
  }
});
