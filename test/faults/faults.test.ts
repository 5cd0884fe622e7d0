import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALL } from './all';
import { type Condition, CONDITIONS } from './conditions';
import { play } from './play';
import { Random } from './random';

/**
 * Deals the distances of Loki. The same ones each time, so that a run can be repeated; LAMBDAWATCH_SEED deals others,
 * and the matrix plays all.
 */
const SEED = Number(process.env.LAMBDAWATCH_SEED ?? 20_782);

/** Trials at a time: most of their time is waiting. */
const CONCURRENCY = 12;

const random = new Random(SEED);

/** One distance by the seed, and those at which the fault was broken once. */
function conditionsOf(always: readonly string[] = []): readonly Condition[] {
  const drawn = random.of(CONDITIONS);
  return CONDITIONS.filter((condition) => condition === drawn || always.includes(condition.name));
}

describe(`faults, seed ${SEED}`, { concurrency: CONCURRENCY }, () => {
  for (const fault of ALL.filter(({ long }) => !long)) {
    for (const condition of conditionsOf(fault.always)) {
      it(`${fault.name}, Loki at ${condition.name}: ${fault.story}`, { timeout: 600_000 }, async (t) => {
        let row = await play(fault, condition);
        if (row.failures.length > 0 && row.doubtful) {
          t.diagnostic(`played again, as the machine was too busy to tell: ${row.failures[0].split('\n')[0]}`);
          row = await play(fault, condition);
        }
        assert.deepEqual(row.failures, []);
      });
    }
  }
});
