import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleFor } from '../build/bundle';
import { components } from '../build/components';
import { runCommand } from '../build/command';
import { sha256 } from './outcome';
import { sbom } from './sbom';

const ROOT = join(__dirname, '..');
const ARCHITECTURES = ['x86_64', 'arm64'] as const;

/**
 * Fills a folder with what a release offers beside the packages: the layer's zips, a software bill of materials for
 * each, and the checksums of all.
 */
export async function releaseFiles(folder: string, layers: string, version: string): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const compiler = await runCommand('rustc', ['--version']);
  const { packages } = await bundleFor(join(ROOT, 'extension', 'main.native.ts'), { __LAMBDAWATCH_VERSION__: '""' });
  const parts = await components(packages.map((name) => join(ROOT, name)));
  const names: string[] = [];
  for (const architecture of ARCHITECTURES) {
    const [zip, bill] = [`lambdawatch-${architecture}.zip`, `lambdawatch-${architecture}.cdx.json`];
    await copyFile(join(layers, zip), join(folder, zip));
    await writeFile(
      join(folder, bill),
      sbom({ name: zip, version, sha256: sha256(join(folder, zip)), compiler }, parts),
    );
    names.push(zip, bill);
  }
  const sums = names.map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  await writeFile(join(folder, 'SHA256SUMS'), sums.join(''));
  return [...names, 'SHA256SUMS'].map((name) => join(folder, name));
}

/** The version of the release that is being made: `package.json` has it only while it is being built. */
async function releaseVersion(): Promise<string> {
  const bumped = await readFile(join(ROOT, 'dist', 'version.txt'), 'utf8').catch(() => undefined);
  if (bumped) return bumped.trim();
  return (JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}

async function main(): Promise<void> {
  const files = await releaseFiles(join(ROOT, 'dist', 'release'), join(ROOT, 'lib', 'layer'), await releaseVersion());
  for (const file of files) console.log(relative(ROOT, file));
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
