import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cacheDir } from '../../build/cache';
import { ensureLayer } from '../../build/layer';
import { nativeArchitecture } from '../figures/size';
import { Harness } from '../harness';
import { Callgrind } from './callgrind';
import { compare, readKept, say, writeKept } from './kept';
import { measureGuard } from './measure';

/** `npm run bench -- --guard`: prints what the guard counts beside what is kept; `renew` keeps it. */
export async function guard(renew: boolean, progress: (line: string) => void): Promise<number> {
  if (nativeArchitecture() !== 'x86_64') throw new Error('the figures are kept for x86_64: run this on such a machine');
  const harness = await Harness.ensure(progress);
  const layer = await ensureLayer('x86_64', { progress });
  await fs.mkdir(cacheDir(), { recursive: true });
  const folder = await fs.mkdtemp(path.join(cacheDir(), '.bench-guard-'));
  try {
    progress('counting instructions (half a minute)');
    const now = await measureGuard({ harness, callgrind: await Callgrind.ensure(harness, folder) }, layer, folder);
    // Before the first figures are kept there is nothing to compare with.
    const comparisons = compare(await readKept().catch(() => now), now);
    process.stdout.write(`${comparisons.map(say).join('\n')}\n`);
    if (renew) await writeKept(now);
    return renew || comparisons.every(({ verdict }) => verdict !== 'more') ? 0 : 1;
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
