import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Hedge, type Terms } from '../../../extension/loki/hedge';
import { FakePlatform } from '../support/fake-platform';

interface Bench {
  readonly platform: FakePlatform;
  readonly hedge: Hedge<undefined, string>;
  /** What each try was begun after: the outcome of the one whose place it took. */
  readonly begun: (string | undefined)[];
  readonly canceled: number[];
  /** What the hedge has come to, if it has. */
  outcome(): string | undefined;
  end(number: number, outcome: string): Promise<void>;
}

/** `nothing` is inconclusive, `perhaps` where others are under way. */
function bench(most = Infinity): Bench {
  const platform = new FakePlatform();
  const begun: (string | undefined)[] = [];
  const canceled: number[] = [];
  const ends: ((outcome: string) => void)[] = [];
  let result: string | undefined;
  const terms: Terms<undefined, string, string> = {
    begin: (all, number, previous) => {
      if (number >= most) return undefined;
      begun.push(previous);
      const one = { cancel: () => void canceled.push(number) };
      ends.push((outcome) => all.ended(one, outcome));
      return one;
    },
    isInconclusive: (outcome, alone) => outcome === 'nothing' || (outcome === 'perhaps' && !alone),
    conclude: (outcome) => outcome,
  };
  const hedge = new Hedge<undefined, string>(platform, terms, undefined);
  void hedge.outcome.then((outcome) => (result = outcome));
  return {
    platform,
    hedge,
    begun,
    canceled,
    outcome: () => result,
    end: async (number, outcome) => {
      ends[number](outcome);
      await platform.settle();
    },
  };
}

test('the first conclusive outcome is that of all', async () => {
  const { begun, outcome, end } = bench();
  await end(0, 'perhaps');
  assert.deepEqual([outcome(), begun.length], ['perhaps', 1]);
});

test('after an inconclusive one another try takes its place, once', async () => {
  const { begun, outcome, end } = bench();
  await end(0, 'nothing');
  assert.deepEqual([begun, outcome()], [[undefined, 'nothing'], undefined]);
  await end(1, 'nothing');
  assert.deepEqual([begun.length, outcome()], [2, 'nothing']);
});

test('where there is no time for another one, the inconclusive outcome stands', async () => {
  const { begun, outcome, end } = bench(1);
  await end(0, 'nothing');
  assert.deepEqual([begun.length, outcome()], [1, 'nothing']);
});

describe('in a hurry', () => {
  test('another try is begun after each time of silence, four in all', async () => {
    const { platform, hedge, begun } = bench();
    await platform.advance(10_000);
    assert.equal(begun.length, 1, 'none without a hurry');
    hedge.hurry(500);
    await platform.advance(499);
    assert.equal(begun.length, 1);
    await platform.advance(1);
    assert.deepEqual(begun, [undefined, undefined]);
    await platform.advance(10_000);
    assert.deepEqual([begun.length, platform.timers], [4, 0]);
  });

  test('a conclusive outcome calls the others off, and nothing begins any more', async () => {
    const { platform, hedge, begun, canceled, outcome, end } = bench();
    hedge.hurry(500);
    await platform.advance(1000);
    await end(1, 'done');
    assert.deepEqual([outcome(), canceled], ['done', [0, 2]]);
    hedge.hurry(500);
    await end(0, 'other');
    await platform.advance(10_000);
    assert.deepEqual([outcome(), begun.length, platform.timers], ['done', 3, 0]);
  });

  test('while others are under way an inconclusive one is not replaced, and one that would stand alone is waited with', async () => {
    for (const first of ['nothing', 'perhaps']) {
      const { platform, hedge, begun, outcome, end } = bench();
      hedge.hurry(500);
      await platform.advance(500);
      await end(0, first);
      assert.deepEqual([outcome(), begun.length], [undefined, 2]);
      await end(1, 'done');
      assert.equal(outcome(), 'done');
    }
  });

  test('a new time of silence takes the place of the one before', async () => {
    const { platform, hedge, begun } = bench();
    hedge.hurry(500);
    hedge.hurry(800);
    await platform.advance(799);
    assert.equal(begun.length, 1);
    await platform.advance(1);
    assert.equal(begun.length, 2);
  });

  test('what ends after all is over begins nothing', async () => {
    const { platform, hedge, begun, outcome, end } = bench();
    hedge.hurry(500);
    await platform.advance(500);
    await end(1, 'done');
    await end(0, 'nothing');
    assert.deepEqual([outcome(), begun.length], ['done', 2]);
  });
});
