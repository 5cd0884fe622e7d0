import { alternate, type Bench, lateness, pick, prepare } from '../bench-context';
import { atLeast, atMostOfPeer, type Figure } from '../figure';
import { AS_METADATA } from '../strategies';
import { saved } from './burst';

/** Invocations that write this many lines each, and what is asked of them. */
const WORKLOADS = [{ lines: 100, mark: atLeast(80, 'percent') }, { lines: 10 }];

/** One stream, and no more about a line than its request id: the same content as other extensions send. */
const SAME_CONTENT = { ...AS_METADATA, LOKI_METADATA_DEFAULT: 'false' };

const INVOCATIONS = 20;

/** What goes to Loki, heads of the requests included, beside the same bodies before compression. */
export async function wire(bench: Bench): Promise<Figure[]> {
  const group = 'wire';
  const figures: Figure[] = [];
  for (const { lines, mark } of WORKLOADS) {
    const { run } = await prepare(bench, group, { invocations: INVOCATIONS, lines });
    const name = `bytes saved on the wire, ${lines} lines an invocation`;
    const turns = { name, runs: Math.ceil(bench.runs / 10), withFloor: true, warmUp: false };
    const runs = await alternate(bench, turns, (subject) => run(subject));
    figures.push(
      { id: `saved ${lines}`, group, name, unit: 'percent', ...pick(runs, saved), mark, ...lateness(bench, runs) },
      {
        id: `wire ${lines}`,
        group,
        name: '  bytes to Loki a line',
        unit: 'none',
        ...pick(runs, (one) => one.wireBytes / one.lines),
        mark: lines === 100 ? atMostOfPeer(1.1) : undefined,
      },
    );
    const same = await alternate(bench, { ...turns, name: `${name}, same content` }, (subject) =>
      run(subject, { env: SAME_CONTENT }),
    );
    figures.push({
      id: `wire ${lines} same`,
      group,
      name: '  the same without levels, request ids as metadata',
      unit: 'none',
      ...pick(same, (one) => one.wireBytes / one.lines),
      mark: lines === 100 ? atMostOfPeer(1.1) : undefined,
    });
  }
  return figures;
}
