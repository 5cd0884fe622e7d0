import * as os from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly architecture: string;
  /** Load average over one minute when the benchmark began. */
  readonly load: number;
}

/** Load per core above which figures are too noisy to be trusted. */
const QUIET_LOAD = 0.5;

export function machine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() || 'unknown CPU',
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()}`,
    architecture: os.arch(),
    load: os.loadavg()[0],
  };
}

export function describe({ cpu, cores, memoryBytes, kernel, architecture, load }: Machine): string {
  return `${cores} × ${cpu} (${architecture}), ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${kernel}, load ${load.toFixed(2)}`;
}

/** A warning where something else keeps the machine busy. */
export function loadWarning({ load, cores }: Pick<Machine, 'load' | 'cores'>): string | undefined {
  const perCore = load / Math.max(1, cores);
  return perCore <= QUIET_LOAD
    ? undefined
    : `The machine is busy (load ${load.toFixed(2)} on ${cores} cores): times are longer than they would be, and noisy. Ratios suffer less.`;
}
