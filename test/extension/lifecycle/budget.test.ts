import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flushBudget, type FlushSituation, marginOf, roomBudget } from '../../../extension/lifecycle/budget';

test("the margin is a tenth of the invocation's time, from 60 to 500 ms", () => {
  for (const [timeout, margin] of [
    [900_000, 500],
    [5000, 500],
    [3000, 300],
    [600, 60],
    [100, 60],
    [0, 60],
    [-50, 60],
  ]) {
    assert.equal(marginOf(timeout), margin, String(timeout));
  }
});

const NOW = 1_000_000;
const situation = (part: Partial<FlushSituation>): FlushSituation => ({
  now: NOW,
  deadline: NOW + 30_000,
  margin: 500,
  flushTimeout: 4000,
  done: NOW,
  ...part,
});

const CASES: [name: string, part: Partial<FlushSituation>, budget: number][] = [
  ['the flush timeout, when the deadline is far', {}, 4000],
  ['less what has passed since the function was done', { done: NOW - 150 }, 3850],
  ['enough for one push, however long that is', { done: NOW - 5000 }, 500],
  ["the whole timeout when the function's clock is ahead", { done: NOW + 700 }, 4000],
  ['up to the deadline less half the margin', { deadline: NOW + 1000 }, 750],
  ['nothing when that is past', { deadline: NOW + 200 }, 0],
  ['nothing after the deadline', { deadline: NOW - 5 }, 0],
  ['half the margin when the function was not seen to be done', { done: undefined, deadline: NOW + 500 }, 250],
];

for (const [name, part, budget] of CASES) {
  test(`a flush may take ${name}: ${budget} ms`, () => assert.equal(flushBudget(situation(part)), budget));
}

test('lines wait for room for three quarters of the flush timeout, counted from when they were logged', () => {
  assert.equal(roomBudget(NOW, NOW, 4000), 3000);
  assert.equal(roomBudget(NOW, NOW - 2000, 4000), 1000);
  assert.ok(roomBudget(NOW, NOW - 3000, 4000) <= 0, 'the time is up');
  assert.equal(roomBudget(NOW, NOW + 500, 4000), 3000, "the function's clock is ahead");
});
