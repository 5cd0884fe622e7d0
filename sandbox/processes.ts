import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { deferred, delay, turn } from './deferred';
import type { EventRecorder } from './events';
import { FrameReader } from './frames';
import { LineSplitter } from './lines';

export interface ProcessSpec {
  readonly name: string;
  readonly role: 'runtime' | 'extension';
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** One stream for stdout and stderr, so that lines keep the order in which they were written. */
  readonly joinOutput?: boolean;
  /** Give it a descriptor for log frames. */
  readonly framedLogs?: boolean;
  readonly onLine: (line: string, terminated: boolean) => void;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Descriptor of the log frames in the child. */
const FRAMES_FD = 3;

const STOPPED_OR_DEAD = new Set(['T', 'Z', 'X']);

/** How long output is still read after the end of a process. */
const PIPE_GRACE_MS = 500;

/** A process in a group of its own, so that its children are stopped, continued and killed with it. */
export class Supervised {
  readonly name: string;
  readonly role: 'runtime' | 'extension';
  /** Resolves when the process has ended and all its output was read. */
  readonly exit: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #events: EventRecorder;
  #ended = false;
  #bytesRead = 0;
  readonly #splitters: readonly LineSplitter[];

  constructor(spec: ProcessSpec, events: EventRecorder) {
    this.name = spec.name;
    this.role = spec.role;
    this.#events = events;
    const exit = deferred<ExitStatus>();
    this.exit = exit.promise;
    const [file, ...args] = spec.joinOutput ? ['/bin/sh', '-c', 'exec "$0" "$@" 2>&1', ...spec.command] : spec.command;
    const env = spec.framedLogs ? { ...spec.env, _LAMBDA_TELEMETRY_LOG_FD: String(FRAMES_FD) } : spec.env;
    this.#child = spawn(file!, args, {
      cwd: spec.cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(spec.framedLogs ? ['pipe' as const] : [])],
    });
    this.#splitters = [this.#child.stdout, this.#child.stderr].map((pipe) => {
      const splitter = new LineSplitter(spec.onLine);
      this.#read(pipe, (chunk) => splitter.push(chunk));
      return splitter;
    });
    if (spec.framedLogs) {
      const frames = new FrameReader((message) => spec.onLine(message.replace(/\n$/, ''), message.endsWith('\n')));
      this.#read(this.#child.stdio[FRAMES_FD] as Readable, (chunk) => frames.push(chunk));
    }
    this.#child.on('error', () => {
      this.#ended = true;
      exit.resolve({ code: 127, signal: null });
    });
    this.#child.on('exit', (code, signal) => {
      this.#ended = true;
      // Whatever it has started must not outlive it.
      this.#kill('SIGKILL', true);
      events.record('process.exit', { name: this.name, role: this.role, pid: this.pid, code, signal });
      // A descendant that has left the group may hold the pipes open.
      setTimeout(
        () => [this.#child.stdout, this.#child.stderr].forEach((pipe) => pipe?.destroy()),
        PIPE_GRACE_MS,
      ).unref();
    });
    this.#child.on('close', (code, signal) => {
      for (const splitter of this.#splitters) splitter.end();
      exit.resolve({ code, signal });
    });
    if (this.#child.pid !== undefined)
      events.record('process.start', { name: this.name, role: this.role, pid: this.pid });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return !this.#ended && this.#child.pid !== undefined;
  }

  /** Sends a signal to the whole group. */
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (!this.running) return;
    if (signal === 'SIGTERM' || signal === 'SIGKILL')
      this.#events.record('process.signal', { name: this.name, pid: this.pid, signal });
    this.#kill(signal, false);
  }

  /**
   * Reads all that was written so far. What a process wrote before it made a call is in the pipe when the call arrives.
   */
  async drain(): Promise<void> {
    for (let before = -1; before !== this.#bytesRead; ) {
      before = this.#bytesRead;
      await turn();
      await turn();
    }
  }

  /** Takes what was written without a newline for a line. */
  flushPartial(): void {
    for (const splitter of this.#splitters) splitter.flush();
  }

  /** Resolves when the process and its descendants are in state T. */
  async stopped(): Promise<void> {
    // At once as a rule; where the machine is busy, looking all the time would keep it busier.
    for (let looks = 0; this.running && !treeStates(this.pid).every((state) => STOPPED_OR_DEAD.has(state)); looks++)
      await (looks < 5 ? turn() : delay(1));
  }

  #read(pipe: Readable | null | undefined, take: (chunk: Buffer) => void): void {
    pipe?.on('data', (chunk: Buffer) => {
      this.#bytesRead += chunk.length;
      take(chunk);
    });
  }

  #kill(signal: NodeJS.Signals, quiet: boolean): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      // The group may have ended in the meantime.
      if (!quiet && (error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The state letters of a process and its descendants in `/proc`; empty when it is gone. */
export function treeStates(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const state = stat.charAt(stat.lastIndexOf(')') + 2);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return [state, ...children.flatMap((child) => treeStates(Number(child)))];
  } catch {
    return [];
  }
}

/** Most resident memory that a process has had, in bytes; 0 when it is gone. */
export function peakMemory(pid: number): number {
  return memory(pid, 'VmHWM');
}

/** Resident memory of a process, in bytes; 0 when it is gone. */
export function residentMemory(pid: number): number {
  return memory(pid, 'VmRSS');
}

function memory(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Number(match[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}
