import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { attachBundle, type Bundle, bundleFor } from './bundle';
import { cached, hashOf } from './cache';
import { ARCHITECTURES, ensureCompiler, ensureHost, type Architecture, type HostOptions } from './host';
import { thirdPartyLicenses } from './licenses';
import { HostBuildError, type Progress } from './toolchain';
import { writeZip } from './zip';

const ROOT = path.join(__dirname, '..');

/** Most bytes of an executable and of a layer's zip: what the README promises. */
const MOST_EXECUTABLE_BYTES = 3_500_000;
const MOST_ZIP_BYTES = 1_800_000;

export interface Layer {
  /** Path of `lib/layer/lambdawatch-<architecture>.zip`. */
  readonly zip: string;
  /** Path of the executable that is in it, `extensions/lambdawatch`. */
  readonly executable: string;
}

export interface EnsureOptions {
  /** Told what is being built. Nothing is said where all comes from the cache. Default: stderr. */
  readonly progress?: Progress;
  /** Where the zip is put. Default: `lib/layer`. */
  readonly folder?: string;
}

/**
 * The layer for an architecture, built from source where its inputs have changed and taken from the cache otherwise.
 * @throws HostBuildError where the native host can't be built, e.g. for want of Rust.
 */
export async function ensureLayer(
  architecture: Architecture,
  { progress = say, folder = path.join(ROOT, 'lib', 'layer') }: EnsureOptions = {},
): Promise<Layer> {
  const bundle = await layerBundle();
  const executable = await ensureExecutable(architecture, bundle, { progress });
  const entries = [
    // In a folder of their own: layers share /opt, and others have files of these names.
    { name: 'lambdawatch/LICENSE', mode: 0o644, content: await fs.readFile(path.join(ROOT, 'LICENSE')) },
    {
      name: 'lambdawatch/THIRD-PARTY-LICENSES.txt',
      mode: 0o644,
      content: Buffer.from(await thirdPartyLicenses(bundle.packages.map((name) => path.join(ROOT, name)))),
    },
    { name: 'extensions/lambdawatch', mode: 0o755, content: await fs.readFile(executable) },
  ];
  const zip = path.join(folder, `lambdawatch-${architecture}.zip`);
  const bytes = await writeZip(zip, entries);
  checkSize(executable, entries[2].content.length, MOST_EXECUTABLE_BYTES);
  checkSize(zip, bytes, MOST_ZIP_BYTES);
  return { zip, executable };
}

/** The extension as the layer has it. */
export async function layerBundle(): Promise<Bundle> {
  const { version } = JSON.parse(await fs.readFile(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return bundleFor(path.join(ROOT, 'extension', 'main.native.ts'), {
    __LAMBDAWATCH_VERSION__: JSON.stringify(version),
  });
}

/**
 * Path of an executable that runs a bundle on the native host.
 * @throws HostBuildError
 */
export async function ensureExecutable(
  architecture: Architecture,
  bundle: Pick<Bundle, 'code' | 'parts'>,
  { progress = say, symbols }: EnsureOptions & HostOptions = {},
): Promise<string> {
  const [compiler, host] = [await ensureCompiler(progress), await ensureHost(architecture, progress, { symbols })];
  const dir = await cached(
    `executable-${architecture}`,
    hashOf(JSON.stringify([bundle.code, bundle.parts]), compiler, host),
    (temporary) => attachBundle(host, compiler, bundle, path.join(temporary, 'lambdawatch')),
  );
  return path.join(dir, 'lambdawatch');
}

function checkSize(file: string, bytes: number, most: number): void {
  if (bytes > most) throw new Error(`${file} has ${bytes} bytes; no more than ${most} are allowed`);
}

function say(line: string): void {
  process.stderr.write(`[layer] ${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { arch: { type: 'string' }, folder: { type: 'string' } } });
  const wanted = ARCHITECTURES.filter((architecture) => values.arch === undefined || values.arch === architecture);
  if (wanted.length === 0) throw new Error(`--arch must be one of ${ARCHITECTURES.join(', ')}`);
  for (const architecture of wanted) {
    const { zip, executable } = await ensureLayer(architecture, { folder: values.folder });
    const [zipped, plain] = await Promise.all([zip, executable].map(async (file) => (await fs.stat(file)).size));
    process.stdout.write(`${path.relative(process.cwd(), zip)}: ${zipped} bytes, executable ${plain} bytes\n`);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof HostBuildError || error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  });
}
