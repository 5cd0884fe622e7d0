import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Failed } from './figure';
import type { Harness, Outcome } from './harness';
import type { Group } from './options';
import { type Arrived, readPushes } from './pushes';
import type { Subject, SubjectRun } from './subjects';
import { type Script, scriptFor, type Workload } from './telemetry';

/** What the groups of figures are given to measure with. */
export interface Bench {
  readonly harness: Harness;
  readonly ours: Subject;
  /** Other extensions; ratios are to the first one. */
  readonly peers: readonly Subject[];
  /** A native client that makes the exchanges and does nothing else. */
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
  readonly peers: T[][];
  readonly floor?: T[];
  /** Absent where all went well. */
  readonly failed?: Failed;
}

interface Turn<T> {
  readonly subject: Subject;
  samples: T[];
  failed?: string;
}

export interface Turns {
  readonly name: string;
  readonly runs: number;
  readonly withFloor?: boolean;
  readonly withPeers?: boolean;
  readonly warmUp?: boolean;
}

/**
 * Measures each subject `runs` times, in turn: what disturbs the machine for a while disturbs all of them.
 * Before that each is run once for nothing, unless `warmUp` is false. A subject that fails has no samples and is left
 * out from then on; the others are measured all the same.
 */
export async function alternate<T>(
  bench: Bench,
  { name, runs, withFloor = false, withPeers = true, warmUp = true }: Turns,
  measure: (subject: Subject) => Promise<T>,
): Promise<Measured<T>> {
  const subjects = [bench.ours, ...(withPeers ? bench.peers : []), ...(withFloor ? [bench.floor] : [])];
  const turns = subjects.map((subject): Turn<T> => ({ subject, samples: [] }));
  const all = async (keep: boolean): Promise<void> => {
    for (const turn of turns) {
      if (turn.failed !== undefined) continue;
      try {
        const sample = await measure(turn.subject);
        if (keep) turn.samples.push(sample);
      } catch (error) {
        turn.failed = (error as Error).message;
        turn.samples = [];
        bench.progress(`${name}: ${turn.failed}`);
      }
    }
  };
  if (warmUp) await all(false);
  for (let run = 1; run <= runs; run++) {
    bench.progress(`${name}: run ${run} of ${runs}`);
    await all(true);
  }
  const [ours, ...others] = turns;
  const floor = withFloor ? others.pop() : undefined;
  const measured = { ours: ours.samples, peers: others.map(({ samples }) => samples), floor: floor?.samples };
  if (turns.every(({ failed }) => failed === undefined)) return measured;
  const failed = { ours: ours.failed, peers: others.map((peer) => peer.failed ?? null), floor: floor?.failed };
  return { ...measured, failed };
}

/** Some numbers of each measurement. */
export function pick<T>(measured: Measured<T>, numbers: (one: T) => number | readonly number[]): Measured<number> {
  const of = (samples: readonly T[]) => samples.flatMap(numbers);
  const { ours, peers, floor, failed } = measured;
  return { ours: of(ours), peers: peers.map(of), floor: floor && of(floor), ...(failed && { failed }) };
}

/** What a run of a workload gave, on both sides. */
export type WorkloadRun = Outcome &
  Arrived & {
    /** Lines that Loki had not confirmed by the `/next` of their invocation, so that Lambda could have frozen them. */
    readonly late: number;
  };

/** A workload that can be run again and again. */
export interface Prepared {
  readonly script: Script;
  run(subject: Subject, more?: SubjectRun): Promise<WorkloadRun>;
}

/** Prepares a workload. */
export async function prepare(
  { folder, harness }: Bench,
  group: Group,
  workload: Workload,
  how: SubjectRun = {},
): Promise<Prepared> {
  const script = scriptFor(workload);
  const { invocations, lines, kind = 'plain' } = workload;
  const file = path.join(folder, `script-${invocations}x${lines}-${kind}`);
  await fs.writeFile(file, script.content);
  const run = async (subject: Subject, more: SubjectRun = {}) => {
    const all = { ...how, ...more, script: file, env: { ...how.env, ...more.env } };
    const outcome = await subject.run(harness, group, all, (pushes) =>
      readPushes(pushes, lines, all.leadIn?.invocations),
    );
    return { ...outcome, late: script.lines - outcome.linesInTime };
  };
  return { script: { ...script, content: Buffer.alloc(0) }, run };
}

/**
 * What keeps figures of a workload from meaning what they say. Whoever calls `/next` before the lines are in Loki is
 * fast, light, and wrong.
 */
export function lateness(bench: Bench, { ours, peers }: Measured<WorkloadRun>): { spoiled?: string; note?: string } {
  const say = (who: string, runs: readonly WorkloadRun[] = []) => {
    const most = Math.max(0, ...runs.map(({ late }) => late));
    return most === 0
      ? undefined
      : `${who} called /next with up to ${most} lines of a run not in Loki, so its figures are not of the whole work`;
  };
  const notes = bench.peers.map(({ name }, index) => say(name, peers[index])).filter((text) => text !== undefined);
  return { spoiled: say('LambdaWatch', ours), note: notes.length === 0 ? undefined : notes.join('; ') };
}
