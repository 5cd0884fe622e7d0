import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cached, hashOf } from './cache';
import { type Component, components, npmPackage } from './components';
import { HOST_CRATE } from './host';
import { toolVersions } from './toolchain';

/**
 * The licences of everything that is linked or bundled into the executable.
 * @param npmPackages Folders of bundled npm packages.
 */
export async function thirdPartyLicenses(npmPackages: readonly string[]): Promise<string> {
  const lock = await fs.readFile(path.join(HOST_CRATE, 'Cargo.lock'));
  const manifests = npmPackages.map((folder) => fs.readFile(path.join(folder, 'package.json')));
  const own = [__filename, path.join(__dirname, 'components.ts')].map((file) => fs.readFile(file));
  const inputs = await Promise.all([...own, ...manifests]);
  const dir = await cached('licenses', hashOf(lock, await toolVersions(), ...inputs), async (temporary) => {
    const text = render('extensions/lambdawatch', await components(npmPackages));
    await fs.writeFile(path.join(temporary, 'text'), text);
  });
  return fs.readFile(path.join(dir, 'text'), 'utf8');
}

/** The licences of npm packages that are bundled into `file`. */
export async function npmLicenses(file: string, folders: readonly string[]): Promise<string> {
  return render(file, await Promise.all(folders.map(npmPackage)));
}

function render(file: string, all: readonly Component[]): string {
  const byText = new Map<string, string[]>();
  for (const component of all) {
    for (const text of component.texts) {
      const normal = text.replace(/\r\n/g, '\n').trim();
      if (normal) byText.set(normal, [...(byText.get(normal) ?? []), title(component)]);
    }
  }
  const rule = '-'.repeat(78);
  return [
    `${file} contains the work of others, under these licences:`,
    '',
    ...all.map((component) => `  ${title(component)}: ${component.license ?? 'see below'}`),
    ...[...byText].flatMap(([text, names]) => ['', rule, names.join(', '), rule, '', text]),
    '',
  ].join('\n');
}

function title({ name, version }: Component): string {
  return version ? `${name} ${version}` : name;
}
