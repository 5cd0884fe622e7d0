import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Layer } from '../../build/layer';
import type { Harness } from '../harness';
import { LAMBDA_ENV } from '../subjects';
import { scriptFor, type Workload } from '../telemetry';
import type { Callgrind } from './callgrind';
import type { GuardFigure } from './kept';

/** Lines of an invocation, and of a burst. */
const LINES = 10;
const BURST = 10_000;

/** The instructions of an invocation are the difference between a run of many and one of few. */
const FEW = 10;
const MANY = 50;

/** Invocations after which memory is steady enough. */
const LIFE = 500;

export type Measurements = Record<GuardFigure, number>;

/**
 * What the guard watches: figures that are the same on a busy machine as on a quiet one, or nearly so.
 * @param executable what is measured in place of the layer's own
 */
export async function measureGuard(
  { callgrind, harness }: { readonly callgrind: Callgrind; readonly harness: Harness },
  { executable, zip }: Layer,
  folder: string,
): Promise<Measurements> {
  const count = async (workload?: Workload) => (await callgrind.count(executable, workload)).instructions;
  // Two at a time: a run under valgrind uses one processor.
  const [start, few] = await Promise.all([count(), count({ invocations: FEW, lines: LINES })]);
  const [many, one] = await Promise.all([
    count({ invocations: MANY, lines: LINES }),
    count({ invocations: 1, lines: 0 }),
  ]);
  const [burst, life] = await Promise.all([
    count({ invocations: 1, lines: BURST }),
    memory(harness, executable, folder, { invocations: LIFE, lines: LINES }),
  ]);
  const peak = await memory(harness, executable, folder, { invocations: 1, lines: BURST });
  return {
    'instructions: start and end': start,
    'instructions: an invocation of 10 lines': Math.round((many - few) / (MANY - FEW)),
    'instructions: 10 000 lines in bulk': burst - one,
    'bytes: executable': (await fs.stat(executable)).size,
    'bytes: zip': (await fs.stat(zip)).size,
    'bytes: resident after the first invocation': life.first,
    'bytes: resident after 500 invocations': life.last,
    'bytes: peak of 10 000 lines in bulk': peak.peak,
  };
}

/** Resident memory, without valgrind. */
async function memory(harness: Harness, executable: string, folder: string, workload: Workload) {
  const script = path.join(folder, `memory-${workload.invocations}x${workload.lines}`);
  await fs.writeFile(script, scriptFor(workload).content);
  const { invocations, memory: last } = await harness.run({
    executable,
    env: { ...LAMBDA_ENV, LOKI_ENDPOINT: '{endpoint}' },
    script,
    log: `${script}.log`,
    functionMs: 1,
    pauseMs: 1,
    settleMs: 50,
  });
  return { first: invocations[0].memory.residentKb * 1024, last: last.residentKb * 1024, peak: last.peakKb * 1024 };
}
