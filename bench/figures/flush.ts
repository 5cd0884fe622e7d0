import { alternate, lateness, prepare, type Bench, type Measured } from '../bench-context';
import { atMost, type Figure, type Mark } from '../figure';
import type { Outcome } from '../harness';
import { quantile } from '../statistics';

/** What Loki takes to answer. */
const LATENCY_MS = 20;

/** Time for everything but round trips. */
const OWN_MS = 3;

/** From `runtimeDone` to `/next`, with a Loki 20 ms away. */
export async function flush(bench: Bench): Promise<Figure[]> {
  const oneTrip: Mark = { ...atMost(LATENCY_MS + OWN_MS, 'ms'), text: `≤ 1 round trip + ${OWN_MS} ms` };
  const threeTrips: Mark = { ...atMost(3 * LATENCY_MS + OWN_MS, 'ms'), text: `≤ 3 round trips + ${OWN_MS} ms` };
  return [
    ...(await held(bench, { invocations: 41, lines: 10 }, oneTrip)),
    ...(await held(bench, { invocations: 21, lines: 1000 }, threeTrips)),
  ];
}

async function held(
  bench: Bench,
  workload: { readonly invocations: number; readonly lines: number },
  mark: Mark,
): Promise<Figure[]> {
  const { run } = await prepare(bench, 'flush', workload, { lokiLatencyMs: LATENCY_MS });
  const name = `runtimeDone to /next, ${workload.lines} lines`;
  const runs = await alternate(bench, { name, runs: Math.ceil(bench.runs / 6), warmUp: false }, run);
  // The first invocation has to connect to Loki; it is a figure of its own.
  const later = (outcomes: readonly Outcome[] | undefined) =>
    outcomes?.flatMap(({ invocations }) => invocations.slice(1).map(({ heldNs }) => heldNs / 1e6));
  const first = (outcomes: readonly Outcome[] | undefined) =>
    outcomes?.map(({ invocations }) => invocations[0].heldNs / 1e6);
  const [ours, peer] = bothOf(runs, later);
  const [oursFirst, peerFirst] = bothOf(runs, first);
  return [
    { name, unit: 'ms', ours, peer, mark, ...lateness(runs) },
    { name: '  99th percentile', unit: 'ms', ours: [quantile(ours, 0.99)], peer: peer && [quantile(peer, 0.99)] },
    { name: '  first invocation', unit: 'ms', ours: oursFirst, peer: peerFirst },
  ];
}

function bothOf(
  runs: Measured<Outcome>,
  samples: (outcomes: readonly Outcome[] | undefined) => number[] | undefined,
): [number[], number[] | undefined] {
  return [samples(runs.ours) ?? [], samples(runs.peer)];
}
