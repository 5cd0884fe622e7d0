import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';

const ROOT = join(__dirname, '..', '..');

function runner(fixture: string): { status: number | null; stdout: string; stderr: string } {
  const { NODE_TEST_CONTEXT: _, LAMBDAWATCH_DECLARED: __, ...env } = process.env;
  const program = `require('./test/run-files').runTests(['test/runner/fixtures/${fixture}.test.ts'], false).then((code) => process.exit(code))`;
  return spawnSync(process.execPath, ['--import', 'tsx', '-e', program], { cwd: ROOT, env, encoding: 'utf8' });
}

it('a run in which each test has a result passes', () => {
  const { status, stdout, stderr } = runner('complete');
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /pass 4/);
});

it('a run without the results of some tests fails', () => {
  const { status, stderr } = runner('cut-off');
  assert.equal(status, 1);
  assert.match(stderr, /Results were lost: 4 tests were declared, and [12] have a result\./);
});

it('a run in which a file does not say how many tests it has fails', () => {
  const { status, stderr } = runner('killed');
  assert.equal(status, 1);
  assert.match(stderr, /killed\.test\.ts: the process ended before it could say/);
});
