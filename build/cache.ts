import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { interruptible } from './command';

/** Where built things that outlive a checkout are kept; `LAMBDAWATCH_CACHE` moves it. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.LAMBDAWATCH_CACHE || path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'lambdawatch');
}

/** Sixteen hexadecimal digits that stand for all of `inputs`, in their order. */
export function hashOf(...inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    // The length keeps ('ab', 'c') and ('a', 'bc') apart.
    hash.update(`${Buffer.byteLength(input)}:`).update(input);
  }
  return hash.digest('hex').slice(0, 16);
}

/** {@link hashOf} of the names and contents of all files below `dir`, except in the folders named in `skip`. */
export async function hashOfFolder(dir: string, skip: readonly string[] = []): Promise<string> {
  const entries = await fs.readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(path.sep).some((part) => skip.includes(part)))
    .sort();
  const inputs: (string | Uint8Array)[] = [];
  for (const file of files) {
    inputs.push(file.split(path.sep).join('/'), await fs.readFile(path.join(dir, file)));
  }
  return hashOf(...inputs);
}

/** What nobody has asked for in so many days makes room when something of its kind is made anew. */
const KEPT_DAYS = 30;

/**
 * The folder `<kind>-<inputsHash>` of the cache. Where it is missing, `make` fills a temporary folder that then gets
 * this name, so that what stands in the cache is always whole. Two processes may make the same thing at once; the first
 * to finish wins.
 */
export async function cached(kind: string, inputsHash: string, make: (dir: string) => Promise<void>): Promise<string> {
  const target = path.join(cacheDir(), `${kind}-${inputsHash}`);
  if (await touched(target)) return target;
  await fs.mkdir(cacheDir(), { recursive: true });
  const temporary = await fs.mkdtemp(path.join(cacheDir(), `.${kind}-`));
  try {
    await interruptible(
      () => make(temporary),
      () => rmSync(temporary, { recursive: true, force: true }),
    );
    await fs.rename(temporary, target).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await touched(target))) throw error;
    });
  } finally {
    await fs.rm(temporary, { recursive: true, force: true });
  }
  // What was unpacked there may have brought along a time of its own.
  await touched(target);
  await prune(kind);
  return target;
}

/** Whether there is such a folder; its time is that of its last use. */
async function touched(folder: string): Promise<boolean> {
  const now = new Date();
  return fs.utimes(folder, now, now).then(
    () => true,
    () => false,
  );
}

async function prune(kind: string): Promise<void> {
  const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
  for (const name of await fs.readdir(cacheDir())) {
    const isOfKind = name.startsWith(`${kind}-`) && /^[0-9a-f]+$/.test(name.slice(kind.length + 1));
    if (!isOfKind && !name.startsWith(`.${kind}-`)) continue;
    const folder = path.join(cacheDir(), name);
    const used = await fs.stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (used < oldest) await fs.rm(folder, { recursive: true, force: true });
  }
}
