import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cached, cacheDir, hashOf } from './cache';
import { CommandError, runCommand } from './command';

export type HostBuildErrorCode =
  | 'RUST_MISSING'
  | 'TARGET_MISSING'
  | 'C_COMPILER_MISSING'
  | 'PYTHON_MISSING'
  | 'BUILD_FAILED';

/** The native host can't be built here: `code` says why, the message says what to do about it. */
export class HostBuildError extends Error {
  override readonly name = 'HostBuildError';
  constructor(
    readonly code: HostBuildErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Told what is going on, one line at a time. */
export type Progress = (line: string) => void;

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');

/** What `rustc -vV` says: version, commit and the target of this machine. */
export async function rustVersion(): Promise<string> {
  try {
    await runCommand('cargo', ['--version']);
    return await runCommand('rustc', ['-vV']);
  } catch (error) {
    const { code, output } = error as CommandError;
    const reason = code === 'ENOENT' ? 'no cargo in PATH' : output;
    throw new HostBuildError(
      'RUST_MISSING',
      `The native host needs Rust 1.85 or newer (${reason}). Install it from https://rustup.rs and run the command again.`,
    );
  }
}

/** Makes sure that Rust can build for `target`, by means of rustup where its standard library is not installed yet. */
export async function ensureTarget(target: string, progress: Progress): Promise<void> {
  const sysroot = await runCommand('rustc', ['--print', 'sysroot']);
  if (await exists(path.join(sysroot.trim(), 'lib', 'rustlib', target, 'lib'))) return;
  progress(`adding the Rust target ${target}`);
  try {
    await runCommand('rustup', ['target', 'add', target], { onLine: progress });
  } catch (error) {
    const { code, output } = error as CommandError;
    const reason = code === 'ENOENT' ? 'this Rust was not installed by rustup' : output;
    throw new HostBuildError(
      'TARGET_MISSING',
      `Rust's standard library for ${target} is missing: ${reason}. Run \`rustup target add ${target}\`.`,
    );
  }
}

/** Build scripts and the bytecode compiler are linked for this machine, which takes its own C compiler. */
export async function requireCCompiler(): Promise<void> {
  try {
    await runCommand(process.env.CC || 'cc', ['--version']);
  } catch {
    throw new HostBuildError(
      'C_COMPILER_MISSING',
      'The native host needs a C compiler (no cc in PATH). Install gcc or clang, e.g. `apt-get install gcc libc6-dev`.',
    );
  }
}

/** The environment in which `cargo zigbuild` works, with the pinned tools in a virtual environment of the cache. */
export async function crossEnvironment(progress: Progress): Promise<NodeJS.ProcessEnv> {
  const tools = await ensureTools(progress);
  const python = path.join(tools, 'bin', 'python');
  return {
    PATH: `${path.join(tools, 'bin')}${path.delimiter}${process.env.PATH ?? ''}`,
    CARGO_ZIGBUILD_PYTHON_PATH: python,
    CARGO_ZIGBUILD_CACHE_DIR: path.join(cacheDir(), 'zig', 'wrappers'),
    ZIG_GLOBAL_CACHE_DIR: path.join(cacheDir(), 'zig', 'global'),
    ZIG_LOCAL_CACHE_DIR: path.join(cacheDir(), 'zig', 'local'),
  };
}

/** What identifies the tools of {@link crossEnvironment} for a hash of inputs. */
export async function toolVersions(): Promise<string> {
  return fs.readFile(REQUIREMENTS, 'utf8');
}

async function ensureTools(progress: Progress): Promise<string> {
  return cached('tools', hashOf(await toolVersions(), process.arch, process.platform), async (dir) => {
    progress('installing cargo-zigbuild and ziglang (from PyPI)');
    const python = process.env.PYTHON || 'python3';
    try {
      await runCommand(python, ['-m', 'venv', dir]);
      await runCommand(
        path.join(dir, 'bin', 'python'),
        ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS],
        { onLine: progress },
      );
    } catch (error) {
      const { code, output } = error as CommandError;
      const reason = code === 'ENOENT' ? `no ${python} in PATH` : output.split('\n').slice(-5).join(' ').trim();
      throw new HostBuildError(
        'PYTHON_MISSING',
        `The native host needs Python 3 with venv and pip, to install its linker (${reason}). ` +
          'Install it, e.g. `apt-get install python3 python3-venv`, and make sure that PyPI can be reached.',
      );
    }
  });
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
