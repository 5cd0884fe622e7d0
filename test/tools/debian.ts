import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, hashOf } from '../../build/cache';

const run = promisify(execFile);

/** A program of a Debian package can't be had; the message says why, in one line. */
export class DebianPackageError extends Error {
  override readonly name = 'DebianPackageError';
}

/**
 * Path of a program of a Debian package: the installed one, or one unpacked into the cache, which needs neither root nor an installation.
 * @param file the program's path in the package, without the leading slash.
 * @throws DebianPackageError
 */
export async function debianProgram(packageName: string, file: string): Promise<string> {
  if (existsSync(`/${file}`)) return `/${file}`;
  try {
    const dir = await cached(`debian-${packageName}`, hashOf(packageName, process.arch), async (temporary) => {
      const download = (): Promise<unknown> => run('apt-get', ['download', packageName], { cwd: temporary });
      // On a new machine there are no lists of packages yet.
      await download().catch(() => run('apt-get', ['update']).then(download));
      const deb = (await readdir(temporary)).find((name) => name.endsWith('.deb'))!;
      await run('dpkg', ['-x', join(temporary, deb), temporary]);
    });
    return join(dir, file);
  } catch (error) {
    throw new DebianPackageError(`the Debian package ${packageName} can't be had here (${(error as Error).message.trim().split('\n', 1)[0]})`);
  }
}
