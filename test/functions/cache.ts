import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built things are kept between runs. */
export function cacheRoot(): string {
  const { LAMBDAWATCH_CACHE, XDG_CACHE_HOME } = process.env;
  return LAMBDAWATCH_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'lambdawatch');
}

/**
 * The directory that `build` has filled for these inputs. It is built beside its place and renamed, so that a half-done build is
 * never taken, and so that two processes may build at once.
 */
export async function cached(kind: string, inputs: readonly (string | Buffer)[], build: (directory: string) => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input).update('\0');
  const place = join(cacheRoot(), `${kind}-${hash.digest('hex').slice(0, 20)}`);
  if (existsSync(place)) return place;
  mkdirSync(cacheRoot(), { recursive: true });
  const temporary = mkdtempSync(`${place}.building-`);
  try {
    await build(temporary);
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}
