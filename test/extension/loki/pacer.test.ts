import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Latency } from '../../../extension/loki/latency';
import { Pacer } from '../../../extension/loki/pacer';
import { FakePlatform } from '../support/fake-platform';

function benchOf(): {
  platform: FakePlatform;
  latency: Latency;
  pacer: Pacer;
  fail: (retryAfterMs?: number) => void;
  pass: () => boolean;
} {
  const platform = new FakePlatform();
  const latency = new Latency();
  const pacer = new Pacer(platform, latency);
  return {
    platform,
    latency,
    pacer,
    fail: (retryAfterMs) => void pacer.failed(platform.monotonic(), retryAfterMs),
    pass: () => pacer.passed(platform.monotonic(), false),
  };
}

describe('the circuit', () => {
  test('closed: six pushes at once, and no wait', () => {
    const { pacer } = benchOf();
    assert.deepEqual([pacer.isClosed, pacer.parallel(false), pacer.waitMs()], [true, 6, 0]);
  });

  test('open after a failure until the back-off is over, then half-open: one push; a success closes it step by step', async () => {
    const { platform, pacer, fail, pass } = benchOf();
    fail();
    assert.deepEqual([pacer.isClosed, pacer.parallel(false), pacer.waitMs()], [false, 1, 75]);
    await platform.advance(75);
    assert.equal(pacer.waitMs(), 0);
    pass();
    assert.deepEqual([pacer.isClosed, pacer.parallel(false)], [true, 2]);
    pass();
    pass();
    assert.equal(pacer.parallel(false), 6);
  });

  test('each failure in a row doubles the pause, up to ten seconds', async () => {
    const { platform, pacer, fail } = benchOf();
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      fail();
      pauses.push(pacer.waitMs());
      await platform.advance(pacer.waitMs());
    }
    assert.deepEqual(pauses, [75, 150, 300, 600, 1200, 2400, 4800, 7500, 7500]);
  });

  test('pushes that were under way together count as one failure, and one of them that passes proves nothing', async () => {
    const { platform, pacer } = benchOf();
    const began = platform.monotonic();
    await platform.advance(20);
    assert.deepEqual([pacer.failed(began), pacer.failed(began), pacer.failures], [true, false, 1]);
    pacer.passed(began, false);
    assert.equal(pacer.isClosed, false);
    pacer.passed(began, true);
    assert.equal(pacer.isClosed, true, 'unless it shows that one batch was to blame');
  });

  test("at the last chance there is no time to feel one's way", () => {
    const { pacer, fail } = benchOf();
    fail();
    assert.equal(pacer.parallel(true), 6);
  });
});

describe('Retry-After', () => {
  test('is honoured, but for ten seconds at the most', () => {
    for (const [asked, waited] of [
      [2000, 2000],
      [60_000, 10_000],
      [3_600_000, 10_000],
      [1, 75],
    ]) {
      const { pacer, fail } = benchOf();
      fail(asked);
      assert.equal(pacer.waitMs(), waited);
    }
  });

  test('of several pushes at once the longest counts', async () => {
    const { platform, pacer } = benchOf();
    const began = platform.monotonic();
    await platform.advance(1);
    pacer.failed(began, 3000);
    pacer.failed(began);
    pacer.failed(began, 5000);
    assert.equal(pacer.waitMs(), 5000);
  });

  test('gives way to the situation: a buffer that fills up, or little time at the last chance', () => {
    const { pacer, fail } = benchOf();
    fail(8000);
    assert.equal(pacer.waitMs({ pressed: true }), 1000);
    assert.equal(pacer.waitMs({ mostMs: 600 }), 600);
  });

  test('is over after a freeze, in which the monotonic clock may have stood still', async () => {
    const { platform, pacer, fail } = benchOf();
    fail(8000);
    await platform.advance(100);
    Object.assign(platform, { now: () => Date.UTC(2027, 0, 1) });
    assert.equal(pacer.waitMs(), 0);
  });
});

describe('an outage', () => {
  test('begins when an invocation has waited in vain, and ends with the first push that passes', async () => {
    const { platform, pacer, fail, pass } = benchOf();
    fail();
    assert.equal(pacer.outage, false);
    pacer.giveUp();
    assert.equal(pacer.outage, true);
    await platform.advance(1);
    assert.equal(pass(), true);
    assert.equal(pacer.outage, false);
    assert.equal(pass(), false);
  });

  test('a probe is no shorter than what this Loki needs for a push, connecting included, and after eight invocations one has the full time', () => {
    const { latency, pacer } = benchOf();
    assert.equal(pacer.probeMs(3000), 500);
    latency.note(1100, true);
    for (let i = 0; i < 20; i++) latency.note(280, false);
    const probes: number[] = [];
    for (let invocation = 1; invocation <= 24; invocation++) {
      pacer.invocationInOutage();
      if (invocation % 3 === 0) probes.push(pacer.probeMs(3000)); // the others had to wait for the back-off
    }
    assert.deepEqual(probes, [1375, 1375, 3000, 1375, 1375, 3000, 1375, 1375]);
  });
});

describe('how long Loki takes', () => {
  test('is the slowest of the recent pushes, forgotten bit by bit', () => {
    const latency = new Latency();
    latency.note(900, true);
    assert.deepEqual([latency.keptMs, latency.freshMs], [900, 900]);
    for (let i = 0; i < 20; i++) latency.note(40, false);
    assert.ok(latency.keptMs < 60 && latency.keptMs >= 40, String(latency.keptMs));
    latency.note(1200, false);
    latency.note(1250, false);
    assert.equal(latency.keptMs, 1200);
  });

  test('a first push that was slow to connect is forgotten as well, down to what connecting may take', () => {
    const latency = new Latency();
    latency.note(2800, true);
    for (let i = 0; i < 50; i++) latency.note(40, false);
    assert.equal(latency.freshMs >= 160 && latency.freshMs < 200, true, String(latency.freshMs));
  });

  test('a single slow push between quick ones does not count', () => {
    const latency = new Latency();
    for (const ms of [40, 40, 2300, 40]) latency.note(ms, false);
    assert.equal(latency.keptMs, 40);
  });

  test('decides whether the time is enough for so many pushes', () => {
    const { latency, pacer, fail } = benchOf();
    assert.equal(pacer.hasTimeFor(6, 1880), true);
    assert.equal(
      pacer.hasTimeFor(7, 1880),
      false,
      'while nothing is known, there may be no time for more than six at once',
    );
    latency.note(100, true);
    assert.equal(pacer.hasTimeFor(48, 1880), true);
    assert.equal(pacer.hasTimeFor(300, 1880), false);
    fail();
    assert.equal(pacer.hasTimeFor(7, 1880), false, 'nor when Loki comes back after a failure');
  });
});

describe('whether Loki takes pushes', () => {
  test('failures between pushes that pass change nothing, until none has passed for two seconds', async () => {
    const { platform, pacer, fail, pass } = benchOf();
    pass();
    assert.equal(pacer.lastPassed, platform.monotonic());
    fail();
    await platform.advance(1999);
    assert.equal(pacer.works, true);
    await platform.advance(1);
    assert.equal(pacer.works, false);
    pass();
    assert.equal(pacer.works, true);
  });

  test('it does not in an outage, nor when the first push has failed', () => {
    const { pacer, fail, pass } = benchOf();
    fail();
    assert.equal(pacer.works, false);
    pass();
    fail();
    pacer.giveUp();
    assert.equal(pacer.works, false);
  });

  test('a Loki that takes long is waited for twice as long as a healthy push takes', async () => {
    const { platform, latency, pacer, fail, pass } = benchOf();
    latency.note(2400, true);
    assert.equal(pacer.patienceMs, 6000);
    pass();
    fail();
    await platform.advance(5999);
    assert.equal(pacer.works, true);
  });
});

test('a push that passes outside of an outage ends none, and the count of brief probes begins anew', async () => {
  const { platform, pacer, pass, fail } = benchOf();
  assert.equal(pass(), false);
  await platform.advance(1);
  const began = platform.monotonic();
  fail();
  pacer.giveUp();
  assert.equal(pacer.passed(began, false), false, 'it was under way when the other one failed');
  assert.equal(pacer.outage, true);
  for (let i = 0; i < 7; i++) pacer.invocationInOutage();
  assert.equal(pacer.probeMs(3000), 500);
  await platform.advance(1);
  assert.equal(pass(), true);
  for (let i = 0; i < 7; i++) pacer.invocationInOutage();
  assert.equal(pacer.probeMs(3000), 500);
  pacer.invocationInOutage();
  assert.deepEqual([pacer.probeMs(3000), pacer.probeMs(3000)], [3000, 500]);
});
