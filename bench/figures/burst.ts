import { alternate, lateness, pick, prepare, type Bench } from '../bench-context';
import { atLeastOfPeer, atMostOfPeer, exactly, type Figure } from '../figure';

const LINES = 100_000;

/** Longest wait for `/next` after the burst, for peers that are much slower. */
const LIMIT_MS = 180_000;

/** 100 000 lines in one invocation, to a Loki that answers at once. */
export async function burst(bench: Bench): Promise<Figure[]> {
  const { script, run } = await prepare(bench, 'burst', { invocations: 1, lines: LINES }, { limitMs: LIMIT_MS });
  const runs = await alternate(
    bench,
    { name: `burst of ${LINES} lines`, runs: Math.ceil(bench.runs / 6), warmUp: false },
    async (subject) => {
      const {
        invocations: [invocation],
        ...rest
      } = await run(subject);
      return { ...rest, ...invocation, invocations: [invocation], pushes: rest.pushes };
    },
  );
  const { spoiled, note } = lateness(runs);
  // A median could hide a run that lost lines.
  const fewest = (samples: readonly number[] = []) => (samples.length === 0 ? undefined : [Math.min(...samples)]);
  const worst = (number: (one: (typeof runs.ours)[number]) => number) => {
    const { ours, peer } = pick(runs, number);
    return { ours: fewest(ours) ?? [], peer: fewest(peer) };
  };
  return [
    {
      name: 'burst: lines per CPU-second',
      unit: 'lines/s',
      ...pick(runs, ({ linesInTime, cpuNs }) => linesInTime / (cpuNs / 1e9)),
      mark: atLeastOfPeer(2, '≥ 2 × the peer'),
      spoiled,
      note: `lines in Loki by /next, of about ${Math.round(script.bytes / script.lines)} bytes, divided by the extension's CPU time, user and system`,
    },
    {
      name: '  lines that arrived, worst run',
      unit: 'lines',
      ...worst(({ lines }) => lines),
      mark: exactly(LINES, 'lines'),
    },
    {
      name: '  of them by /next, worst run',
      unit: 'lines',
      ...worst(({ linesInTime }) => linesInTime),
      mark: exactly(LINES, 'lines'),
      note: note && `${note}; --peer-env burst:NAME=value can give it a larger buffer`,
    },
    {
      name: '  peak memory',
      unit: 'bytes',
      ...pick(runs, (one) => one.memory.peakKb * 1024),
      mark: atMostOfPeer(1 / 3, '≤ 1/3 of the peer'),
      spoiled,
    },
    { name: '  first delivery to /next', unit: 'ms', ...pick(runs, ({ wallNs }) => wallNs / 1e6) },
    { name: '  pushes', unit: 'lines', ...pick(runs, ({ pushes }) => pushes) },
    { name: '  bytes to Loki a line', unit: 'none', ...pick(runs, ({ wireBytes, lines }) => wireBytes / lines) },
    { name: '  share saved by compression', unit: 'percent', ...pick(runs, saved) },
  ];
}

/** Percent by which what was sent, heads included, is less than the bodies before compression. */
export function saved({ wireBytes, plainBytes }: { readonly wireBytes: number; readonly plainBytes: number }): number {
  return 100 * (1 - wireBytes / plainBytes);
}
