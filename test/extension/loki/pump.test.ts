import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pump } from '../../../extension/loki/pump';
import { FakePlatform } from '../support/fake-platform';

interface Bench {
  readonly platform: FakePlatform;
  readonly pump: Pump<string>;
  /** What is to be moved. */
  readonly queue: string[];
  /** What is under way. */
  readonly moving: string[];
  /** What the work says when it is asked. */
  readonly says: { parallel: number; notBefore: number; comesBack: boolean };
  /** The move of this one ends. */
  end(item: string): Promise<void>;
}

function bench(...queue: string[]): Bench {
  const platform = new FakePlatform();
  const says = { parallel: 2, notBefore: 0, comesBack: true };
  const moving: string[] = [];
  const ends = new Map<string, () => void>();
  const pump = new Pump<string>(platform, {
    parallel: () => says.parallel,
    waitMs: () => Math.max(0, says.notBefore - platform.monotonic()),
    comesBack: () => says.comesBack,
    take: () => queue.shift(),
    move: (item) => {
      moving.push(item);
      return new Promise((resolve) => ends.set(item, resolve));
    },
  });
  return {
    platform,
    pump,
    queue,
    moving,
    says,
    end: async (item) => {
      moving.splice(moving.indexOf(item), 1);
      ends.get(item)!();
      await platform.settle();
    },
  };
}

test('as many as may be are under way at once, in their order, and each that ends makes room for the next', async () => {
  const { pump, moving, end } = bench('a', 'b', 'c', 'd');
  pump.run();
  pump.run();
  assert.deepEqual(moving, ['a', 'b']);
  await end('b');
  assert.deepEqual(moving, ['a', 'c']);
});

test('it has settled when nothing is under way and nothing is left', async () => {
  const { platform, pump, end } = bench('a', 'b', 'c');
  await pump.settled();
  pump.run();
  let settled = false;
  void pump.settled().then(() => (settled = true));
  for (const item of ['a', 'b']) {
    await end(item);
    assert.equal(settled, false, `after ${item}`);
  }
  await end('c');
  assert.deepEqual([settled, pump.isIdle, platform.timers], [true, true, 0]);
});

test('paused, it begins nothing, and lets end what is under way', async () => {
  const { pump, moving, end } = bench('a', 'b', 'c');
  pump.run();
  pump.pause();
  await end('a');
  pump.run();
  assert.deepEqual([moving, pump.isPaused], [['b'], true]);
  pump.resume();
  pump.run();
  assert.deepEqual([moving, pump.isPaused], [['b', 'c'], false]);
});

test('how many may be under way is asked each time', async () => {
  const { pump, moving, says, end } = bench('a', 'b', 'c', 'd');
  pump.run();
  says.parallel = 1;
  await end('a');
  assert.deepEqual(moving, ['b']);
  await end('b');
  assert.deepEqual(moving, ['c']);
  says.parallel = 0;
  await end('c');
  assert.deepEqual([moving, pump.isIdle], [[], true]);
});

describe('while none may begin', () => {
  test('it comes back by itself when the time is over, once', async () => {
    const { platform, pump, moving, says } = bench('a');
    says.notBefore = platform.monotonic() + 300;
    pump.run();
    pump.run();
    assert.deepEqual([moving, platform.timers, pump.isHeldBack], [[], 1, true]);
    await platform.advance(300);
    assert.deepEqual([moving, platform.timers, pump.isHeldBack], [['a'], 0, false]);
  });

  test('it does not where that is not wanted, or is called off', async () => {
    for (const comesBack of [false, true]) {
      const { platform, pump, moving, says } = bench('a');
      says.comesBack = comesBack;
      says.notBefore = platform.monotonic() + 300;
      pump.run();
      pump.cancelRetry();
      await platform.advance(1000);
      assert.deepEqual([moving, platform.timers], [[], 0]);
    }
  });

  test('it is not held back but stands still where it is paused, or may not begin anything', () => {
    const { platform, pump, says } = bench('a');
    says.notBefore = platform.monotonic() + 300;
    says.parallel = 0;
    assert.equal(pump.isHeldBack, false);
    says.parallel = 1;
    pump.pause();
    assert.equal(pump.isHeldBack, false);
  });

  test('a millisecond is waited for, too, and one that was called off comes back when it is run again', async () => {
    const { platform, pump, moving, says } = bench('a');
    says.notBefore = platform.monotonic() + 1;
    says.parallel = 1;
    pump.run();
    assert.deepEqual([moving, pump.isHeldBack], [[], true]);
    pump.cancelRetry();
    pump.run();
    await platform.advance(1);
    assert.deepEqual(moving, ['a']);
  });
});
