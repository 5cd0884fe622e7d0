import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CriticalFlush } from '../../../extension/loki/critical-flush';
import { FakePlatform } from '../support/fake-platform';

interface Bench {
  readonly platform: FakePlatform;
  /** What the pacer has learned; times of pushes that passed are on the monotonic clock. */
  readonly known: { lastPassed: number; healthyMs: number; usualMs: number };
  readonly flush: CriticalFlush;
  /** A push passes now. */
  pass(): void;
  /** How often the time was said to be up. */
  expired(): number;
}

function begin(terms: Partial<ConstructorParameters<typeof CriticalFlush>[2]> = {}): Bench {
  const platform = new FakePlatform();
  const known = { lastPassed: -Infinity, healthyMs: 0, usualMs: 0 };
  let expired = 0;
  const all = { limitMs: 4000, probeMs: undefined, retries: 2, last: false, ...terms };
  const flush = new CriticalFlush(platform, known, all, () => void expired++);
  const pass = (): void => {
    known.lastPassed = platform.monotonic();
    flush.passed();
  };
  return { platform, known, flush, pass, expired: () => expired };
}

describe('the time of a critical flush', () => {
  test('runs out after its limit, and that is said once', async () => {
    const { platform, flush, expired } = begin();
    await platform.advance(3999);
    assert.deepEqual([flush.isOver, flush.timeLeft, expired()], [false, 1, 0]);
    await platform.advance(1);
    assert.deepEqual([flush.isOver, flush.timeLeft, expired()], [true, 0, 1]);
    assert.equal(platform.timers, 0);
  });

  test('is not watched any more when the flush has ended', async () => {
    const { platform, flush, expired } = begin();
    flush.end();
    await platform.advance(10_000);
    assert.deepEqual([expired(), platform.timers], [0, 0]);
  });

  test('too short for any push is up at once', () => {
    for (const limitMs of [4, 0, -100]) {
      const { platform, flush, expired } = begin({ limitMs });
      assert.deepEqual([flush.isOver, expired(), platform.timers], [true, 1, 0], `${limitMs} ms`);
    }
  });

  test('is too late for a push that would be called off, unless none has passed yet or it is the last chance', async () => {
    for (const [passes, last, expected] of [
      [true, false, true],
      [false, false, false],
      [true, true, false],
    ] as const) {
      const { platform, known, flush, pass } = begin({ last });
      known.usualMs = 900;
      await platform.advance(3000);
      if (passes) pass();
      assert.equal(flush.isTooLate, false, 'with 1 000 ms left');
      await platform.advance(101);
      assert.equal(flush.isTooLate, expected, `with 899 ms left, passes: ${passes}, last: ${last}`);
      await platform.advance(895);
      assert.equal(flush.isTooLate, true, 'with 4 ms left');
    }
  });
});

describe('the retries of a critical flush', () => {
  test('are as many as it has, counted anew when a push passes', () => {
    const { flush, pass } = begin();
    flush.failed();
    flush.failed();
    assert.equal(flush.mayGoOnAfter(100), true);
    flush.failed();
    assert.equal(flush.mayGoOnAfter(100), false);
    pass();
    assert.equal(flush.mayGoOnAfter(100), true);
  });

  test('end where the pause is as long as the time that is left', async () => {
    const { platform, flush } = begin();
    await platform.advance(3000);
    assert.deepEqual([flush.mayGoOnAfter(999), flush.mayGoOnAfter(1000)], [true, false]);
  });

  test('end when it is stopped; what is under way keeps its time', () => {
    const { flush, expired } = begin();
    flush.stop();
    assert.deepEqual([flush.isOver, flush.mayGoOnAfter(0), flush.timeLeft, expired()], [true, false, 4000, 0]);
  });
});

describe('a probe', () => {
  test('has its own time, no retry and no pause', async () => {
    const { platform, flush } = begin({ probeMs: 500 });
    assert.equal(flush.timeLeft, 500);
    assert.deepEqual([flush.mayGoOnAfter(0), flush.mayGoOnAfter(1)], [true, false]);
    flush.failed();
    assert.equal(flush.mayGoOnAfter(0), false);
    await platform.advance(500);
    assert.equal(flush.isOver, true);
  });

  test('is never longer than the flush may be', () => {
    assert.equal(begin({ limitMs: 200, probeMs: 500 }).flush.timeLeft, 200);
  });

  test('that passes leaves the rest of the whole time, counted from the beginning, and all retries', async () => {
    const { platform, flush, pass, expired } = begin({ probeMs: 500 });
    await platform.advance(400);
    pass();
    assert.equal(flush.timeLeft, 3600);
    flush.failed();
    assert.equal(flush.mayGoOnAfter(1000), true);
    await platform.advance(3599);
    assert.equal(flush.isOver, false);
    await platform.advance(1);
    assert.deepEqual([flush.isOver, expired(), platform.timers], [true, 1, 0]);
  });

  test('that passes when its time is up changes nothing', async () => {
    const { platform, flush, pass } = begin({ probeMs: 500 });
    await platform.advance(500);
    pass();
    assert.deepEqual([flush.isOver, platform.timers], [true, 0]);
  });
});

describe('what a flush that ran out of time has shown', () => {
  test('silence, when nothing has passed in it and it had the time of a healthy push', async () => {
    for (const [limitMs, healthyMs, silent] of [
      [399, 0, false],
      [400, 0, true],
      [1000, 1200, false],
      [1300, 1200, true],
    ] as const) {
      const { platform, known, flush } = begin({ limitMs });
      known.healthyMs = healthyMs;
      await platform.advance(limitMs);
      assert.equal(flush.metSilence, silent, `${limitMs} ms for a Loki that takes ${healthyMs} ms`);
    }
  });

  test('no silence when it ended before its time', async () => {
    const { platform, flush } = begin();
    await platform.advance(1000);
    assert.equal(flush.metSilence, false);
  });

  test('a busy Loki, when a push has passed in it not long ago', async () => {
    const { platform, flush, pass } = begin();
    assert.equal(flush.metBusyLoki, false);
    await platform.advance(3000);
    pass();
    await platform.advance(1000);
    assert.deepEqual([flush.metBusyLoki, flush.metSilence], [true, false]);
    await platform.advance(1);
    assert.equal(flush.metBusyLoki, false);
  });

  test('a busy Loki as well, when pushes take longer than that', async () => {
    const { platform, known, flush, pass } = begin();
    known.healthyMs = 2500;
    await platform.advance(1500);
    pass();
    await platform.advance(2500);
    assert.equal(flush.metBusyLoki, true);
  });
});
