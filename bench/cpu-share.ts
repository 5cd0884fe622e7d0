import * as fs from 'node:fs';
import * as path from 'node:path';

const ROOT = '/sys/fs/cgroup';

/**
 * The least quota that the kernel grants, in µs of CPU per period. With it a process is held up from its first
 * millisecond on.
 */
const QUOTA_US = 1000;

/** A control group in which all processes together get a share of one CPU. */
export interface CpuShare {
  /** Its `cgroup.procs`: a process that writes 0 into it is in. */
  readonly procs: string;
  remove(): void;
}

/**
 * Makes a control group with `share` (0–1) of one CPU, by version 2 or 1 of the kernel's interface.
 * @throws Error where this machine does not let us; the message says why
 */
export function limitCpu(share: number): CpuShare {
  const period = Math.round(QUOTA_US / share);
  if (fs.existsSync(path.join(ROOT, 'cgroup.controllers'))) return make(ROOT, [['cpu.max', `${QUOTA_US} ${period}`]]);
  const controller = ['cpu', 'cpu,cpuacct']
    .map((name) => path.join(ROOT, name))
    .find((dir) => fs.existsSync(path.join(dir, 'cgroup.procs')));
  if (controller === undefined) throw new Error('no control groups with a CPU controller here');
  return make(controller, [
    ['cpu.cfs_period_us', String(period)],
    ['cpu.cfs_quota_us', String(QUOTA_US)],
  ]);
}

function make(parent: string, settings: readonly (readonly [string, string])[]): CpuShare {
  const dir = path.join(parent, `lambdawatch-bench-${process.pid}`);
  fs.mkdirSync(dir);
  const remove = () => {
    // It is busy for a moment after its last process has ended; what remains is empty and harms nobody.
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        return fs.rmdirSync(dir);
      } catch {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  };
  try {
    for (const [file, value] of settings) fs.writeFileSync(path.join(dir, file), value, { flag: 'r+' });
  } catch (error) {
    remove();
    throw error;
  }
  return { procs: path.join(dir, 'cgroup.procs'), remove };
}

/** Shares of a CPU that functions get, at 1 769 MB a CPU: memory in MB, and percent. */
export const SHARES = [
  { memoryMb: 1769, percent: 100 },
  { memoryMb: 512, percent: 29 },
  { memoryMb: 128, percent: 7 },
] as const;

export type Share = (typeof SHARES)[number];

/**
 * Does something with the `cgroup.procs` of a control group that gets a share of a CPU, or with none for the whole.
 * @returns the reason where this machine has no such groups
 */
export async function onShare<T>(
  { percent }: { readonly percent: number },
  work: (controlGroup: string | undefined) => Promise<T>,
): Promise<T | string> {
  if (percent === 100) return work(undefined);
  let share;
  try {
    share = limitCpu(percent / 100);
  } catch (error) {
    return `skipped: ${(error as Error).message}`;
  }
  const { procs, remove } = share;
  process.once('exit', remove);
  try {
    return await work(procs);
  } finally {
    remove();
    process.off('exit', remove);
  }
}
