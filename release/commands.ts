import { mkdir } from 'node:fs/promises';
import { CommandError, runCommand } from '../build/command';

/** Runs a command for a rehearsal; what it wrote is shown only when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  await mkdir(cwd, { recursive: true });
  try {
    return await runCommand(program, args, { cwd, env: { ...process.env, ...env } });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.output) process.stderr.write(`${error.output}\n`);
    throw new Error(`${[program, ...args].join(' ')}: ${error.message}`);
  }
}

/** Whether a command can be run here. */
export function works(program: string, ...args: readonly string[]): Promise<boolean> {
  return runCommand(program, args).then(
    () => true,
    () => false,
  );
}

/** Does something and says how long it took. */
export async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const start = Date.now();
  console.log(`… ${what}`);
  const result = await act();
  console.log(`  ${what}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return result;
}
