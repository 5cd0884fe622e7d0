import { type Bench, prepare, type WorkloadRun } from '../bench-context';
import type { Figure } from '../figure';
import { quantile, sum } from '../statistics';
import { AS_METADATA, STRATEGIES, withStrategy } from '../strategies';
import { TELEMETRY_DELAY_MS } from './strategies';

interface Rate {
  /** From one invocation to the next. */
  readonly seconds: number;
  readonly invocations: number;
  /** Gaps of the invocations before, so that `adaptive` has decided. With these it decides as it does at this rate. */
  readonly leadInMs: number;
}

const LEAD_IN = 10;

export const RATES: readonly Rate[] = [
  { seconds: 0.1, invocations: 80, leadInMs: 100 },
  { seconds: 5, invocations: 9, leadInMs: 100 },
  { seconds: 60, invocations: 5, leadInMs: 11_000 },
];

/** It takes minutes in which next to nothing happens, so it goes on while other things are measured. */
export const SLOW_RATE = RATES[RATES.length - 1];

const LINES = 10;
const LATENCY_MS = 20;
const FUNCTION_MS = 50;

/**
 * How old lines are when they reach Loki, by strategy, at a rate of invocations, with the extension frozen in between;
 * and what an invocation costs then.
 */
export async function agesAt(bench: Bench, { seconds, invocations, leadInMs }: Rate): Promise<Figure[]> {
  const { script, run } = await prepare(
    bench,
    'ages',
    // What is left of the last one comes at SHUTDOWN, minutes later in Lambda and at once here: it has no say.
    { invocations: LEAD_IN + invocations + 1, lines: LINES },
    {
      lokiLatencyMs: LATENCY_MS,
      telemetryDelayMs: TELEMETRY_DELAY_MS,
      functionMs: FUNCTION_MS,
      periodMs: seconds * 1000,
      leadIn: { invocations: LEAD_IN, periodMs: leadInMs },
      settleMs: 200,
    },
  );
  bench.progress(`ages: an invocation every ${seconds} s`);
  const runs = await Promise.all(
    STRATEGIES.map((strategy) => run(bench.ours, { env: { ...AS_METADATA, ...withStrategy(strategy) } })),
  );
  return STRATEGIES.flatMap((strategy, index): Figure[] => {
    const group = 'ages';
    const one = runs[index];
    const id = `${strategy} ${seconds}`;
    const ages = one.ages.slice(0, invocations * LINES);
    const lost = script.lines - one.lines;
    return [
      {
        id: `age ${id}`,
        group,
        name: `${strategy}, an invocation every ${seconds} s: age of lines on arrival`,
        unit: 'ms',
        ours: ages,
        spoiled: lost === 0 ? undefined : `${lost} lines were lost`,
      },
      { id: `age p99 ${id}`, group, name: '  99th percentile', unit: 'ms', ours: [quantile(ages, 0.99)] },
      { id: `cpu ${id}`, group, name: '  CPU time of an invocation', unit: 'ms', ours: [cpuMs(one)] },
      { id: `pushes ${id}`, group, name: '  pushes for 1 000 invocations', unit: 'lines', ours: [pushes(one)] },
      { id: `repeats ${id}`, group, name: '  lines that came twice', unit: 'lines', ours: [one.repeats] },
    ];
  });
}

function cpuMs({ invocations }: WorkloadRun): number {
  return sum(invocations.map(({ cpuNs }) => cpuNs)) / invocations.length / 1e6;
}

function pushes({ invocations }: WorkloadRun): number {
  return (1000 * sum(invocations.map((one) => one.pushes))) / invocations.length;
}
