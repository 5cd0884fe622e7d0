import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, hashOf } from '../../build/cache';
import { CommandError, runCommand } from '../../build/command';

const MODULE = join(__dirname, 'actionlint');

/** actionlint can't be built; the message says why, in one line. */
export class ActionlintUnavailableError extends Error {
  override readonly name = 'ActionlintUnavailableError';
}

/** Path of actionlint, built from its Go module and kept in the cache. @throws ActionlintUnavailableError */
export async function actionlint(): Promise<string> {
  const inputs = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(MODULE, file), 'utf8')));
  const folder = await cached('actionlint', hashOf(...inputs, process.arch, process.platform), async (temporary) => {
    try {
      const args = [
        'build',
        '-trimpath',
        '-o',
        join(temporary, 'actionlint'),
        'github.com/rhysd/actionlint/cmd/actionlint',
      ];
      await runCommand('go', args, { cwd: MODULE });
    } catch (error) {
      const { code, output } = error as CommandError;
      const reason = code === 'ENOENT' ? 'Go is not on the PATH' : output.split('\n').at(-1);
      throw new ActionlintUnavailableError(`actionlint can't be built here (${reason})`);
    }
  });
  return join(folder, 'actionlint');
}
