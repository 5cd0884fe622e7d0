import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { faults as answers, type ConnectionMode, type Fault as Answer } from '../loki/fake';
import { residentMemory } from '../sandbox';
import { Random } from './random';
import { Trial, type Work } from './trial';

export interface SoakResult {
  readonly seed: number;
  readonly invocations: number;
  readonly lines: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Means of the resident memory over the first and the last quarter of the run, in bytes. */
  readonly firstQuarterBytes: number;
  readonly lastQuarterBytes: number;
  /** What happened, in order, for a look at a run that failed. */
  readonly story: readonly string[];
  /** The first thing that was wrong; undefined when all was well. */
  readonly failure?: string;
}

/** Troubles that pass: each is for a few requests, after which Loki is well. */
const PASSING: Record<string, Answer> = {
  '503': answers.unavailable(), '500': answers.internalError(), '502': answers.badGateway(), '429 rate': answers.ingestionRate(),
  '429 stream rate': answers.perStreamRate(), '401': answers.unauthorized(), 'stored, then cut': { kind: 'store-then-cut', how: 'reset' },
  'reset before the body': { kind: 'reset', at: 'head' }, 'reset after the body': { kind: 'reset', at: 'body' },
  'reset in the answer': { kind: 'reset', at: 'response' }, 'black hole': { kind: 'black-hole' }, 'drip': { kind: 'drip', everyMs: 1, chunkBytes: 8 },
};

const DEAD: readonly ConnectionMode[] = ['close', 'reset', 'reset-on-use', 'black-hole'];

/**
 * A random sequence of invocations, freezes, faults, crashes and ends of environments, and at the end the books: every line that the
 * extension acknowledged is in Loki, once. Environments end only while Loki is well: otherwise lines may be lost that nothing can save.
 */
export async function soak(seed: number, invocations: number, onProgress: (done: number) => void): Promise<SoakResult> {
  const random = new Random(seed);
  const trial = await Trial.start({ proxied: true, keepBodies: false });
  const story: string[] = [];
  const resident: number[] = [];
  /** Requests that are still to meet a fault. */
  let troubled = false;
  let failure: string | undefined;
  const tell = (what: string): void => {
    story.push(`${trial.results.length}: ${what}`);
  };

  try {
    await trial.environmentOf({ timeoutMs: 6000 });
    while (trial.results.length < invocations) {
      if (trial.results.length % 100 === 0) onProgress(trial.results.length);
      // Books are closed now and then, so that the comparison stays quick.
      if (troubled && random.chance(0.5)) {
        tell('Loki is well');
        trial.loki.script();
        trial.loki.latencyMs = 0;
        await trial.loki.up();
        troubled = false;
      } else if (!troubled && random.chance(0.08)) {
        troubled = true;
        await trouble();
      }
      if (random.chance(0.05)) {
        const mode = random.of(DEAD);
        tell(`connections: ${mode}`);
        for (const connection of trial.proxy!.connections) connection.setMode(mode);
      }
      if (random.chance(0.05)) await sleep(random.whole(1, 120));

      if (!troubled && random.chance(0.03)) await badEnd();
      else await trial.succeed(work());
      // After a crash there is nothing to end: the next invocation starts the processes anew.
      if (!troubled && random.chance(0.01) && !trial.results.at(-1)!.reset) {
        tell('spin-down');
        await trial.shutdown();
        await trial.environmentOf({ timeoutMs: 6000 });
      }
      const pid = trial.environment.pid('lambdawatch');
      if (pid !== undefined) resident.push(residentMemory(pid)!);
    }
    trial.loki.script();
    trial.loki.latencyMs = 0;
    await trial.loki.up();
    await trial.succeed({ lines: 1, ms: 600 });
    await trial.shutdown();
    const { lost, duplicated, disordered } = trial.figures();
    assert.deepEqual({ lost, duplicated, disordered }, { lost: 0, duplicated: 0, disordered: 0 });
  } catch (error) {
    failure = `${(error as Error).message}\nThe extension said:\n${trial.said.slice(-4000)}`;
  }
  const { acknowledged, lost, duplicated } = trial.figures();
  await trial.stop();
  const quarter = Math.max(1, Math.floor(resident.length / 4));
  return {
    seed, invocations: trial.results.length, lines: acknowledged, lost, duplicated, story, failure,
    firstQuarterBytes: mean(resident.slice(0, quarter)), lastQuarterBytes: mean(resident.slice(-quarter)),
  };

  async function trouble(): Promise<void> {
    if (random.chance(0.15)) {
      tell('Loki is down');
      await trial.loki.down({ connections: random.of(['reset', 'close'] as const) });
    } else if (random.chance(0.2)) {
      trial.loki.latencyMs = random.whole(5, 300);
      tell(`Loki takes ${trial.loki.latencyMs} ms`);
    } else {
      const name = random.of(Object.keys(PASSING));
      const times = random.whole(1, 4);
      tell(`${name}, ${times} times`);
      trial.loki.script({ fault: PASSING[name], times });
    }
  }

  async function badEnd(): Promise<void> {
    const then = random.of(['throw', 'exit', 'kill'] as const);
    tell(`the function ends by ${then}`);
    await trial.invoke({ ...work(), then });
  }

  function work(): Work {
    const lines = random.chance(0.02) ? random.whole(200, 1500) : random.whole(0, 15);
    return { lines, bytes: random.chance(0.1) ? random.whole(100, 4000) : 0, ms: random.chance(0.05) ? random.whole(1, 200) : 0 };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
