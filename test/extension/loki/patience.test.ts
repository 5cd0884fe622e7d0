import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from '../../../extension/loki/patience';
import { FakePlatform } from '../support/fake-platform';

function patienceOf(limitMs: number): { platform: FakePlatform; patience: Patience; over: () => number } {
  const platform = new FakePlatform();
  let count = 0;
  const patience = new Patience(platform, limitMs, () => count++);
  return { platform, patience, over: () => count };
}

test('is over after its time, once, and leaves no timer', async () => {
  const { platform, over } = patienceOf(250);
  await platform.advance(249);
  assert.equal(over(), 0);
  await platform.advance(1);
  assert.equal(over(), 1);
  await platform.advance(10_000);
  assert.equal(over(), 1);
  assert.equal(platform.timers, 0);
});

test('a freeze counts as 100 ms, however long it was', async () => {
  const { platform, over } = patienceOf(1000);
  await platform.advance(150);
  await platform.freeze(3_600_000);
  await platform.advance(799);
  assert.equal(over(), 0);
  await platform.advance(1);
  assert.equal(over(), 1);
});

test('where the time comes to its end in a freeze, there is time to read what has come in, once', async () => {
  const { platform, over } = patienceOf(100);
  await platform.freeze(60_000);
  assert.equal(over(), 0);
  await platform.advance(10);
  await platform.freeze(60_000);
  assert.equal(over(), 1, 'an environment that always runs briefly must not wait for ever');
});

test('counts anew when it is restarted, and no more when it is stopped', async () => {
  const { platform, patience, over } = patienceOf(300);
  await platform.advance(299);
  patience.restart(500);
  await platform.advance(499);
  assert.equal(over(), 0);
  patience.stop();
  await platform.advance(1000);
  assert.equal(over(), 0);
});

test('of the time that something took, that in a freeze does not count', async () => {
  const { platform, patience } = patienceOf(10_000);
  await platform.advance(350);
  assert.equal(patience.running(350), 350);
  await platform.freeze(60_000);
  assert.equal(patience.running(60_350), 500);
});

test('a freeze in the middle gives no further time, and a restart gives that of a freeze at the end anew', async () => {
  const { platform, patience, over } = patienceOf(200);
  await platform.freeze(60_000);
  assert.equal(over(), 0, '100 ms are left');
  await platform.advance(100);
  assert.equal(over(), 1, 'which were no freeze');
  patience.restart(100);
  await platform.freeze(60_000);
  assert.equal(over(), 1);
  patience.restart(100);
  await platform.freeze(60_000);
  assert.equal(over(), 1, 'time to read, again');
  await platform.advance(100);
  assert.equal(over(), 2);
});

test('a piece that ends 50 ms late is late, and no freeze', async () => {
  for (const [late, expected] of [
    [50, 1],
    [51, 0],
  ]) {
    const { platform, over } = patienceOf(100);
    await platform.freeze(100 + late);
    assert.equal(over(), expected);
  }
});

test('nothing counts before a piece of its time is over', async () => {
  const { platform, patience } = patienceOf(10_000);
  assert.equal(patience.running(1000), 100);
  await platform.advance(100);
  assert.equal(patience.running(1000), 200);
});
