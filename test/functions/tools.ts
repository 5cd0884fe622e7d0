import { execFile } from 'node:child_process';

/** A tool that a function's build needs is not there; the message is one line that says what to install. */
export class MissingToolchainError extends Error {
  readonly code = 'MISSING_TOOLCHAIN';
  readonly tool: string;

  constructor(tool: string, message: string) {
    super(message);
    this.name = 'MissingToolchainError';
    this.tool = tool;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Return stderr behind stdout. */
  readonly withStderr?: boolean;
}

/** Runs a tool to its end and returns its stdout. Rejects with the tail of what it printed. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    execFile(command, args, { cwd: options.cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(options.withStderr ? stdout + stderr : stdout);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return reject(new MissingToolchainError(command, `${command} was not found`));
      reject(
        new Error(
          `${command} ${args.join(' ')} failed:\n${`${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n')}`,
        ),
      );
    });
  });
}

/** The output of `command args`, or an error that says what to install. */
export async function requireTool(command: string, args: readonly string[], install: string): Promise<string> {
  try {
    return (await run(command, args)).trim();
  } catch (error) {
    if (error instanceof MissingToolchainError) throw new MissingToolchainError(command, install);
    throw error;
  }
}
