import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Harness, Outcome, Run } from './harness';
import type { Group } from './options';
import { type Arrived, readPushes } from './pushes';
import type { Subject } from './subjects';
import { scriptFor, type Script, type Workload } from './telemetry';

/** What the groups of figures are given to measure with. */
export interface Bench {
  readonly harness: Harness;
  readonly ours: Subject;
  readonly peer?: Subject;
  /** A client that only registers, subscribes and calls `/next`. */
  readonly floor: Subject;
  /** Starts of each kind; the slower figures take a share of it. */
  readonly runs: number;
  /** A folder for files of this run. */
  readonly folder: string;
  readonly progress: (line: string) => void;
}

/** What was measured of each. */
export interface Measured<T> {
  readonly ours: T[];
  readonly peer?: T[];
  readonly floor?: T[];
}

/**
 * Measures each subject `runs` times, in turn: what disturbs the machine for a while disturbs all of them.
 * Before that each is run once for nothing, unless `warmUp` is false.
 */
export async function alternate<T>(
  { ours, peer, floor, progress }: Bench,
  {
    name,
    runs,
    withFloor = false,
    warmUp = true,
  }: { readonly name: string; readonly runs: number; readonly withFloor?: boolean; readonly warmUp?: boolean },
  measure: (subject: Subject) => Promise<T>,
): Promise<Measured<T>> {
  const measured = { ours: [] as T[], peer: peer && ([] as T[]), floor: withFloor ? ([] as T[]) : undefined };
  const turns: (readonly [Subject, T[]])[] = [[ours, measured.ours]];
  if (peer && measured.peer) turns.push([peer, measured.peer]);
  if (measured.floor) turns.push([floor, measured.floor]);
  if (warmUp) {
    for (const [subject] of turns) await measure(subject);
  }
  for (let run = 1; run <= runs; run++) {
    progress(`${name}: run ${run} of ${runs}`);
    for (const [subject, samples] of turns) samples.push(await measure(subject));
  }
  return measured;
}

/** One number of each measurement. */
export function pick<T>(
  { ours, peer, floor }: Measured<T>,
  number: (one: T) => number,
): { ours: number[]; peer?: number[]; floor?: number[] } {
  return { ours: ours.map(number), peer: peer?.map(number), floor: floor?.map(number) };
}

/** What a run of a workload gave, on both sides. */
export type WorkloadRun = Outcome &
  Arrived & {
    /** Lines that Loki had not confirmed by the `/next` of their invocation, so that Lambda could have frozen them. */
    readonly late: number;
  };

/** Prepares a workload; the function given back runs it once. */
export async function prepare(
  { folder, harness }: Bench,
  group: Group,
  workload: Workload,
  how: Pick<Run, 'lokiLatencyMs' | 'settleMs' | 'limitMs'> = {},
): Promise<{ readonly script: Script; readonly run: (subject: Subject) => Promise<WorkloadRun> }> {
  const script = scriptFor(workload);
  const file = path.join(folder, `script-${workload.invocations}x${workload.lines}`);
  await fs.writeFile(file, script.content);
  const run = async (subject: Subject) => {
    const outcome = await subject.run(harness, group, { ...how, script: file, pushes: subject.pushes });
    const arrived = readPushes(await fs.readFile(subject.pushes), workload.lines);
    return { ...outcome, ...arrived, late: script.lines - arrived.linesInTime };
  };
  return { script, run };
}

/**
 * What keeps figures of a workload from meaning what they say. Whoever calls `/next` before the lines are in Loki is
 * fast, light, and wrong.
 */
export function lateness({ ours, peer }: Measured<WorkloadRun>): { spoiled?: string; note?: string } {
  const say = (who: string, runs: readonly WorkloadRun[] = []) => {
    const most = Math.max(0, ...runs.map(({ late }) => late));
    return most === 0
      ? undefined
      : `${who} called /next with up to ${most} lines of a run not in Loki, so its figures are not of the whole work`;
  };
  return { spoiled: say('LambdaWatch', ours), note: say('the peer', peer) };
}
