import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { deflate } from '@gfx/zopfli';
import { cached, hashOf } from './cache';

/** Changed where what it gives changes, so that nothing older is taken from the cache. */
const WAY = 'zopfli 1.0.15, 5 turns';

/**
 * Compressed as far as the format allows, which takes seconds once for each content. Unlike Node.js's own zlib it gives
 * the same bytes in all of its versions.
 */
export async function deflated(content: Uint8Array): Promise<Buffer> {
  const dir = await cached('deflated', hashOf(WAY, content), async (temporary) => {
    const compressed = await new Promise<Uint8Array>((resolve, reject) => {
      deflate(content, { numiterations: 5 }, (error, result) => (error ? reject(error) : resolve(result)));
    });
    await fs.writeFile(path.join(temporary, 'content'), compressed);
  });
  return fs.readFile(path.join(dir, 'content'));
}
