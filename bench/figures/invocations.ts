import { alternate, type Bench, lateness, pick, prepare, type Prepared, type WorkloadRun } from '../bench-context';
import { onShare, type Share, SHARES } from '../cpu-share';
import { atMostOfPeer, type Figure } from '../figure';
import { median, sum } from '../statistics';
import { AS_METADATA, STRATEGIES, withStrategy } from '../strategies';

/** Lines that the function writes in an invocation. */
export const LINES = [0, 1, 10, 100];

/** Invocations that are not like those that follow: connections are made, code is run for the first time. */
const FIRST = 20;

/** As close together as they can be without overtaking each other. */
const CLOSE = { functionMs: 1, pauseMs: 1 };

/** On a share of a CPU the function uses that share up, for longer than the period of its quota. */
const ON_SHARE = { functionMs: 20, pauseMs: 1 };

/** What an invocation costs: processor time, and time that it is held by. */
export async function invocations(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const lines of LINES) {
    const prepared = await prepare(bench, 'invocations', { invocations: 270, lines });
    figures.push(...(await whole(bench, prepared, lines)));
    for (const share of SHARES.slice(1)) figures.push(await onPart(bench, lines, share));
  }
  return figures;
}

async function whole(bench: Bench, { run }: Prepared, lines: number): Promise<Figure[]> {
  const group = 'invocations';
  const name = `an invocation of ${lines} lines`;
  const turns = { name, runs: Math.ceil(bench.runs / 6), withFloor: true, warmUp: false };
  const runs = await alternate(bench, turns, (subject) => run(subject, CLOSE));
  const figures: Figure[] = [
    {
      id: `cpu ${lines}`,
      group,
      name: `${name}: CPU time`,
      unit: 'ms',
      ...pick(runs, cpuMs),
      mark: lines === 10 ? atMostOfPeer(0.25) : undefined,
      ...lateness(bench, runs),
    },
    { id: `wall ${lines}`, group, name: '  telemetry to /next', unit: 'ms', ...pick(runs, wallMs) },
  ];
  const ours = { name, runs: Math.ceil(bench.runs / 30), withPeers: false, warmUp: false };
  for (const strategy of STRATEGIES) {
    const env = { ...AS_METADATA, ...withStrategy(strategy) };
    const own = await alternate(bench, { ...ours, name: `${name}, ${strategy}` }, (subject) =>
      run(subject, { ...CLOSE, env }),
    );
    figures.push({
      id: `cpu ${lines} ${strategy}`,
      group,
      name: `  CPU time, ids as metadata, strategy ${strategy}`,
      unit: 'ms',
      ...pick(own, cpuMs),
    });
  }
  return figures;
}

async function onPart(bench: Bench, lines: number, share: Share): Promise<Figure> {
  const common = { group: 'invocations', unit: 'ms' } as const;
  const id = `held ${lines} on ${share.percent}`;
  const name = `  telemetry to /next on ${share.percent} % of a CPU`;
  const { run } = await prepare(bench, 'invocations', { invocations: 50, lines });
  const runs = await onShare(share, (controlGroup) =>
    alternate(
      bench,
      { name: `${lines} lines, ${share.percent} %`, runs: Math.ceil(bench.runs / 30), withFloor: true, warmUp: false },
      (subject) => run(subject, { ...ON_SHARE, controlGroup }),
    ),
  );
  if (typeof runs === 'string') return { ...common, id, name, ours: [], note: runs };
  return { ...common, id, name, ...pick(runs, wallMs) };
}

/** The mean, as what is put off to every thousandth invocation is part of the price. */
function cpuMs({ invocations: all }: WorkloadRun): number {
  const later = all.slice(FIRST);
  return sum(later.map(({ cpuNs }) => cpuNs)) / later.length / 1e6;
}

function wallMs({ invocations: all }: WorkloadRun): number {
  return median(all.slice(FIRST).map(({ wallNs }) => wallNs)) / 1e6;
}
