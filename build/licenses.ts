import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cached, hashOf } from './cache';
import { runCommand } from './command';
import { HOST_CRATE } from './host';
import { crossEnvironment, toolVersions } from './toolchain';

/** Something that others wrote and that is part of the executable. */
interface Component {
  /** With its version. */
  readonly name: string;
  /** SPDX expression. */
  readonly license: string;
  readonly texts: readonly string[];
}

interface Metadata {
  readonly packages: readonly { id: string; name: string; version: string; license: string | null; manifest_path: string; source: string | null }[];
  readonly resolve: { readonly nodes: readonly { id: string; deps: readonly { pkg: string; dep_kinds: readonly { kind: string | null }[] }[] }[] };
}

/** Folders, relative to a crate, with the sources that it brings along and their licences. */
const BUNDLED_SOURCES: Readonly<Record<string, { folder: string; name: string; license: string }>> = {
  'rquickjs-sys': { folder: 'quickjs', name: 'QuickJS', license: 'MIT' },
};

/** The licences of everything that is linked or bundled into the executable. @param npmPackages Folders of bundled npm packages. */
export async function thirdPartyLicenses(npmPackages: readonly string[]): Promise<string> {
  const lock = await fs.readFile(path.join(HOST_CRATE, 'Cargo.lock'));
  const manifests = npmPackages.map((folder) => fs.readFile(path.join(folder, 'package.json')));
  const own = await fs.readFile(__filename);
  const dir = await cached('licenses', hashOf(own, lock, await toolVersions(), ...await Promise.all(manifests)), async (temporary) => {
    const components = [...await crates(), await musl(), ...await Promise.all(npmPackages.map(npmPackage))];
    await fs.writeFile(path.join(temporary, 'text'), render('extensions/lambdawatch', components));
  });
  return fs.readFile(path.join(dir, 'text'), 'utf8');
}

/** All crates that the host is linked with; those that only run while building are left out. */
async function crates(): Promise<Component[]> {
  const json = await runCommand('cargo', ['metadata', '--format-version', '1', '--locked', '--filter-platform', 'x86_64-unknown-linux-musl'], { cwd: HOST_CRATE });
  const { packages, resolve } = JSON.parse(json) as Metadata;
  const root = packages.find(({ name }) => name === 'lambdawatch-host')!.id;
  const linked = new Set([root]);
  for (const id of linked) {
    const node = resolve.nodes.find((candidate) => candidate.id === id);
    for (const { pkg, dep_kinds: kinds } of node?.deps ?? []) {
      if (kinds.some(({ kind }) => kind === null)) linked.add(pkg);
    }
  }
  const components: Component[] = [];
  for (const { id, name, version, license, manifest_path: manifest, source } of packages) {
    // Those without a source are our own.
    if (!linked.has(id) || source === null) continue;
    const folder = path.dirname(manifest);
    components.push({ name: `${name} ${version}`, license: license ?? 'see below', texts: await licenseTexts(folder, license ?? '') });
    const sources = BUNDLED_SOURCES[name];
    if (sources) {
      components.push({ name: sources.name, license: sources.license, texts: await licenseTexts(path.join(folder, sources.folder), sources.license) });
    }
  }
  return components;
}

/** The C library, which comes with the linker. */
async function musl(): Promise<Component> {
  const env = await crossEnvironment(() => undefined);
  const python = env.CARGO_ZIGBUILD_PYTHON_PATH ?? 'python3';
  const folder = (await runCommand(python, ['-c', 'import os, ziglang; print(os.path.dirname(ziglang.__file__))'])).trim();
  const text = await fs.readFile(path.join(folder, 'lib', 'libc', 'musl', 'COPYRIGHT'), 'utf8');
  return { name: 'musl', license: 'MIT', texts: [text] };
}

async function npmPackage(folder: string): Promise<Component> {
  const { name, version, license } = JSON.parse(await fs.readFile(path.join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  return { name: `${name} ${version}`, license: license ?? 'see below', texts: await licenseTexts(folder, license ?? '') };
}

/** The texts that apply: where MIT may be chosen and its text is there, that one alone. */
async function licenseTexts(folder: string, license: string): Promise<string[]> {
  const files = (await fs.readdir(folder)).filter((file) => /^(licen[sc]e|copying|copyright|notice|unlicense)/i.test(file)).sort();
  const mit = files.filter((file) => /mit/i.test(file));
  const chosen = /\bMIT\b/.test(license) && mit.length > 0 ? mit : files;
  return Promise.all(chosen.map((file) => fs.readFile(path.join(folder, file), 'utf8').catch(() => '')));
}

/** The licences of npm packages that are bundled into `file`. */
export async function npmLicenses(file: string, folders: readonly string[]): Promise<string> {
  return render(file, await Promise.all(folders.map(npmPackage)));
}

function render(file: string, components: readonly Component[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, texts } of components) {
    for (const text of texts) {
      const normal = text.replace(/\r\n/g, '\n').trim();
      if (normal) byText.set(normal, [...byText.get(normal) ?? [], name]);
    }
  }
  const rule = '-'.repeat(78);
  return [
    `${file} contains the work of others, under these licences:`,
    '',
    ...components.map(({ name, license }) => `  ${name}: ${license}`),
    ...[...byText].flatMap(([text, names]) => ['', rule, names.join(', '), rule, '', text]),
    '',
  ].join('\n');
}
