import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { setUp } from './set-up';
import { skippedForWantOfATool } from './skipped';
import { TEST_FLAGS } from './support/test-flags';

const HELP = `Runs the tests.

  npm test                    everything, after building what they need
  npm test -- loki/real       only the test files whose path contains one of the words
  npm test -- --list          name the test files and stop
  npm test -- --no-set-up     build nothing first; tests that find a part missing build it or say so
  npm test -- --strict        a test that is skipped for want of a tool is a failure; so it is wherever CI=true
`;

const root = join(__dirname, '..');

/** Not part of this run: they have commands of their own (see CONTRIBUTING.md). */
const ELSEWHERE = ['node_modules', 'apps'];

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ELSEWHERE.includes(entry.name) ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'help': { type: 'boolean' }, 'list': { type: 'boolean' }, 'no-set-up': { type: 'boolean' }, 'strict': { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const all = testFiles(join(root, 'test')).map((file) => relative(root, file)).sort();
  const files = positionals.length === 0 ? all : all.filter((file) => positionals.some((word) => file.includes(word)));
  if (files.length === 0) {
    console.error(`No test file has ${positionals.join(' or ')} in its path; npm test -- --list names them.`);
    return 1;
  }
  if (values.list) {
    console.log(files.join('\n'));
    return 0;
  }
  const strict = values.strict ?? process.env.CI === 'true';
  if (!values['no-set-up']) await setUp({ strict });
  const skips = join(mkdtempSync(join(tmpdir(), 'lambdawatch-tests-')), 'skipped');

  const tests = spawn(
    process.execPath,
    ['--import', 'tsx', ...TEST_FLAGS, '--test-concurrency=2', '--test-reporter=spec', '--test-reporter-destination=stdout',
      '--test-reporter=./test/support/skipped-reporter.mjs', `--test-reporter-destination=${skips}`, ...files],
    { cwd: root, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal));
  const code = await new Promise<number>((resolve, reject) => {
    tests.on('error', reject);
    tests.on('exit', (status) => resolve(status ?? 1));
  });
  const skipped = skippedForWantOfATool(skips);
  rmSync(dirname(skips), { recursive: true });
  for (const [name, reason] of skipped) console.error(`skipped: ${name}: ${reason}`);
  if (!strict || skipped.length === 0) return code;
  console.error(`${skipped.length} tests were skipped for want of a tool, and nothing may be missing here (--strict, or CI=true).`);
  return code || 1;
}

main().then((code) => process.exit(code), (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
