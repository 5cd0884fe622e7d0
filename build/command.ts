import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line that the command writes, to either stream. */
  readonly onLine?: (line: string) => void;
}

/** A command could not be started (`code` is `ENOENT` where there is no such program) or ended badly. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** @param output The last lines that the command wrote. */
  constructor(
    message: string,
    readonly code: string,
    readonly output: string,
  ) {
    super(message);
  }
}

/** How many of the last lines of output an error carries. */
const OUTPUT_LINES = 60;

const running = new Set<ChildProcess>();

/** What is to be undone when this process is interrupted. */
const cleanups = new Set<() => void>();

/**
 * Runs `work`; if this process is interrupted meanwhile, the commands that it has started are ended and `cleanUp` is
 * called.
 * @param cleanUp Must not wait for anything: the process ends with it.
 */
export async function interruptible<T>(work: () => Promise<T>, cleanUp: () => void): Promise<T> {
  listen();
  cleanups.add(cleanUp);
  try {
    return await work();
  } finally {
    cleanups.delete(cleanUp);
  }
}

/**
 * Runs a command to its end and gives what it wrote to its standard output.
 * When this process is interrupted meanwhile, the command and all its children are ended with it.
 * @throws CommandError
 */
export function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env, onLine }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that compilers started by the compiler can be ended too.
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stdout: string[] = [];
    const tail: string[] = [];
    const take = (line: string, lines?: string[]) => {
      lines?.push(line);
      tail.push(line);
      if (tail.length > OUTPUT_LINES) tail.shift();
      onLine?.(line);
    };
    createInterface({ input: child.stdout }).on('line', (line) => take(line, stdout));
    createInterface({ input: child.stderr }).on('line', (line) => take(line));
    listen();
    running.add(child);
    child.on('error', (error: NodeJS.ErrnoException) => {
      running.delete(child);
      reject(new CommandError(`${program} can't be started: ${error.message}`, error.code ?? '', ''));
    });
    child.on('close', (status, signal) => {
      running.delete(child);
      if (status === 0) {
        resolve(stdout.join('\n'));
      } else {
        reject(new CommandError(`${program} ended with ${signal ?? `status ${status}`}`, 'FAILED', tail.join('\n')));
      }
    });
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  process.on('exit', endAll);
  for (const signal of SIGNALS) {
    const onSignal = () => {
      endAll();
      // Only where nobody else handles the signal is it for us to end the process.
      if (process.listenerCount(signal) === 1) {
        process.off(signal, onSignal);
        process.kill(process.pid, signal);
      }
    };
    process.on(signal, onSignal);
  }
}

function endAll(): void {
  for (const child of running) {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has just ended by itself.
    }
  }
  for (const cleanUp of cleanups) cleanUp();
}
