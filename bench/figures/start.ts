import { alternate, type Bench, type Measured, pick } from '../bench-context';
import { onShare, type Share, SHARES } from '../cpu-share';
import { atMostOfPeer, type Figure } from '../figure';
import type { Outcome } from '../harness';

const startMs = ({ startNs }: Outcome) => startNs / 1e6;

/** Time from exec to the first `/next`: warm, with a cold page cache, on a fraction of a CPU. */
export async function start(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const share of SHARES) figures.push(...(await warm(bench, share)));
  figures.splice(2, 0, await cold(bench));
  return figures;
}

async function warm(bench: Bench, share: Share): Promise<Figure[]> {
  const whole = share.percent === 100;
  const common = { group: 'start', unit: 'ms' } as const;
  const id = `start on ${share.percent}`;
  const name = whole ? 'exec to first /next' : `  on ${share.percent} % of a CPU`;
  const runs = whole ? bench.runs : Math.ceil(bench.runs / 2);
  const measured = await onShare(share, (controlGroup) =>
    alternate(bench, { name: `start, ${share.percent} %`, runs, withFloor: true }, (subject) =>
      subject.run(bench.harness, 'start', { controlGroup }),
    ),
  );
  if (typeof measured === 'string') return [{ ...common, id, name, ours: [], note: measured }];
  const figure: Figure = { ...common, id, name, ...pick(measured, startMs) };
  if (!whole) return [figure];
  const cpu = pick(measured, ({ startCpuNs }) => startCpuNs / 1e6);
  return [
    { ...figure, mark: atMostOfPeer(0.4) },
    { ...common, id: 'start cpu', name: '  CPU time until then', ...cpu },
  ];
}

async function cold(bench: Bench): Promise<Figure> {
  const common = { id: 'start cold', group: 'start', name: '  with a cold page cache', unit: 'ms' } as const;
  const turns = { name: 'start, cold', runs: bench.runs, withFloor: true };
  const runs = await alternate(bench, turns, (subject) => subject.run(bench.harness, 'start', { cold: true }));
  const stillCached = all(runs).filter(({ cachedPages }) => cachedPages > 0).length;
  if (stillCached > 0) {
    const note = `skipped: this file system kept the executable in memory in ${stillCached} runs (set LAMBDAWATCH_CACHE to a folder on a disk)`;
    return { ...common, ours: [], note };
  }
  return { ...common, ...pick(runs, startMs), mark: atMostOfPeer(0.3) };
}

function all({ ours, peers }: Measured<Outcome>): Outcome[] {
  return [...ours, ...peers.flat()];
}
