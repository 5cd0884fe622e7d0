import { type Bench, prepare, type WorkloadRun } from '../bench-context';
import { makeCertificate } from '../certificate';
import type { Figure, Mark } from '../figure';
import { quantile } from '../statistics';
import { AS_METADATA, STRATEGIES, withStrategy } from '../strategies';
import type { SubjectRun } from '../subjects';

/** What Loki takes to answer. */
export const LATENCIES_MS = [5, 20, 100, 200];

/** From the function's end until Lambda has told the extension of it. It can't be shorter. */
export const TELEMETRY_DELAY_MS = 25;

/** The first of an environment are those of `end`, whatever the strategy. */
const FIRST = 10;
const INVOCATIONS = 50;

const LINES = 10;

/** How long each strategy holds an invocation, by Loki's latency, with TLS and without. */
export async function strategies(bench: Bench): Promise<Figure[]> {
  const { authority, ...tls } = makeCertificate(bench.folder);
  const figures: Figure[] = [];
  for (const way of [
    { name: 'http', how: {} },
    { name: 'https', how: { tls, env: { LOKI_CA_CERT: authority } } },
  ]) {
    for (const latency of LATENCIES_MS) figures.push(...(await held(bench, way, latency)));
  }
  return figures;
}

async function held(
  bench: Bench,
  { name, how }: { readonly name: string; readonly how: SubjectRun },
  latency: number,
): Promise<Figure[]> {
  const workload = { invocations: FIRST + INVOCATIONS, lines: LINES };
  const { script, run } = await prepare(bench, 'strategies', workload, {
    ...how,
    lokiLatencyMs: latency,
    telemetryDelayMs: TELEMETRY_DELAY_MS,
    functionMs: 20,
    // An answer has come by the end of the following invocation, as in functions that are not called without a pause.
    pauseMs: latency + 10,
    leadIn: { invocations: FIRST, periodMs: 0 },
  });
  bench.progress(`strategies: Loki at ${latency} ms, ${name}`);
  // They wait nearly all the time, so one doesn't disturb the other.
  const runs = await Promise.all(
    STRATEGIES.map((strategy) => run(bench.ours, { env: { ...how.env, ...AS_METADATA, ...withStrategy(strategy) } })),
  );
  return STRATEGIES.flatMap((strategy, index): Figure[] => {
    const common = { group: 'strategies', unit: 'ms' } as const;
    const id = `${strategy} ${latency} ${name}`;
    const [afterDone, sinceEnd] = [waits(runs[index], 'heldNs'), waits(runs[index], 'sinceEndNs')];
    const lost = script.lines - runs[index].lines;
    return [
      {
        ...common,
        id: `held ${id}`,
        name: `${strategy}, Loki at ${latency} ms, ${name}: runtimeDone to /next`,
        ours: afterDone,
        mark: markOf(strategy),
        spoiled: lost === 0 ? undefined : `${lost} lines were lost`,
      },
      { ...common, id: `held p99 ${id}`, name: '  99th percentile', ours: [quantile(afterDone, 0.99)] },
      { ...common, id: `since end ${id}`, name: "  function's end to /next", ours: sinceEnd },
      { ...common, id: `since end p99 ${id}`, name: '  99th percentile', ours: [quantile(sinceEnd, 0.99)] },
    ];
  });
}

/** The network of the harness takes no time, so `handoff` has its three milliseconds alone. */
function markOf(strategy: string): Mark | undefined {
  if (strategy === 'next') return { text: '0', holds: (ours) => ours === 0 };
  if (strategy === 'handoff') return { text: '≤ 3 ms', holds: (ours) => ours <= 3 };
  return undefined;
}

function waits(run: WorkloadRun, which: 'heldNs' | 'sinceEndNs'): number[] {
  return run.invocations.map((one) => one[which] / 1e6);
}
