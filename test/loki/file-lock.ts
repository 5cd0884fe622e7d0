import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FileLockOptions {
  /** A lock not refreshed for this many milliseconds was left behind by a dead process. Default 30 000. */
  readonly staleMs?: number;
  /** Pause between looks at a lock that another process holds, in milliseconds. Default 1 000. */
  readonly pollMs?: number;
  /** Called at each look while another process holds the lock. */
  readonly onWait?: (holder: string) => void;
}

/**
 * Runs `work` while holding the lock file `file`, so that two processes don't do the same work at once.
 *
 * The holder refreshes the file's time; a file whose time stands still is taken over. Two waiters that take over in the
 * same instant could both go ahead, so `work` must be safe to run twice: the lock saves work, it doesn't guard data.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, options: FileLockOptions = {}): Promise<T> {
  const { staleMs = 30_000, pollMs = 1_000, onWait } = options;
  await fs.mkdir(path.dirname(file), { recursive: true });
  while (!(await tryTake(file, staleMs))) {
    onWait?.((await fs.readFile(file, 'utf8').catch(() => '')).trim());
    await sleep(pollMs);
  }
  const refresh = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now).catch(() => undefined);
  }, staleMs / 6);
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await fs.rm(file, { force: true });
  }
}

async function tryTake(file: string, staleMs: number): Promise<boolean> {
  try {
    await fs.writeFile(file, `process ${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
  const stat = await fs.stat(file).catch(() => undefined);
  if (stat && Date.now() - stat.mtimeMs > staleMs) {
    await fs.rm(file, { force: true });
  }
  return false;
}
