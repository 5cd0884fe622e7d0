import { alternate, lateness, pick, prepare, type Bench } from '../bench-context';
import { atLeast, type Figure } from '../figure';
import { saved } from './burst';

/** Invocations that write this many lines each, and what is asked of them. */
const WORKLOADS = [{ lines: 100, mark: atLeast(80, 'percent') }, { lines: 10 }];

const INVOCATIONS = 20;

/** What goes to Loki, heads of the requests included, beside the same bodies before compression. */
export async function wire(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { lines, mark } of WORKLOADS) {
    const { run } = await prepare(bench, 'wire', { invocations: INVOCATIONS, lines });
    const name = `bytes saved on the wire, ${lines} lines an invocation`;
    const runs = await alternate(bench, { name, runs: Math.ceil(bench.runs / 10), warmUp: false }, run);
    figures.push(
      { name, unit: 'percent', ...pick(runs, saved), mark, ...lateness(runs) },
      { name: '  bytes to Loki a line', unit: 'none', ...pick(runs, (one) => one.wireBytes / one.lines) },
    );
  }
  return figures;
}
