import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../extension/buffer/batch';
import { SetAside } from '../../../extension/loki/set-aside';
import { deliveryBench } from '../support/builders';

interface Bench {
  readonly aside: SetAside;
  /** A batch of so many lines that is being pushed. */
  batch(lines: number): Batch;
  waiting(): number;
}

function bench(): Bench {
  const { buffer, fill } = deliveryBench({ limits: { batchLines: 100 } });
  return {
    aside: new SetAside(buffer),
    batch(lines) {
      fill(lines);
      buffer.close();
      return buffer.take()!;
    },
    waiting: () => buffer.waiting,
  };
}

test('what was refused for what may be its content is tried after all others, and not merged with them', () => {
  const { aside, batch } = bench();
  const one = batch(2);
  aside.blame(one, false, 500, false);
  assert.deepEqual([one.alone, one.suspectedAt, one.aside], [true, 500, undefined]);
});

test('where others are known to pass it steps aside for a second, at the last chance for no time', () => {
  const { aside, batch } = bench();
  const [one, other] = [batch(2), batch(2)];
  aside.blame(one, true, 500, false);
  aside.blame(other, true, 500, true);
  assert.deepEqual(
    [one.aside, other.aside],
    [
      { failures: 0, notBefore: 1500 },
      { failures: 0, notBefore: 500 },
    ],
  );
});

test('a push that passes proves once that a failure before it was due to its batch, unless Loki itself had failed', () => {
  const { aside, batch } = bench();
  assert.equal(aside.passed(), false);
  aside.blame(batch(1), false, 500, false);
  assert.deepEqual([aside.passed(), aside.passed()], [true, false]);
  aside.blame(batch(1), false, 500, false);
  aside.cleared();
  assert.equal(aside.passed(), false);
});

test('its pause doubles with each failure, up to a minute, and it is halved', () => {
  const { aside, batch, waiting } = bench();
  const one = batch(64);
  const pauses: number[] = [];
  one.aside = { failures: 0, notBefore: 0 };
  for (let lines = 64; lines > 1; lines /= 2) {
    assert.equal(one.lines, lines);
    aside.again(one, 1000, false);
    pauses.push(one.aside.notBefore - 1000);
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000]);
  aside.again(one, 1000, false);
  assert.equal(one.aside.notBefore - 1000, 60_000);
  assert.equal(waiting(), 0, 'halves are aside as well');
});

test('single lines are tried a second apart, so that many of them do not delay the others', () => {
  const { aside, batch } = bench();
  const times = [0, 1, 2].map(() => {
    const one = batch(1);
    aside.again(one, 1000, false);
    return one.aside!.notBefore;
  });
  assert.deepEqual(times, [2000, 3000, 4000]);
});

test('at the last chance there are no pauses, and a single line is given up at its third failure', () => {
  const { aside, batch } = bench();
  const [single, several] = [batch(1), batch(9)];
  const dueOf = (one: Batch, times: number): number[] =>
    Array.from({ length: times }, () => {
      aside.again(one, 1000, true);
      return one.aside!.notBefore;
    });
  assert.deepEqual(dueOf(single, 3), [1000, 1000, Infinity]);
  assert.deepEqual(dueOf(several, 3), [1000, 1000, 1000], 'several lines are halved on and on');
  assert.equal(several.lines, 1);
});
