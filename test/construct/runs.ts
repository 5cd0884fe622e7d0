import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Test files that start the others, or what others start. */
const STARTERS = ['recommended-flags.test.ts', 'newest-cdk.test.ts'];

/** Runs the construct's tests of a checkout once more. @returns the output, and whether all passed */
export function runAgain(
  root: string,
  flags: 'recommended' | 'none',
  without: string[] = [],
): { passed: boolean; output: string } {
  const left = [...STARTERS, ...without];
  const folder = join('test', 'construct');
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts') && !left.includes(name));
  const args = [
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=2',
    '--test-reporter=spec',
    ...files.map((name) => join(folder, name)),
  ];
  // What tells a test file that it runs beneath another would make it report in a format for that one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, LAMBDAWATCH_TEST_FLAGS: flags },
  });
  return { passed: status === 0, output: stdout + stderr };
}

/** The part of a run's output that says what failed. */
export function failuresIn(output: string): string {
  const at = output.indexOf('failing tests:');
  return (at < 0 ? output : output.slice(at)).slice(0, 20_000);
}
