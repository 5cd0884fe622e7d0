import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../../extension/loki/backoff';

test('doubles from 100 ms to 10 s, with jitter over the upper half', () => {
  const retries = [1, 2, 3, 7, 8, 50];
  assert.deepEqual(
    retries.map((retry) => backoff(retry, 0)),
    [50, 100, 200, 3200, 5000, 5000],
  );
  assert.deepEqual(
    retries.map((retry) => backoff(retry, 0.5)),
    [75, 150, 300, 4800, 7500, 7500],
  );
});
