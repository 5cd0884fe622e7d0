import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { strategyOf } from '../../../../extension/lifecycle/strategy';
import type { Beginning, Ending, Strategy } from '../../../../extension/lifecycle/strategy/strategy';

const MINUTE = 60_000;

const begin = (strategy: Strategy, beginning: Partial<Beginning> = {}): string =>
  strategy.begins({ now: 0, first: false, trouble: false, fill: 0, ...beginning });
const finish = (strategy: Strategy, ending: Partial<Ending> = {}): string =>
  strategy.ends({ trouble: false, resets: false, fill: 0, ...ending });

describe('adaptive', () => {
  /** After so many invocations, each `gapMs` after the one before; with the time of the next one. */
  function after(count: number, gapMs: number): { strategy: Strategy; now: number } {
    const strategy = strategyOf({ kind: 'adaptive' });
    for (let i = 0; i < count; i++) begin(strategy, { now: i * gapMs, first: i === 0 });
    return { strategy, now: count * gapMs };
  }

  test('is end until eight invocations were seen', () => {
    const strategy = strategyOf({ kind: 'adaptive' });
    for (let i = 0; i < 7; i++) {
      assert.equal(begin(strategy, { now: i * 100, first: i === 0 }), 'wait', `invocation ${i + 1}`);
      assert.equal(finish(strategy), 'answered', `invocation ${i + 1}`);
    }
    assert.equal(begin(strategy, { now: 700 }), 'send');
  });

  test('is next with gaps below 10 s, and handoff from there on', () => {
    const short = after(8, 9_999);
    assert.equal(begin(short.strategy, { now: short.now }), 'send');
    const long = after(8, 10_000);
    assert.equal(begin(long.strategy, { now: long.now }), 'wait');
    assert.equal(finish(long.strategy), 'arrived');
  });

  test('goes by the median, so that a single long gap long ago counts little', () => {
    const { strategy, now } = after(8, 100);
    assert.equal(begin(strategy, { now: now + MINUTE }), 'wait', 'as soon as a gap has grown');
    assert.equal(finish(strategy), 'arrived');
    assert.equal(begin(strategy, { now: now + MINUTE + 100 }), 'send');
  });

  test('leaves next for good once most gaps have grown', () => {
    const { strategy, now } = after(8, 100);
    for (let i = 1; i <= 4; i++) begin(strategy, { now: now + i * MINUTE });
    assert.equal(begin(strategy, { now: now + 4 * MINUTE + 100 }), 'wait');
  });

  test('takes the median of gaps in any order, which have to be below 10 s', () => {
    const course = (...gaps: number[]): string => {
      const strategy = strategyOf({ kind: 'adaptive' });
      let now = 1_000_000;
      begin(strategy, { now, first: true });
      return gaps.map((gap) => begin(strategy, { now: (now += gap) })).at(-1)!;
    };
    assert.equal(course(100, 100, 100, MINUTE, 100, 100, 100), 'send', 'a long one in the middle');
    assert.equal(course(MINUTE, MINUTE, MINUTE, 100, MINUTE, 100, 100), 'wait', 'a short one in the middle');
    assert.equal(course(10_000, 10_000, 10_000, 10_000, 100, 100, 100), 'wait', 'a median of 10 s');
    assert.equal(course(9_999, 9_999, 9_999, 9_999, 100, 100, 100), 'send');
  });

  test('a buffer that is half full and no fuller changes nothing', () => {
    const often = after(8, 100);
    assert.equal(begin(often.strategy, { now: often.now, fill: 0.5 }), 'send');
    const rarely = after(8, MINUTE);
    begin(rarely.strategy, { now: rarely.now, fill: 0.5 });
    assert.equal(finish(rarely.strategy, { fill: 0.5 }), 'arrived');
  });

  for (const [name, beginning] of [
    ['the first invocation', { first: true }],
    ['one after trouble', { trouble: true }],
    ['a buffer that is more than half full', { fill: 0.51 }],
  ] as const) {
    test(`is end for ${name}`, () => {
      const { strategy, now } = after(8, 100);
      assert.equal(begin(strategy, { now, ...beginning }), 'wait');
      assert.equal(finish(strategy), 'answered');
      assert.equal(begin(strategy, { now: now + 100 }), 'send', 'and the next one as before');
    });
  }

  test('is end where what it is about shows only at the end', () => {
    const { strategy, now } = after(8, MINUTE);
    for (const ending of [{ trouble: true }, { resets: true }, { fill: 0.51 }]) {
      assert.equal(begin(strategy, { now }), 'wait');
      assert.equal(finish(strategy, ending), 'answered');
    }
  });
});

describe('periodically', () => {
  test('waits for the first invocation of each period, and for no other', () => {
    const strategy = strategyOf({ kind: 'periodically', everyMs: 60_000 });
    const courses = [0, 100, 59_999, 60_000, 60_100, 119_999, 200_000].map((now) => begin(strategy, { now }));
    assert.deepEqual(courses, ['wait', 'keep', 'keep', 'wait', 'keep', 'keep', 'wait']);
    assert.equal(finish(strategy), 'answered');
    assert.equal(strategy.intervalMs, 60_000);
  });

  test('does not let lines pile up', () => {
    const strategy = strategyOf({ kind: 'periodically', everyMs: 60_000 });
    begin(strategy, { now: 0 });
    assert.equal(begin(strategy, { now: 10, fill: 0.5 }), 'keep');
    assert.equal(begin(strategy, { now: 20, fill: 0.51 }), 'wait');
  });

  test('a clock that is set back by an hour does not stop it for an hour', () => {
    const strategy = strategyOf({ kind: 'periodically', everyMs: 60_000 });
    begin(strategy, { now: 3_600_000 });
    assert.equal(begin(strategy, { now: 0 }), 'wait');
  });
});

test('handoff waits for the answer where Lambda resets the environment', () => {
  const strategy = strategyOf({ kind: 'handoff' });
  assert.equal(begin(strategy), 'wait');
  assert.equal(finish(strategy), 'arrived');
  assert.equal(finish(strategy, { resets: true, trouble: true }), 'answered');
});

test('end waits for everything, next for nothing', () => {
  const end = strategyOf({ kind: 'end' });
  assert.deepEqual([begin(end), finish(end)], ['wait', 'answered']);
  assert.equal(begin(strategyOf({ kind: 'next' }), { first: true, trouble: true, fill: 1 }), 'send');
});

test('all but end may leave a push under way at a freeze, so that its limits of time outlive one', () => {
  const leaves = [
    { kind: 'end' },
    { kind: 'handoff' },
    { kind: 'next' },
    { kind: 'adaptive' },
    { kind: 'periodically', everyMs: 1000 },
  ] as const;
  assert.deepEqual(
    leaves.map((setting) => strategyOf(setting).leavesUnanswered),
    [false, true, true, true, true],
  );
});
