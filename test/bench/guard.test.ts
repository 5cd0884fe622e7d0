import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nativeArchitecture } from '../../bench/figures/size';
import { Callgrind } from '../../bench/guard/callgrind';
import { compare, readKept, RENEW, say } from '../../bench/guard/kept';
import { measureGuard } from '../../bench/guard/measure';
import { Harness } from '../../bench/harness';
import { DebianPackageError } from '../../build/debian';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';

test('start, invocation and bulk cost no more than what is kept, nor do size and memory', async (t) => {
  if (nativeArchitecture() !== 'x86_64') return t.skip('the figures are kept for x86_64');
  const folder = mkdtempSync(join(tmpdir(), 'guard-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const harness = await Harness.ensure(console.log);
    const layer = await ensureLayer('x86_64');
    const callgrind = await Callgrind.ensure(harness, folder);
    const comparisons = compare(await readKept(), await measureGuard({ harness, callgrind }, layer, folder));
    for (const comparison of comparisons) t.diagnostic(say(comparison));
    const worse = comparisons.filter(({ verdict }) => verdict === 'more').map(say);
    assert.deepEqual(worse, [], `what is worth its price is kept by \`${RENEW}\``);
  } catch (error) {
    const missing =
      error instanceof DebianPackageError || (error instanceof HostBuildError && error.code !== 'BUILD_FAILED');
    if (missing) return t.skip(error.message);
    throw error;
  }
});

test('what is more than the tolerance is told, and so is what is less', async () => {
  const kept = await readKept();
  const figure = 'instructions: an invocation of 10 lines';
  const verdictAt = (factor: number) =>
    compare(kept, { ...kept, [figure]: kept[figure] * factor }).find((one) => one.figure === figure)?.verdict;
  assert.deepEqual([0.9, 1, 1.01, 1.1].map(verdictAt), ['less', 'ok', 'ok', 'more']);
});
