import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { cacheDir, hashOf } from '../../build/cache';
import { type CommandError, runCommand } from '../../build/command';
import { HOST_CRATE } from '../../build/host';
import { HostBuildError, requireCCompiler, rustVersion } from '../../build/toolchain';

const HARNESS_CRATE = join(__dirname, '..', '..', 'bench', 'harness');

describe('what is written in Rust', () => {
  let env: NodeJS.ProcessEnv;
  let obstacle: string | undefined;

  before(async () => {
    try {
      env = { ...process.env, CARGO_TARGET_DIR: join(cacheDir(), `cargo-checks-${hashOf(await rustVersion())}`) };
      await requireCCompiler();
    } catch (error) {
      if (!(error instanceof HostBuildError)) throw error;
      obstacle = error.message;
    }
  });

  /** Runs cargo; `undefined` when it is content, otherwise what it says. */
  const cargo = (folder: string, ...args: string[]): Promise<string | undefined> =>
    runCommand('cargo', args, { cwd: folder, env }).then(
      () => undefined,
      (error: CommandError) => error.output || error.message,
    );

  /**
   * Declares a test that is skipped, with the reason, where Rust or the component of it that the command belongs to
   * can't be had.
   */
  const check = (name: string, component: string | undefined, folder: string, ...args: string[]): void => {
    it(name, async (t) => {
      if (obstacle !== undefined) return t.skip(obstacle);
      if (component !== undefined && (await cargo(folder, args[0], '--version')) !== undefined) {
        const missing = await runCommand('rustup', ['component', 'add', component]).then(
          () => undefined,
          (error: Error) => error.message,
        );
        if (missing !== undefined) return t.skip(`Rust's ${component} is missing, and rustup can't add it: ${missing}`);
      }
      assert.equal(await cargo(folder, ...args), undefined);
    });
  };

  for (const [what, folder] of [
    ['the host', HOST_CRATE],
    ["the benchmark's harness", HARNESS_CRATE],
  ]) {
    check(`${what} is formatted (cargo fmt mends it)`, 'rustfmt', folder, 'fmt', '--all', '--check');
    check(
      `${what} gives clippy nothing to complain of`,
      'clippy',
      folder,
      'clippy',
      '--workspace',
      '--all-targets',
      '--locked',
      '--',
      '-D',
      'warnings',
    );
  }
  // Fuzzing among them, for some seconds and from the same seeds each time.
  check('the tests of the host pass', undefined, HOST_CRATE, 'test', '--workspace', '--locked');
});
