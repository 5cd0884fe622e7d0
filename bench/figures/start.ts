import { alternate, pick, type Bench } from '../bench-context';
import { limitCpu } from '../cpu-share';
import { atMostOfPeer, type Figure } from '../figure';
import type { Outcome } from '../harness';

/** Of one CPU: what a function of 512 MB gets, at 1 769 MB a CPU. */
const CPU_SHARE = 0.29;

const startMs = ({ startNs }: Outcome) => startNs / 1e6;

/** Time from exec to the first `/next`: warm, with a cold page cache, on a fraction of a CPU. */
export async function start(bench: Bench): Promise<Figure[]> {
  const warm = await alternate(bench, { name: 'start, warm', runs: bench.runs, withFloor: true }, (subject) =>
    subject.run(bench.harness, 'start', {}),
  );
  return [
    { name: 'exec to first /next', unit: 'ms', ...pick(warm, startMs), mark: atMostOfPeer(1 / 2, '≤ 1/2 of the peer') },
    { name: '  CPU time until then', unit: 'ms', ...pick(warm, ({ startCpuNs }) => startCpuNs / 1e6) },
    await cold(bench),
    await onFraction(bench),
  ];
}

async function cold(bench: Bench): Promise<Figure> {
  const name = '  with a cold page cache';
  const runs = await alternate(bench, { name: 'start, cold', runs: bench.runs, withFloor: true }, (subject) =>
    subject.run(bench.harness, 'start', { cold: true }),
  );
  const stillCached = [...runs.ours, ...(runs.peer ?? [])].filter(({ cachedPages }) => cachedPages > 0).length;
  if (stillCached > 0) {
    const note = `skipped: this file system kept the executable in memory in ${stillCached} runs (set LAMBDAWATCH_CACHE to a folder on a disk)`;
    return { name, unit: 'ms', ours: [], note };
  }
  return { name, unit: 'ms', ...pick(runs, startMs), mark: atMostOfPeer(1 / 3, '≤ 1/3 of the peer') };
}

async function onFraction(bench: Bench): Promise<Figure> {
  const name = `  on ${Math.round(CPU_SHARE * 100)} % of a CPU`;
  let share;
  try {
    share = limitCpu(CPU_SHARE);
  } catch (error) {
    return { name, unit: 'ms', ours: [], note: `skipped: ${(error as Error).message}` };
  }
  const { procs, remove } = share;
  process.once('exit', remove);
  try {
    const runs = await alternate(bench, { name: 'start, fraction', runs: bench.runs, withFloor: true }, (subject) =>
      subject.run(bench.harness, 'start', { controlGroup: procs }),
    );
    return { name, unit: 'ms', ...pick(runs, startMs) };
  } finally {
    remove();
    process.off('exit', remove);
  }
}
