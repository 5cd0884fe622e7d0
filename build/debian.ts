import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, hashOf } from './cache';

const run = promisify(execFile);

/** A program of a Debian package can't be had; the message says why, in one line. */
export class DebianPackageError extends Error {
  override readonly name = 'DebianPackageError';
}

/**
 * Path of a program of a Debian package: the installed one, or one unpacked into the cache, which needs neither root
 * nor an installation.
 * @param file the program's path in the package, without the leading slash.
 * @throws DebianPackageError
 */
export async function debianProgram(packageName: string, file: string): Promise<string> {
  if (existsSync(`/${file}`)) return `/${file}`;
  return join(await unpacked(packageName, async () => [packageName]), file);
}

/**
 * A folder of the cache with a Debian package, and those of its dependencies that this machine lacks, unpacked.
 * @throws DebianPackageError
 */
export function debianTree(packageName: string): Promise<string> {
  return unpacked(packageName, async () => {
    const install = ['-qq', 'install', '--no-install-recommends', '--print-uris', packageName];
    const { stdout } = await run('apt-get', install);
    // Each line is: 'URI' FILE SIZE CHECKSUM, and the file's name begins with the package's.
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1].split('_')[0]);
  });
}

async function unpacked(packageName: string, packages: () => Promise<string[]>): Promise<string> {
  try {
    return await cached(`debian-${packageName}`, hashOf(packageName, process.arch), async (temporary) => {
      const download = async (): Promise<unknown> =>
        run('apt-get', ['download', ...(await packages())], { cwd: temporary });
      // On a new machine there are no lists of packages yet.
      await download().catch(() => run('apt-get', ['update']).then(download));
      for (const deb of (await readdir(temporary)).filter((name) => name.endsWith('.deb'))) {
        await run('dpkg', ['-x', join(temporary, deb), temporary]);
        await rm(join(temporary, deb));
      }
    });
  } catch (error) {
    const reason = (error as Error).message.trim().split('\n', 1)[0];
    throw new DebianPackageError(`the Debian package ${packageName} can't be had here (${reason})`);
  }
}
