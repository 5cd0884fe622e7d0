import { setTimeout as sleep } from 'node:timers/promises';
import { faults as answers, type ConnectionMode, type Fault as Answer } from '../../sandbox/loki';
import { residentMemory } from '../../sandbox';
import { type Condition, CONDITIONS, NEAR } from './conditions';
import { MOST_HELD_MS } from './judge';
import { inParallel } from './play';
import { Random } from './random';
import { type Outage, Trial, type Work } from './trial';

export interface SoakOptions {
  readonly seed: number;
  /** Most invocations. */
  readonly invocations: number;
  /** No new invocation after this time, in epoch milliseconds. */
  readonly until?: number;
  /** One environment lives through it all, so that growth of memory shows: nothing crashes, and Loki is always near. */
  readonly steady?: boolean;
}

export interface SoakResult {
  readonly seed: number;
  readonly steady: boolean;
  readonly invocations: number;
  readonly lines: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly told: number;
  /** Longest time held, in milliseconds. */
  readonly longestMs: number;
  /**
   * Means of the resident memory over the second thousand invocations and the last thousand of a steady one, in bytes.
   */
  readonly memory?: { readonly second: number; readonly last: number };
  /** What happened, in order, for a look at a run that failed. */
  readonly story: readonly string[];
  /** What was wrong; empty when all was well. */
  readonly failures: readonly string[];
}

/** Troubles that pass: each is for a few requests, after which Loki is well. */
const PASSING: Record<string, Answer> = {
  '503': answers.unavailable(),
  '503, Retry-After': answers.unavailable(60),
  '500': answers.internalError(),
  '502': answers.badGateway(),
  '429 rate': answers.ingestionRate(),
  '429, Retry-After': answers.ingestionRate(3600),
  '429 stream rate': answers.perStreamRate(),
  '401': answers.unauthorized(),
  'resource exhausted': {
    kind: 'answer',
    status: 500,
    body: 'rpc error: code = ResourceExhausted desc = too many inflight push requests in the ingester\n',
  },
  'stored, then cut': { kind: 'store-then-cut', how: 'reset' },
  'reset before the body': { kind: 'reset', at: 'head' },
  'reset after the body': { kind: 'reset', at: 'body' },
  'reset in the answer': { kind: 'reset', at: 'response' },
  'black hole': { kind: 'black-hole' },
  drip: { kind: 'drip', everyMs: 1, chunkBytes: 8 },
};

const OUTAGES: readonly (readonly [name: string, what: Outage])[] = [
  ['nothing listens', 'refused'],
  ['503', answers.unavailable()],
  ['mute', 'mute'],
];
const DEAD: readonly ConnectionMode[] = ['close', 'reset', 'reset-on-use', 'black-hole'];

/** How far the resident memory of a process may grow from its second thousand invocations to its last. */
export const MOST_GROWTH = 1.05;
/** So many invocations are needed for that to be seen. */
export const LEAST_FOR_GROWTH = 3000;
const THOUSAND = 1000;

/** An environment that is about to end, or whose function crashes, has lines that must get through within 2 s. */
const NEAR_ENOUGH_MS = 300;

/**
 * A random sequence of invocations, freezes, faults, crashes and ends of environments, and at the end the books: every
 * line that the extension acknowledged is in Loki, once. Environments end only while Loki is well: otherwise lines may
 * be lost that nothing can save.
 */
export async function soak({ seed, invocations, until = Infinity, steady = false }: SoakOptions): Promise<SoakResult> {
  const random = new Random(seed);
  const condition: Condition = !steady && random.chance(0.15) ? CONDITIONS.at(-1)! : { ...NEAR, latencyMs: 0 };
  const trial = await Trial.start({ proxied: true, keepBodies: false }, condition);
  const story: string[] = [];
  const resident: number[] = [];
  let troubled = false;
  /** Invocations until Loki is near again. */
  let far = 0;
  const tell = (what: string): void => {
    story.push(`${trial.invocations.length}: ${what}`);
  };
  const over = (): boolean =>
    trial.invocations.length >= invocations || Date.now() >= until || trial.failures.length > 0;

  try {
    await trial.environmentOf({ timeoutMs: 8000 });
    while (!over()) {
      if (troubled && random.chance(0.4)) {
        tell('Loki is well');
        await trial.well();
        troubled = false;
      } else if (!troubled && random.chance(steady ? 0.01 : 0.06)) {
        troubled = true;
        await trouble();
      }
      if (!steady) distance();
      if (random.chance(steady ? 0.01 : 0.05)) {
        const mode = random.of(DEAD);
        tell(`connections: ${mode}`);
        for (const connection of trial.proxy!.connections) connection.setMode(mode);
      }
      if (random.chance(0.05)) await sleep(random.whole(1, 120));

      const safe = !troubled && !steady && far === 0;
      if (safe && random.chance(0.02)) {
        await trial.recover();
        await badEnd();
      } else {
        await trial.succeed(work());
      }
      // After a crash there is nothing to end: the next invocation starts the processes anew.
      if (safe && random.chance(0.005) && !trial.results.at(-1)!.reset) {
        tell('spin-down');
        await trial.recover();
        await trial.shutdown();
        await trial.environmentOf({ timeoutMs: 8000 });
      }
      const pid = trial.environment.pid('lambdawatch');
      if (pid !== undefined && steady) resident.push(residentMemory(pid));
    }
    trial.loki.latencyMs = 0;
    await trial.recover();
    await trial.shutdown();
  } catch (error) {
    trial.failures.push((error as Error).stack ?? String(error));
  }
  const { acknowledged, lost, duplicated, disordered, told, reconciled, missing, heldMs } = trial.figures();
  const longestMs = Math.max(0, ...heldMs);
  trial.expect(
    lost === 0 && duplicated === 0 && disordered === 0,
    `${lost} lines lost, ${duplicated} duplicated, ${disordered} out of order`,
  );
  trial.expect(reconciled, `${missing} lines missing and ${told} told`);
  trial.expect(longestMs <= MOST_HELD_MS, `held ${Math.round(longestMs)} ms`);
  const memory =
    resident.length < LEAST_FOR_GROWTH
      ? undefined
      : { second: mean(resident.slice(THOUSAND, 2 * THOUSAND)), last: mean(resident.slice(-THOUSAND)) };
  if (memory)
    trial.expect(
      memory.last <= MOST_GROWTH * memory.second,
      `resident memory grew from ${mib(memory.second)} to ${mib(memory.last)}`,
    );
  const failures = trial.failures.map((failure) => `${failure}\nThe extension said:\n${trial.said.slice(-3000)}`);
  await trial.stop();
  return {
    seed,
    steady,
    invocations: trial.invocations.length,
    lines: acknowledged,
    lost,
    duplicated,
    told,
    longestMs,
    memory,
    story,
    failures,
  };

  async function trouble(): Promise<void> {
    if (random.chance(0.3)) {
      const [name, what] = random.of(OUTAGES);
      tell(`Loki is away: ${name}`);
      await trial.away(what);
    } else {
      const name = random.of(Object.keys(PASSING));
      const times = random.whole(1, 4);
      tell(`${name}, ${times} times`);
      trial.trouble({ fault: PASSING[name], times });
    }
  }

  /** Now and then Loki is far away for some invocations. */
  function distance(): void {
    if (far > 0 && --far === 0) {
      trial.loki.latencyMs = random.of([0, 0, 20, 100, NEAR_ENOUGH_MS]);
      tell(`Loki takes ${trial.loki.latencyMs} ms`);
    } else if (far === 0 && random.chance(0.02)) {
      far = random.whole(2, 8);
      trial.loki.latencyMs = random.of(CONDITIONS).latencyMs;
      tell(`Loki takes ${trial.loki.latencyMs} ms`);
    }
  }

  async function badEnd(): Promise<void> {
    const then = random.of(['throw', 'exit', 'kill'] as const);
    tell(`the function ends by ${then}`);
    await trial.invoke({ ...work(), then });
  }

  function work(): Work {
    if (steady) return { lines: random.whole(5, 15) };
    const lines = random.chance(0.02) ? random.whole(200, 1500) : random.whole(0, 15);
    return {
      lines,
      bytes: random.chance(0.1) ? random.whole(100, 4000) : 0,
      ms: random.chance(0.05) ? random.whole(1, 200) : 0,
    };
  }
}

/**
 * A steady sequence with a quarter of the invocations, and random ones that share the rest. Prints what came of each.
 */
export async function soakAll(
  seeds: readonly number[],
  invocations: number,
  jobs: number,
  aloneSteady = false,
): Promise<number> {
  const alone = seeds.length === 1;
  const each = alone ? invocations : Math.ceil((invocations * 3) / 4 / (seeds.length - 1));
  const started = Date.now();
  const results = await inParallel(seeds, jobs, async (seed) => {
    const steady = alone ? aloneSteady : seed === seeds[0];
    const result = await soak({
      seed,
      invocations: steady && !alone ? Math.max(LEAST_FOR_GROWTH, Math.ceil(invocations / 4)) : each,
      steady,
    });
    console.log(describe(result, started));
    return result;
  });
  const sum = (of: (result: SoakResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  console.log(
    `${seeds.length} seeds, ${sum((one) => one.invocations)} invocations, ${sum(({ lines }) => lines)} lines: ${sum(({ lost }) => lost)} lost, ` +
      `${sum(({ duplicated }) => duplicated)} duplicated, longest held ${Math.round(Math.max(...results.map(({ longestMs }) => longestMs)))} ms, ${failed} sequences failed`,
  );
  return failed === 0 ? 0 : 1;
}

export function describe(
  { seed, steady, invocations, lines, lost, duplicated, longestMs, memory, failures, story }: SoakResult,
  started: number,
): string {
  const grown = memory
    ? `, resident ${mib(memory.second)} in the second thousand, ${mib(memory.last)} in the last`
    : '';
  const wrong = failures.map((failure) => `\nseed ${seed} failed: ${failure}`).join('');
  const tail =
    failures.length === 0
      ? ''
      : `\nIts last events:\n${story.slice(-12).join('\n')}\nTo repeat: npm run test:faults -- --seed ${seed}${steady ? ` --steady --invocations ${invocations}` : ''}`;
  return (
    `seed ${seed}: ${invocations} invocations, ${lines} lines, ${lost} lost, ${duplicated} duplicated, longest held ${Math.round(longestMs)} ms${grown}, ` +
    `${Math.round((Date.now() - started) / 1000)} s${wrong}${tail}`
  );
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
