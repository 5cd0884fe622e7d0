import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valuesOf } from '../../../extension/buffer/batch';
import { LineBuffer } from '../../../extension/buffer/line-buffer';
import { Diagnostics } from '../../../extension/diagnostics';
import { InvocationFacts } from '../../../extension/lines/invocation-facts';
import { LineMetadata } from '../../../extension/lines/line-metadata';
import { Streams } from '../../../extension/loki/streams';
import { Intake } from '../../../extension/telemetry/intake';
import { RequestIds } from '../../../extension/telemetry/request-ids';
import { Timestamps } from '../../../extension/telemetry/timestamps';
import { delivery, ID_1, ID_2, ID_3, randomFrom, settingsOf } from '../support/builders';
import { FakePlatform, START } from '../support/fake-platform';

interface Bench {
  take(events: readonly unknown[]): Promise<void> | undefined;
  /** Stream, line and metadata of each line in the buffer, in the order of their timestamps. */
  stored(): unknown[];
  /** Lines that were taken in runs. */
  runs: number;
}

/**
 * @param forms whether lines may be taken in runs at all
 * @param byDefault whether lines have metadata without being asked for
 */
function benchOf(env: Record<string, string>, forms: boolean, byDefault: boolean): Bench {
  const platform = new FakePlatform();
  const settings = settingsOf(env);
  const limits = { maxLines: 10_000, maxBytes: 1 << 24, batchLines: 7, batchBytes: 2000 };
  const buffer = new LineBuffer(limits, platform);
  const unused = { add: () => undefined, clear: () => undefined, tailOf: () => undefined };
  const facts = new InvocationFacts(true, false);
  const lineMetadata = new LineMetadata({ platform, byDefault, fields: [], facts });
  const intake = new Intake({
    ...(byDefault ? { lineMetadata, facts } : {}),
    platform: Object.assign(platform, forms ? {} : { createForms: () => unused }),
    buffer,
    diagnostics: new Diagnostics(platform),
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
function lineOf(random: (below: number) => number, time: string): unknown {
  const id = [ID_1, ID_2, ID_3][random(3)];
  const level = ['INFO', 'WARN', 'ERROR', ''][random(4)];
  const end = ['', '\n', '\\n', ' ü "x"\n', ' \\', '\u2028'][random(6)];
  switch (random(7)) {
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

for (const byDefault of [false, true]) {
  for (const mode of ['label', 'metadata']) {
    for (const extract of ['true', 'false']) {
      test(`lines taken in runs are what is found of them one by one: ids as ${mode}, extracted: ${extract}, metadata by default: ${byDefault}`, async () => {
        const random = randomFrom(7);
        const env = { LOKI_REQUEST_ID_AS: mode, LOKI_EXTRACT_REQUEST_ID: extract };
        const [fast, slow] = [benchOf(env, true, byDefault), benchOf(env, false, byDefault)];
        for (let round = 0; round < 60; round++) {
          const events: unknown[] = [];
          for (let i = 0; i < 40; i++) {
            const time = new Date(START - 100 + Math.floor(i / 8)).toISOString();
            const requestId = [ID_1, ID_2, ID_3][random(3)];
            const tracing = {
              type: 'X-Amzn-Trace-Id',
              value: `Root=1-67891233-${'ab'.repeat(12)};Sampled=${random(2)}`,
            };
            const tenantId = random(2) === 0 ? `tenant-${random(3)}` : undefined;
            if (random(25) === 0)
              events.push({ time, type: 'platform.start', record: { requestId, tracing, tenantId } });
            else if (random(25) === 0) events.push({ time, type: 'platform.runtimeDone', record: { requestId } });
            else if (random(60) === 0)
              events.push({
                time,
                type: 'function',
                record: {
                  requestId,
                  executionArn: `arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/n${random(3)}/x`,
                },
              });
            else events.push({ time, type: 'function', record: lineOf(random, time) });
          }
          await fast.take(events);
          await slow.take(events);
          if (round % 10 === 9) assert.deepEqual(fast.stored(), slow.stored());
        }
        assert.equal(slow.runs, 0);
        assert.ok(fast.runs > 10, `${fast.runs} lines in runs`);
      });
    }
  }
}
