import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile } from '../../bench/statistics';

test('the median of an even number of samples lies between the two in the middle', () => {
  assert.equal(median([9, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 100]), 3.5);
});

test('a quantile is one of the samples, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(quantile(hundred, 0.99), 99);
  assert.equal(quantile(hundred, 1), 100);
  assert.equal(quantile([5], 0.5), 5);
});

test('nothing measured is not a number, rather than zero', () => {
  assert.ok(Number.isNaN(median([])));
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('sorting for a statistic leaves the samples in their order', () => {
  const samples = [3, 1, 2];
  median(samples);
  quantile(samples, 0.9);
  assert.deepEqual(samples, [3, 1, 2]);
});
