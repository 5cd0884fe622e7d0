import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Batch } from '../../../extension/buffer/batch';
import { LineBuffer } from '../../../extension/buffer/line-buffer';
import { CriticalFlush } from '../../../extension/loki/critical-flush';
import { Latency } from '../../../extension/loki/latency';
import { NextBatch } from '../../../extension/loki/next-batch';
import { Pacer } from '../../../extension/loki/pacer';
import { Streams } from '../../../extension/loki/streams';
import { settingsOf } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

const IDENTITY = { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' };

interface Bench {
  readonly buffer: LineBuffer;
  readonly latency: Latency;
  readonly next: NextBatch;
  /** How often request ids were moved out of the label. */
  left(): number;
  add(requestId: string, count: number): void;
  flush(limitMs: number, last: boolean): CriticalFlush;
}

function bench(mode: 'label' | 'metadata' = 'label'): Bench {
  const platform = new FakePlatform();
  const limits = { maxLines: 10_000, maxBytes: 1 << 24, batchLines: 10, batchBytes: 1 << 20 };
  const buffer = new LineBuffer(limits, platform);
  const latency = new Latency();
  const pacer = new Pacer(platform, latency);
  const streams = new Streams(settingsOf({ LOKI_REQUEST_ID_AS: mode }), IDENTITY);
  let left = 0;
  const settlement = { leaveRequestIdLabel: () => void left++ };
  return {
    buffer,
    latency,
    next: new NextBatch({ platform, buffer, pacer, streams, settlement }),
    left: () => left,
    add: (requestId, count) => {
      for (let i = 0; i < count; i++) buffer.add(requestId, String(i), `line ${i}`);
      buffer.close();
    },
    flush: (limitMs, last) =>
      new CriticalFlush(platform, pacer, { limitMs, probeMs: undefined, retries: 5, last }, () => undefined),
  };
}

/** A batch is set aside, and its time has come. */
function setAside({ buffer, add }: Bench): Batch {
  add('aside', 1);
  const batch = buffer.take()!;
  batch.aside = { failures: 1, notBefore: 0 };
  buffer.giveBack(batch);
  return batch;
}

describe('the next batch', () => {
  test('is the oldest one; what was set aside comes after all others', () => {
    const one = bench();
    const aside = setAside(one);
    one.add('a', 2);
    one.add('b', 2);
    const taken = [1, 2, 3, 4].map(() => one.next.take(undefined));
    assert.deepEqual(
      taken.slice(0, 2).map((batch) => batch?.requestId),
      ['a', 'b'],
    );
    assert.deepEqual([taken[2] === aside, taken[3]], [true, undefined]);
  });

  test('is none that was set aside where an invocation waits, unless it is the last chance', () => {
    for (const last of [false, true]) {
      const one = bench();
      setAside(one);
      const critical = one.flush(4000, last);
      assert.equal(one.next.isThere(last), last);
      assert.equal(one.next.take(critical) !== undefined, last);
    }
  });
});

describe('at the last chance', () => {
  test('with time for all streams they stay as they are', () => {
    const one = bench();
    for (let i = 0; i < 12; i++) one.add(`id ${i}`, 1);
    one.latency.note(100, false);
    one.latency.note(100, false);
    one.next.take(one.flush(1800, true));
    assert.equal(one.left(), 0);
  });

  test('without it request ids leave the label; not at the end of an invocation, nor where they are in metadata', () => {
    for (const [mode, last, left] of [
      ['label', true, 1],
      ['label', false, 0],
      ['metadata', true, 0],
    ] as const) {
      const one = bench(mode);
      for (let i = 0; i < 12; i++) one.add(`id ${i}`, 1);
      one.latency.note(900, false);
      one.latency.note(900, false);
      one.next.take(one.flush(1800, last));
      assert.equal(one.left(), left, `${mode}, last: ${last}`);
    }
  });

  test('batches get larger than usual where there is no time for so many', () => {
    for (const [ms, lines] of [
      [10, 10],
      [900, 100],
    ] as const) {
      const one = bench('metadata');
      for (let i = 0; i < 10; i++) one.add('', 10);
      one.latency.note(ms, false);
      one.latency.note(ms, false);
      assert.equal(one.next.take(one.flush(1800, true))?.lines, lines, `at ${ms} ms a push`);
    }
  });

  test('lines that are still being added count', () => {
    const one = bench();
    one.buffer.add('', '1', 'open');
    assert.equal(one.next.isThere(false), false);
    assert.equal(one.next.isThere(true), true);
  });
});
