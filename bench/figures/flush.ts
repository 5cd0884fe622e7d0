import { alternate, type Bench, lateness, type Measured, pick, prepare } from '../bench-context';
import { atMost, type Figure, type Mark } from '../figure';
import { quantile } from '../statistics';
import type { Workload } from '../telemetry';

/** What Loki takes to answer. */
const LATENCY_MS = 20;

/** From `runtimeDone` to `/next`, with a Loki 20 ms away. */
export async function flush(bench: Bench): Promise<Figure[]> {
  const oneTrip: Mark = { ...atMost(LATENCY_MS + 3, 'ms'), text: '≤ 1 round trip + 3 ms' };
  const twoTrips: Mark = { ...atMost(2 * LATENCY_MS + 5, 'ms'), text: '≤ 2 round trips + 5 ms' };
  return [
    ...(await held(bench, { invocations: 41, lines: 10 }, oneTrip)),
    ...(await held(bench, { invocations: 21, lines: 1000 }, twoTrips)),
  ];
}

async function held(bench: Bench, workload: Workload, mark: Mark): Promise<Figure[]> {
  const common = { group: 'flush', unit: 'ms' } as const;
  const { run } = await prepare(bench, 'flush', workload, { lokiLatencyMs: LATENCY_MS });
  const { lines } = workload;
  const name = `runtimeDone to /next, ${lines} lines, Loki at ${LATENCY_MS} ms`;
  const runs = await alternate(bench, { name, runs: Math.ceil(bench.runs / 6), warmUp: false }, (subject) =>
    run(subject),
  );
  // The first invocation has to connect to Loki; it is a figure of its own.
  const later = pick(runs, ({ invocations }) => invocations.slice(1).map(({ heldNs }) => heldNs / 1e6));
  const first = pick(runs, ({ invocations }) => invocations[0].heldNs / 1e6);
  const since = pick(runs, ({ invocations }) => invocations.slice(1).map(({ sinceEndNs }) => sinceEndNs / 1e6));
  return [
    { ...common, id: `held ${lines}`, name, ...later, mark, ...lateness(bench, runs) },
    { ...common, id: `held ${lines} p99`, name: '  99th percentile', ...highest(later) },
    { ...common, id: `since end ${lines}`, name: "  function's end to /next", ...since },
    { ...common, id: `first ${lines}`, name: '  first invocation', ...first },
  ];
}

function highest({ ours, peers, failed }: Measured<number>): Measured<number> {
  const p99 = (samples: readonly number[]) => (samples.length === 0 ? [] : [quantile(samples, 0.99)]);
  return { ours: p99(ours), peers: peers.map(p99), failed };
}
