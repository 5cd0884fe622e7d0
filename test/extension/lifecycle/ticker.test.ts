import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ticker } from '../../../extension/lifecycle/ticker';
import { FakePlatform } from '../support/fake-platform';

test('ticks at its interval, changes it at once, and stops', async () => {
  const platform = new FakePlatform();
  const begin = platform.monotonic();
  const ticks: number[] = [];
  const ticker = new Ticker(platform, () => ticks.push(platform.monotonic() - begin));
  ticker.every(1000);
  await platform.advance(2500);
  ticker.every(3000);
  await platform.advance(6500);
  ticker.stop();
  ticker.stop();
  await platform.advance(60_000);
  assert.deepEqual(ticks, [1000, 2000, 5500, 8500]);
  assert.equal(platform.timers, 0);
});

test('can be stopped and set anew from within a tick', async () => {
  const platform = new FakePlatform();
  let ticks = 0;
  const ticker: Ticker = new Ticker(platform, () => {
    if (++ticks === 3) ticker.stop();
  });
  ticker.every(10);
  await platform.advance(1000);
  assert.equal(ticks, 3);
});

test('after a freeze one tick, not one for each interval that passed', async () => {
  const platform = new FakePlatform();
  let ticks = 0;
  new Ticker(platform, () => ticks++).every(1000);
  await platform.freeze(3_600_000);
  assert.equal(ticks, 1);
});
