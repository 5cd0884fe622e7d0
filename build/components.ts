import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { runCommand } from './command';
import { HOST_CRATE } from './host';
import { crossEnvironment } from './toolchain';

/** Something that others wrote and that is part of an executable. */
export interface Component {
  readonly name: string;
  /** Missing where its source doesn't say. */
  readonly version?: string;
  /** SPDX expression, or `undefined` where there is none. */
  readonly license?: string;
  /** Where it comes from. */
  readonly origin: 'crate' | 'npm' | 'source';
  /** The licences' texts. */
  readonly texts: readonly string[];
}

interface Metadata {
  readonly packages: readonly {
    id: string;
    name: string;
    version: string;
    license: string | null;
    manifest_path: string;
    source: string | null;
  }[];
  readonly resolve: {
    readonly nodes: readonly {
      id: string;
      deps: readonly { pkg: string; dep_kinds: readonly { kind: string | null }[] }[];
    }[];
  };
}

interface BundledSource {
  readonly folder: string;
  readonly name: string;
  readonly license: string;
  /** A header that defines the parts of the version. */
  readonly header: string;
  readonly version: RegExp;
}

/** Folders, relative to a crate, with the sources that it brings along and their licences. */
const BUNDLED_SOURCES: Readonly<Record<string, BundledSource>> = {
  'rquickjs-sys': {
    folder: 'quickjs',
    name: 'QuickJS',
    license: 'MIT',
    header: 'quickjs.h',
    version: /#define QJS_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)/g,
  },
};

/** Everything that is linked or bundled into the executable. @param npmPackages Folders of bundled npm packages. */
export async function components(npmPackages: readonly string[]): Promise<Component[]> {
  return [...(await crates()), await musl(), ...(await Promise.all(npmPackages.map(npmPackage)))];
}

/** All crates that the host is linked with; those that only run while building are left out. */
async function crates(): Promise<Component[]> {
  const platform = ['--filter-platform', 'x86_64-unknown-linux-musl'];
  const args = ['metadata', '--format-version', '1', '--locked', ...platform];
  const { packages, resolve } = JSON.parse(await runCommand('cargo', args, { cwd: HOST_CRATE })) as Metadata;
  const root = packages.find(({ name }) => name === 'lambdawatch-host')!.id;
  const linked = new Set([root]);
  for (const id of linked) {
    const node = resolve.nodes.find((candidate) => candidate.id === id);
    for (const { pkg, dep_kinds: kinds } of node?.deps ?? []) {
      if (kinds.some(({ kind }) => kind === null)) linked.add(pkg);
    }
  }
  const found: Component[] = [];
  for (const { id, name, version, license, manifest_path: manifest, source } of packages) {
    // Those without a source are our own.
    if (!linked.has(id) || source === null) continue;
    const folder = path.dirname(manifest);
    const texts = await licenseTexts(folder, license ?? '');
    found.push({ name, version, license: license ?? undefined, origin: 'crate', texts });
    if (BUNDLED_SOURCES[name]) found.push(await bundledSource(folder, BUNDLED_SOURCES[name]));
  }
  return found;
}

async function bundledSource(
  crate: string,
  { folder, name, license, header, version }: BundledSource,
): Promise<Component> {
  const defines = await fs.readFile(path.join(crate, folder, header), 'utf8');
  const parts = [...defines.matchAll(version)].map(([, part]) => part);
  const texts = await licenseTexts(path.join(crate, folder), license);
  return { name, version: parts.join('.') || undefined, license, origin: 'source', texts };
}

/** The C library, which comes with the linker. */
async function musl(): Promise<Component> {
  const env = await crossEnvironment(() => undefined);
  const python = env.CARGO_ZIGBUILD_PYTHON_PATH ?? 'python3';
  const script = 'import os, ziglang; print(os.path.dirname(ziglang.__file__))';
  const folder = (await runCommand(python, ['-c', script])).trim();
  const text = await fs.readFile(path.join(folder, 'lib', 'libc', 'musl', 'COPYRIGHT'), 'utf8');
  return { name: 'musl', license: 'MIT', origin: 'source', texts: [text] };
}

export async function npmPackage(folder: string): Promise<Component> {
  const manifest = await fs.readFile(path.join(folder, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(manifest) as { name: string; version: string; license?: string };
  return { name, version, license, origin: 'npm', texts: await licenseTexts(folder, license ?? '') };
}

/** The texts that apply: where MIT may be chosen and its text is there, that one alone. */
async function licenseTexts(folder: string, license: string): Promise<string[]> {
  const isLicense = (file: string): boolean => /^(licen[sc]e|copying|copyright|notice|unlicense)/i.test(file);
  const files = (await fs.readdir(folder)).filter(isLicense).sort();
  const mit = files.filter((file) => /mit/i.test(file));
  const chosen = /\bMIT\b/.test(license) && mit.length > 0 ? mit : files;
  return Promise.all(chosen.map((file) => fs.readFile(path.join(folder, file), 'utf8').catch(() => '')));
}
