import { alternate, type Bench, lateness, type Measured, pick, prepare, type WorkloadRun } from '../bench-context';
import { onShare, SHARES } from '../cpu-share';
import { atLeastOfPeer, atMost, atMostOfPeer, exactly, type Figure, grouped } from '../figure';
import { KIND_NAMES, LINE_KINDS, type LineKind } from '../log-lines';

/** Lines of a kind in a burst. */
const LINES: Readonly<Record<LineKind, number>> = { plain: 100_000, short: 100_000, json: 20_000, long: 200 };

/** On a share of a CPU there are so many times fewer. */
const FEWER = 10;

/** Longest wait for `/next` after the burst, for peers that are much slower. */
const LIMIT_MS = 180_000;

/** Many lines in one invocation, to a Loki that answers at once. */
export async function burst(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of LINE_KINDS) {
    figures.push(...(await whole(bench, kind)));
    for (const { percent } of SHARES.slice(1)) figures.push(await onPart(bench, kind, percent));
  }
  return figures;
}

async function whole(bench: Bench, kind: LineKind): Promise<Figure[]> {
  const group = 'burst';
  const lines = LINES[kind];
  const ordinary = kind === 'plain';
  const { script, run } = await prepare(bench, group, { invocations: 1, lines, kind }, { limitMs: LIMIT_MS });
  const name = `burst of ${grouped(lines)} lines of ${KIND_NAMES[kind]}`;
  const turns = { name, runs: Math.ceil(bench.runs / (ordinary ? 6 : 10)), withFloor: true, warmUp: false };
  const runs = await alternate(bench, turns, (subject) => run(subject));
  const { spoiled, note } = lateness(bench, runs);
  const cpu = (one: WorkloadRun) => one.invocations[0].cpuNs / 1e9;
  const figures: Figure[] = [
    {
      id: `rate ${kind}`,
      group,
      name: `${name}: lines per CPU-second`,
      unit: 'lines/s',
      ...pick(runs, (one) => one.linesInTime / cpu(one)),
      mark: ordinary ? atLeastOfPeer(2.5) : undefined,
      spoiled,
      note: ordinary
        ? `lines in Loki by /next, of about ${Math.round(script.bytes / script.lines)} bytes, divided by the extension's CPU time, user and system`
        : undefined,
    },
    {
      id: `bytes rate ${kind}`,
      group,
      name: '  MB of lines per CPU-second',
      unit: 'none',
      ...pick(runs, (one) => ((one.linesInTime / cpu(one)) * (script.bytes / script.lines)) / 1e6),
    },
    {
      id: `in time ${kind}`,
      group,
      name: '  lines in Loki by /next, worst run',
      unit: 'lines',
      ...worst(runs, ({ linesInTime }) => linesInTime),
      mark: exactly(lines, 'lines'),
      note: note && `${note}; --peer-env burst:NAME=value can give it a larger buffer`,
    },
    {
      id: `peak ${kind}`,
      group,
      name: '  peak memory',
      unit: 'bytes',
      ...pick(runs, (one) => one.memory.peakKb * 1024),
      mark: ordinary ? atMostOfPeer(0.1) : kind === 'long' ? undefined : atMost(16e6, 'bytes'),
      spoiled,
    },
    {
      id: `wall ${kind}`,
      group,
      name: '  first delivery to /next',
      unit: 'ms',
      ...pick(runs, (one) => one.invocations[0].wallNs / 1e6),
    },
  ];
  if (!ordinary) return figures;
  return [
    ...figures,
    { id: 'pushes', group, name: '  pushes', unit: 'lines', ...pick(runs, ({ pushes }) => pushes) },
    {
      id: 'wire',
      group,
      name: '  bytes to Loki a line',
      unit: 'none',
      ...pick(runs, (one) => one.wireBytes / one.lines),
    },
    { id: 'saved', group, name: '  share saved by compression', unit: 'percent', ...pick(runs, saved) },
  ];
}

/** Lines a second of a clock, not of a processor: what a function waits for. */
async function onPart(bench: Bench, kind: LineKind, percent: number): Promise<Figure> {
  const common = { group: 'burst', unit: 'lines/s' } as const;
  const id = `rate ${kind} on ${percent}`;
  const name = `  lines a second on ${percent} % of a CPU`;
  const lines = LINES[kind] / FEWER;
  const { run } = await prepare(bench, 'burst', { invocations: 1, lines, kind }, { limitMs: LIMIT_MS });
  const turns = { name: `${KIND_NAMES[kind]}, ${percent} %`, runs: Math.ceil(bench.runs / 30), warmUp: false };
  const runs = await onShare({ percent }, (controlGroup) =>
    alternate(bench, turns, (subject) => run(subject, { controlGroup })),
  );
  if (typeof runs === 'string') return { ...common, id, name, ours: [], note: runs };
  return { ...common, id, name, ...pick(runs, (one) => one.linesInTime / (one.invocations[0].wallNs / 1e9)) };
}

/** A median could hide a run that lost lines. */
function worst(runs: Measured<WorkloadRun>, number: (one: WorkloadRun) => number): Measured<number> {
  const fewest = (samples: readonly number[]) => (samples.length === 0 ? [] : [Math.min(...samples)]);
  const { ours, peers, floor, ...rest } = pick(runs, number);
  return { ...rest, ours: fewest(ours), peers: peers.map(fewest), floor: floor && fewest(floor) };
}

/** Percent by which what was sent, heads included, is less than the bodies before compression. */
export function saved({ wireBytes, plainBytes }: { readonly wireBytes: number; readonly plainBytes: number }): number {
  return 100 * (1 - wireBytes / plainBytes);
}
