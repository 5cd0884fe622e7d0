import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latency } from '../../../extension/loki/latency';

test('knows nothing before a push has been stored', () => {
  const latency = new Latency();
  assert.deepEqual([latency.keptMs, latency.freshMs], [0, 0]);
});

test('rises at once, and falls by a fifth of the difference with each quicker push', () => {
  const latency = new Latency();
  latency.note(100, false);
  assert.equal(latency.keptMs, 100);
  latency.note(200, false);
  assert.equal(latency.keptMs, 100, 'one slow push does not count');
  latency.note(300, false);
  assert.equal(latency.keptMs, 200, 'two do, as much as the quicker of them');
  latency.note(100, false);
  assert.equal(latency.keptMs, 180);
  latency.note(100, false);
  assert.equal(latency.keptMs, 164);
});

test('a push that has to connect is expected to take what the last such one took, and no less than others', () => {
  const latency = new Latency();
  latency.note(100, false);
  latency.note(300, true);
  assert.deepEqual([latency.keptMs, latency.freshMs], [100, 300]);
  latency.note(400, false);
  latency.note(400, false);
  assert.deepEqual([latency.keptMs, latency.freshMs], [400, 400]);
});

test('a slow start is forgotten bit by bit, down to four times what others take', () => {
  const latency = new Latency();
  latency.note(100, false);
  latency.note(10_000, true);
  latency.note(100, false);
  latency.note(100, false);
  assert.deepEqual([latency.keptMs, latency.freshMs], [100, 6544]);
  for (let i = 0; i < 100; i++) latency.note(100, false);
  assert.equal(Math.round(latency.freshMs), 400);
  const settled = latency.freshMs;
  latency.note(10_000, true);
  assert.equal(latency.freshMs, 10_000, 'one that connects tells of itself');
  assert.ok(settled >= 400);
});
