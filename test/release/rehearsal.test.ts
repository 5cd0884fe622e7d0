import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';

const ROOT = join(__dirname, '..', '..');

// Java, Go and C# take part in `npm run release:rehearse`, and in the weekly workflow: they would double the time.
describe('a rehearsed release', { timeout: 900_000 }, () => {
  it('is installed and synthesised with the same layers in TypeScript and in Python', async (context) => {
    if (!existsSync(join(ROOT, '.git'))) return context.skip('this is no git clone, so the next version is unknown');
    try {
      for (const architecture of ['x86_64', 'arm64'] as const) await ensureLayer(architecture);
    } catch (error) {
      if (!(error instanceof HostBuildError) || error.code === 'BUILD_FAILED') throw error;
      return context.skip(error.message);
    }
    const args = ['--import', 'tsx', join('release', 'rehearse.ts'), 'python'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    const output = stdout + stderr;
    assert.equal(status, 0, output);
    const [, version] = /^cdk-lambdawatch (\d+\.\d+\.\d+)$/m.exec(output) ?? [];
    assert.ok(version && version !== '0.0.0', output);
    for (const language of ['typescript', 'python']) {
      if (output.includes(`${language.padEnd(11)} SKIPPED`)) context.diagnostic(output);
      assert.match(output, new RegExp(`^${language} +(ok: published, installed, synthesised; layers|SKIPPED: )`, 'm'));
    }
  });
});
