import { alternate, type Bench, lateness, pick, prepare, type WorkloadRun } from '../bench-context';
import { atMost, type Figure } from '../figure';

/** After `/next`, before memory is read. Lambda would have frozen the extension by then. */
const SETTLE_MS = 100;

/** Of a process, and at which of its invocations its memory is read. */
const INVOCATIONS = 10_000;
const READ_AT = [1, 100, 1000, INVOCATIONS];

const LINES = 10;

/** Memory at rest after the first invocation, one of ten lines. */
export async function memory(bench: Bench): Promise<Figure[]> {
  const common = { group: 'memory', unit: 'bytes' } as const;
  const { run } = await prepare(bench, 'memory', { invocations: 1, lines: LINES }, { settleMs: SETTLE_MS });
  const turns = { name: 'memory', runs: Math.ceil(bench.runs / 3), withFloor: true };
  const runs = await alternate(bench, turns, (subject) => run(subject));
  const of = (read: (memory: WorkloadRun['memory']) => number) => pick(runs, (one) => read(one.memory) * 1024);
  return [
    {
      ...common,
      id: 'resident',
      name: 'resident, idle after an invocation',
      ...of(({ residentKb }) => residentKb),
      mark: atMost(3.3e6, 'bytes'),
      ...lateness(bench, runs),
    },
    { ...common, id: 'anonymous', name: '  of which not from a file', ...of(({ anonymousKb }) => anonymousKb) },
    { ...common, id: 'peak', name: '  peak until then', ...of(({ peakKb }) => peakKb) },
  ];
}

/** Memory over the life of one process, of invocations as close together as they can be. */
export async function lifetime(bench: Bench): Promise<Figure[]> {
  const common = { group: 'lifetime', unit: 'bytes' } as const;
  const how = { functionMs: 0.5, pauseMs: 0, settleMs: SETTLE_MS };
  const { run } = await prepare(bench, 'lifetime', { invocations: INVOCATIONS, lines: LINES }, how);
  const turns = { name: `${INVOCATIONS} invocations`, runs: 1, warmUp: false };
  const runs = await alternate(bench, turns, async (subject) => {
    const { invocations, memory: last, late } = await run(subject);
    return { resident: invocations.map((one) => one.memory.residentKb), peakKb: last.peakKb, late };
  });
  const curve = (sample: { readonly resident: readonly number[] }, at: number) => sample.resident[at - 1] * 1024;
  return [
    ...READ_AT.map(
      (at): Figure => ({
        ...common,
        id: `after ${at}`,
        name: `resident after ${at} invocations of ${LINES} lines`,
        ...pick(runs, (one) => curve(one, at)),
        ...(at === INVOCATIONS ? { mark: atMost(4.5e6, 'bytes') } : {}),
      }),
    ),
    { ...common, id: 'lifetime peak', name: '  peak until then', ...pick(runs, ({ peakKb }) => peakKb * 1024) },
  ];
}
