import { alternate, lateness, pick, prepare, type Bench } from '../bench-context';
import { atMost, type Figure } from '../figure';

/** After `/next`, before memory is read. Lambda would have frozen the extension by then. */
const SETTLE_MS = 100;

/** Memory at rest after the first invocation, one of ten lines. */
export async function memory(bench: Bench): Promise<Figure[]> {
  const { run } = await prepare(bench, 'memory', { invocations: 1, lines: 10 }, { settleMs: SETTLE_MS });
  const runs = await alternate(bench, { name: 'memory', runs: Math.ceil(bench.runs / 3) }, run);
  return [
    {
      name: 'resident, idle after an invocation',
      unit: 'bytes',
      ...pick(runs, (one) => one.memory.residentKb * 1024),
      mark: atMost(4e6, 'bytes'),
      ...lateness(runs),
    },
    { name: '  of which not from a file', unit: 'bytes', ...pick(runs, (one) => one.memory.anonymousKb * 1024) },
    { name: '  peak until then', unit: 'bytes', ...pick(runs, (one) => one.memory.peakKb * 1024) },
  ];
}
