import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../extension/buffer/batch';
import type { Outcome } from '../../../extension/loki/classify';
import { type Finding, Settlement } from '../../../extension/loki/settlement';
import { deliveryBench, type DeliveryBench } from '../support/builders';

interface Bench extends DeliveryBench {
  readonly settlement: Settlement;
  /** When another push last passed, on the monotonic clock. */
  lastPassed: number;
  /** A batch of so many lines that is being pushed. */
  batch(lines?: number, requestId?: string): Batch;
  settle(batch: Batch, outcome: Outcome, last?: boolean): Finding;
}

function bench(env: Record<string, string> = {}): Bench {
  const base = deliveryBench({ env });
  const { platform, diagnostics, buffer, streams, losses } = base;
  const result: Bench = Object.assign(base, {
    lastPassed: -Infinity,
    settlement: new Settlement({
      platform,
      diagnostics,
      buffer,
      streams,
      losses,
      pacer: {
        get lastPassed(): number {
          return result.lastPassed;
        },
      },
    }),
    batch: (lines = 2, requestId?: string): Batch => {
      base.fill(lines, requestId);
      buffer.close();
      return buffer.take()!;
    },
    settle: (batch: Batch, outcome: Outcome, last = false): Finding =>
      result.settlement.settle(batch, outcome, { began: platform.monotonic(), last }),
  });
  return result;
}

const FAILED = { kind: 'failed', reason: 'status 500' } as const;
const DISLIKED = { kind: 'denied', reason: 'status 403', perhapsContent: true } as const;

test('what Loki may have got stays in its stream, and what it has certainly not got need not', () => {
  for (const [outcome, uncertain] of [
    [FAILED, true],
    [{ ...FAILED, notStored: true }, false],
    [{ kind: 'denied', reason: 'status 401' }, false],
    [{ ...FAILED, notStored: true, perhapsStored: true }, true],
    [{ kind: 'denied', reason: 'status 401', perhapsStored: true }, true],
    [{ kind: 'canceled' }, true],
  ] as const) {
    const { batch, settle } = bench();
    const one = batch();
    settle(one, outcome);
    assert.equal(one.uncertain, uncertain, outcome.kind);
  }
});

test('trouble that comes back within 10 s is the same and is logged once; after a quiet time it is news', async () => {
  const { batch, settle, platform } = bench();
  const round = async (pauseMs: number): Promise<number> => {
    settle(batch(), FAILED);
    await platform.advance(pauseMs);
    settle(batch(), { kind: 'stored' });
    return platform.stderrLines.length;
  };
  assert.deepEqual([await round(10_000), await round(10_001), await round(0)], [1, 1, 2]);
});

test('a push that was called off counts as trouble, so that what it cut is not over yet', async () => {
  const { batch, settle, platform } = bench();
  settle(batch(), FAILED);
  await platform.advance(10_001);
  settle(batch(), { kind: 'canceled' });
  settle(batch(), { kind: 'stored' });
  settle(batch(), FAILED);
  assert.equal(platform.stderrLines.length, 1);
});

test('a failure of the network and one of the settings are different news, and so are different statuses', () => {
  const { batch, settle, platform } = bench();
  settle(batch(), FAILED);
  settle(batch(), { kind: 'failed', reason: 'status 502' });
  settle(batch(), { kind: 'denied', reason: 'status 500' });
  settle(batch(), { kind: 'failed', reason: 'status 500: other words' });
  settle(batch(), { kind: 'failed', reason: 'the secret is missing', told: true });
  assert.deepEqual(
    platform.stderrLines.map((line) => line.replace(/^\[lambdawatch\] warn: /, '').slice(0, 55)),
    [
      "Loki can't be reached or does not take logs at the mome",
      "Loki can't be reached or does not take logs at the mome",
      'Loki does not take logs as LambdaWatch is set up: statu',
    ],
  );
});

test('what failed shows that Loki takes nothing, how long it asks for, and whether another try is of use', () => {
  const { batch, settle } = bench();
  assert.deepEqual(settle(batch(), { ...FAILED, retryAfterMs: 7 }), { kind: 'failed', retryAfterMs: 7 });
  const denied = { kind: 'failed', denied: true };
  assert.deepEqual(settle(batch(), { kind: 'denied', reason: 'status 401' }), { ...denied, hopeless: true });
  const other = bench();
  const one = other.batch();
  assert.deepEqual(other.settle(one, DISLIKED), { ...denied, hopeless: true }, 'it is the only one');
  other.batch();
  assert.deepEqual(other.settle(one, DISLIKED), { ...denied, hopeless: false }, 'another one may pass');
});

test('a refusal within a second of a push that passed is due to the batch, one of status 500 at the second time', () => {
  for (const [sinceMs, outcome, times, aside] of [
    [999, DISLIKED, 1, true],
    [1000, DISLIKED, 1, false],
    [999, { ...FAILED, perhapsContent: true }, 1, false],
    [999, { ...FAILED, perhapsContent: true }, 2, true],
    [1000, { ...FAILED, perhapsContent: true }, 2, false],
  ] as const) {
    const result = bench();
    const one = result.batch();
    let finding: Finding | undefined;
    for (let i = 0; i < times; i++) {
      result.lastPassed = result.platform.monotonic() - sinceMs;
      finding = result.settle(one, outcome);
    }
    assert.equal(one.aside !== undefined, aside, `${sinceMs} ms, ${outcome.kind}, ${times}`);
    assert.equal(finding!.kind, aside ? 'nothing' : 'failed');
  }
});

test('a push that passes exonerates Loki of what a suspect has shown, unless Loki has failed itself meanwhile', () => {
  const { batch, settle } = bench();
  const stored = { kind: 'stored' } as const;
  settle(batch(), DISLIKED);
  assert.deepEqual(settle(batch(), stored), { kind: 'passed', exonerates: true });
  settle(batch(), DISLIKED);
  settle(batch(), FAILED);
  assert.deepEqual(settle(batch(), stored), { kind: 'passed', exonerates: false });
});

test('a batch that is aside and fails again shows nothing about Loki', () => {
  const { batch, settle, platform } = bench();
  const one = batch(3);
  one.aside = { failures: 0, notBefore: 0 };
  assert.deepEqual(settle(one, DISLIKED), { kind: 'nothing' });
  assert.equal(one.lines, 1, 'halved');
  assert.match(platform.stderrLines.join(), /lines are not taken \(status 403\) while others are/);
});

test('a refusal in part counts its share of the bytes, and never more lines than there are', () => {
  const { batch, settle, platform } = bench();
  settle(batch(3), { kind: 'refused', reason: 'a', lines: 1 });
  settle(batch(3), { kind: 'refused', reason: 'b', lines: 9 });
  settle(batch(3), { kind: 'refused', reason: 'c' });
  assert.deepEqual(
    platform.stderrLines.map((line) => /refused .*? bytes\)/.exec(line)![0]),
    ['refused 1 line (6 bytes)', 'refused 3 lines (18 bytes)', 'refused 3 lines (18 bytes)'],
  );
});

test('too large: halves, unless it is a single line, which is refused', () => {
  const { batch, settle, buffer, losses } = bench();
  settle(batch(2), { kind: 'too-large', reason: 'status 413' });
  assert.deepEqual([buffer.waiting, buffer.lines], [2, 2]);
  settle(buffer.take()!, { kind: 'too-large', reason: 'status 413' });
  assert.equal(buffer.lines, 1);
  assert.match(losses.takeLine()!, /refused 1 line .*status 413/);
});

test('the limit of streams moves request ids once; where there is none to move, it is a failure', () => {
  const limit = { kind: 'stream-limit', reason: 'status 429' } as const;
  const { batch, settle, streams, platform } = bench({ LOKI_REQUEST_ID_AS: 'label' });
  const [one, other] = [batch(1, 'id-1'), batch(1, 'id-2')];
  assert.deepEqual([settle(one, limit), settle(other, limit)], [{ kind: 'nothing' }, { kind: 'nothing' }]);
  assert.deepEqual([one.requestId, other.requestId, streams.mode], ['', '', 'metadata']);
  assert.equal(platform.stderrLines.length, 1);
  assert.equal(settle(one, limit).kind, 'failed');
});

test('metadata that Loki does not take is left out, with one warning; of lines without any, it is a failure', () => {
  const none = { kind: 'no-metadata', reason: 'status 400' } as const;
  const { batch, settle, streams, platform } = bench({ LOKI_REQUEST_ID_AS: 'metadata' });
  const [one, other] = [batch(1, 'id-1'), batch(1, 'id-2')];
  assert.deepEqual([settle(one, none), settle(other, none)], [{ kind: 'nothing' }, { kind: 'nothing' }]);
  assert.deepEqual([streams.takesMetadata, platform.stderrLines.length], [false, 1]);
  assert.deepEqual(settle(batch(1), none), { kind: 'failed', denied: true, hopeless: true });
});
