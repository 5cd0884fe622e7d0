import { cp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheDir, hashOf, hashOfFolder } from '../../build/cache';
import { runCommand } from '../../build/command';
import { withFileLock } from '../loki/file-lock';

export const ROOT = join(__dirname, '..', '..');

/** What jsii and jsii-pacmak need, beside `src`. */
const FILES = ['package.json', 'tsconfig.json', 'LICENSE'];

/**
 * A folder of the cache with the construct library's jsii assembly in `.jsii`, and in `dist/<target>` the code that
 * jsii-pacmak generates from it for a language. The layers are left out, as that code doesn't depend on them.
 */
export async function generatedCode(target: 'dotnet'): Promise<string> {
  const inputs = await Promise.all([...FILES, 'package-lock.json'].map((file) => readFile(join(ROOT, file), 'utf8')));
  const hash = hashOf(await hashOfFolder(join(ROOT, 'src')), ...inputs);
  // Several test files ask for it at the same time.
  const lock = join(cacheDir(), `jsii-${target}-${hash}.lock`);
  return withFileLock(lock, () => cached(`jsii-${target}`, hash, generate), { pollMs: 200 });

  async function generate(folder: string): Promise<void> {
    for (const part of ['src', ...FILES]) await cp(join(ROOT, part), join(folder, part), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await jsii('jsii', '--silence-warnings=reserved-word');
    await jsii('jsii-pacmak', '--code-only', '--target', target);
    for (const part of ['node_modules', 'src', 'lib']) await rm(join(folder, part), { recursive: true });

    function jsii(tool: string, ...args: readonly string[]): Promise<string> {
      const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
      return runCommand(join(ROOT, 'node_modules', '.bin', tool), args, { cwd: folder, env });
    }
  }
}
