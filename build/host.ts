import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { cached, cacheDir, hashOf, hashOfFolder } from './cache';
import { CommandError, runCommand } from './command';
import {
  crossEnvironment,
  ensureTarget,
  HostBuildError,
  requireCCompiler,
  rustVersion,
  toolVersions,
  type Progress,
} from './toolchain';

export type Architecture = 'x86_64' | 'arm64';

export const ARCHITECTURES: readonly Architecture[] = ['x86_64', 'arm64'];

const CRATE = path.join(__dirname, '..', 'extension', 'host');

const TARGETS: Readonly<Record<Architecture, string>> = {
  x86_64: 'x86_64-unknown-linux-musl',
  arm64: 'aarch64-unknown-linux-musl',
};

const RUST_FLAGS = [
  // No position-independent executable: its thousands of relocations would be done at each start, in memory that could
  // be shared.
  '-Crelocation-model=static',
  '-Ctarget-feature=+crt-static',
  // Heads are short. To choose among vector instructions, their parser would ask the processor what it has, which a
  // virtual machine answers slowly.
  '--cfg=httparse_disable_simd="1"',
];

/** How often a build that says nothing is reported to be alive, in milliseconds. */
const SIGN_OF_LIFE_MS = 15_000;

/** How long another clone may build before this one does, in milliseconds. */
const LONGEST_WAIT_MS = 3_600_000;

export interface HostOptions {
  /** Keeps the names of its functions, for a profiler. The instructions are the same. */
  readonly symbols?: boolean;
}

/**
 * Path of the host executable for an architecture, still without a bundle. Built at the first call (minutes), then
 * taken from the cache.
 * @throws HostBuildError
 */
export async function ensureHost(
  architecture: Architecture,
  progress: Progress,
  { symbols = false }: HostOptions = {},
): Promise<string> {
  const target = TARGETS[architecture];
  const version = await rustVersion();
  const inputs = hashOf(
    await hashOfFolder(CRATE, ['target', 'compiler', 'fuzz', 'tests']),
    version,
    await toolVersions(),
    target,
    ...RUST_FLAGS,
    ...(symbols ? ['symbols'] : []),
  );
  const dir = await cached(`host-${architecture}`, inputs, async (temporary) => {
    await requireCCompiler();
    await ensureTarget(target, progress);
    const env = {
      ...(await crossEnvironment(progress)),
      CARGO_ENCODED_RUSTFLAGS: [...RUST_FLAGS, ...(await remapFlags())].join('\x1f'),
      ...(symbols ? { CARGO_PROFILE_RELEASE_STRIP: 'none' } : {}),
    };
    const built = await cargo(
      ['zigbuild', '--release', '--package', 'lambdawatch-host', '--target', target],
      version,
      env,
      progress,
      `host for ${architecture}${symbols ? ', with symbols' : ''}`,
      // Other settings compile everything anew: whoever waits for the layer must not wait for that.
      symbols ? 'cargo-symbols' : 'cargo',
    );
    await fs.copyFile(path.join(built, target, 'release', 'host'), path.join(temporary, 'host'));
  });
  return path.join(dir, 'host');
}

/**
 * Path of the compiler from JavaScript to bytecode, for this machine: `compiler <source.js> <bytecode> [module name]`.
 * @throws HostBuildError
 */
export async function ensureCompiler(progress: Progress): Promise<string> {
  const version = await rustVersion();
  const manifests = ['Cargo.toml', 'Cargo.lock'].map((file) => fs.readFile(path.join(CRATE, file)));
  const inputs = hashOf(await hashOfFolder(path.join(CRATE, 'compiler')), ...(await Promise.all(manifests)), version);
  const dir = await cached('compiler', inputs, async (temporary) => {
    await requireCCompiler();
    const built = await cargo(
      ['build', '--profile', 'compiler', '--package', 'lambdawatch-compiler'],
      version,
      {},
      progress,
      'bytecode compiler',
    );
    await fs.copyFile(path.join(built, 'compiler', 'compiler'), path.join(temporary, 'compiler'));
  });
  return path.join(dir, 'compiler');
}

/** Runs cargo in a target folder of the cache, so that a changed file costs its own crate only; gives that folder. */
async function cargo(
  args: readonly string[],
  version: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  what: string,
  folder = 'cargo',
): Promise<string> {
  const targetDir = path.join(cacheDir(), `${folder}-${hashOf(version, await toolVersions())}`);
  await touchSources();
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  let last = '';
  const alive = setInterval(
    () => progress(`${what}: still building after ${elapsed()} (${last || 'starting'})`),
    SIGN_OF_LIFE_MS,
  );
  progress(`${what}: building with cargo`);
  try {
    await runCommand('cargo', [...args, '--locked', '--color', 'never'], {
      cwd: CRATE,
      env: { ...process.env, ...env, CARGO_TARGET_DIR: targetDir },
      onLine: (line) => {
        last = line.trim();
        if (/^\s*(Blocking|Downloading|warning|error)/.test(line)) progress(`${what}: ${last}`);
      },
    });
  } catch (error) {
    const { message, output } = error as CommandError;
    throw new HostBuildError('BUILD_FAILED', `The ${what} could not be built: ${message}\n${output}`);
  } finally {
    clearInterval(alive);
  }
  progress(`${what}: built in ${elapsed()}`);
  return targetDir;
}

/**
 * Keeps the builder's folders out of the executable: they are nobody's business, and would make it differ from machine
 * to machine. Cargo names the files of this workspace by relative paths; a flag with its folder in it would make each
 * clone compile all crates anew.
 */
async function remapFlags(): Promise<string[]> {
  const cargoHome = process.env.CARGO_HOME || path.join(os.homedir(), '.cargo');
  const sources = path.join(cargoHome, 'registry', 'src');
  const registries = await fs.readdir(sources).catch(() => []);
  return registries.sort().map((registry) => `--remap-path-prefix=${path.join(sources, registry)}=crates`);
}

/**
 * Makes the sources newer than all that has been compiled. Clones share that, and to cargo, which goes by the time of a
 * file, the crates of one are those of the other: it would link what another clone has compiled from other sources.
 */
async function touchSources(): Promise<void> {
  // Whoever waits for the folder's lock must not find something newer when it is free.
  const later = new Date(Date.now() + LONGEST_WAIT_MS);
  for (const entry of await fs.readdir(CRATE, { recursive: true, withFileTypes: true })) {
    if (/\.rs$|^Cargo\.toml$/.test(entry.name)) await fs.utimes(path.join(entry.parentPath, entry.name), later, later);
  }
}

/** Folder of the crate's sources, for those who need its manifest. */
export const HOST_CRATE = CRATE;
