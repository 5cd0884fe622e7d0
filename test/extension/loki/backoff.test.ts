import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../../extension/loki/backoff';

test('doubles from 100 ms up to 10 s, with jitter over the upper half', () => {
  for (const [retry, ceiling] of [[1, 100], [2, 200], [3, 400], [4, 800], [5, 1600], [7, 6400], [8, 10_000], [50, 10_000], [2000, 10_000]]) {
    assert.equal(backoff(retry, undefined, 0), ceiling / 2, `retry ${retry}`);
    assert.equal(backoff(retry, undefined, 0.5), ceiling * 0.75);
    assert.ok(backoff(retry, undefined, 0.999999) < ceiling);
  }
});

test('a longer Retry-After goes before it, a shorter one does not', () => {
  assert.equal(backoff(1, 5000, 0.5), 5000);
  assert.equal(backoff(1, 10, 0.5), 75);
});
