import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, soak } from './soak';

/** The same sequences each time, so that a run can be repeated; LAMBDAWATCH_SEED plays others. */
const SEED = Number(process.env.LAMBDAWATCH_SEED ?? 20_782);
const FOR_MS = 50_000;
const SEQUENCES = 6;

test(`a minute of random faults, seeds ${SEED} to ${SEED + SEQUENCES}`, { timeout: 300_000 }, async () => {
  const started = Date.now();
  const until = started + FOR_MS;
  const results = await Promise.all(
    Array.from({ length: SEQUENCES + 1 }, (_, i) =>
      soak({ seed: SEED + i, invocations: 100_000, until, steady: i === 0 }),
    ),
  );
  console.log(results.map((result) => describe(result, started)).join('\n'));
  assert.deepEqual(
    results.flatMap(({ failures }) => failures),
    [],
  );
});
