import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lostResults, readResults } from './results';

const root = join(__dirname, '..');

/** Runs a program in the foreground. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  const forward = (signal: NodeJS.Signals): boolean => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, forward);
      resolve(status ?? 1);
    });
  });
}

/** Runs the files; a result that is missing or a tool that has to be there is a failure. */
export async function runTests(files: readonly string[], strict: boolean): Promise<number> {
  const notes = mkdtempSync(join(tmpdir(), 'lambdawatch-tests-'));
  const declared = join(notes, 'declared');
  mkdirSync(declared);
  try {
    const code = await run(
      [
        '--import',
        'tsx',
        '--import',
        './test/support/child.mjs',
        '--test',
        '--test-concurrency=2',
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        '--test-reporter=./test/support/results-reporter.mjs',
        `--test-reporter-destination=${join(notes, 'results')}`,
        ...files,
      ],
      { LAMBDAWATCH_DECLARED: declared },
    );
    const { reported, skipped } = readResults(join(notes, 'results'));
    for (const [name, reason] of skipped) console.error(`skipped: ${name}: ${reason}`);
    const lost = lostResults(declared, files, reported);
    if (lost !== undefined) console.error(lost);
    if (strict && skipped.length > 0) {
      console.error(
        `${skipped.length} tests were skipped for want of a tool, and nothing may be missing here (--strict, or CI=true).`,
      );
    }
    return code || (lost !== undefined || (strict && skipped.length > 0) ? 1 : 0);
  } finally {
    rmSync(notes, { recursive: true });
  }
}

/**
 * Lines, branches and functions of `extension/` that the files cover, with those that they don't. Shown, not enforced.
 */
export function coverage(files: readonly string[]): Promise<number> {
  return run([
    '--enable-source-maps',
    '--import',
    'tsx',
    '--import',
    './test/support/child.mjs',
    '--test',
    '--test-concurrency=2',
    '--experimental-test-coverage',
    '--test-reporter=./test/support/coverage-reporter.mjs',
    ...files,
  ]);
}
