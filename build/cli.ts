import { build } from 'esbuild';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { npmLicenses } from './licenses';

const ROOT = path.join(__dirname, '..');

/**
 * The command line, bundled into one file with the packages that it uses, so that the npm package needs none of them.
 * Writes `lib/cli/lambdawatch.js` and the licences of what is in it.
 */
export async function buildCli(folder = path.join(ROOT, 'lib', 'cli')): Promise<string> {
  const outfile = path.join(folder, 'lambdawatch.js');
  await fs.mkdir(path.join(folder, 'runtimes'), { recursive: true });
  for (const name of await fs.readdir(path.join(ROOT, 'cli', 'runtimes'))) {
    await replace(path.join(folder, 'runtimes', name), await fs.readFile(path.join(ROOT, 'cli', 'runtimes', name)));
  }
  const command = await bundle(path.join(ROOT, 'cli', 'main.ts'));
  const extension = await bundle(path.join(ROOT, 'extension', 'main.node.ts'));
  const packages = [...new Set([...command.packages, ...extension.packages])]
    .sort()
    .map((name) => path.join(ROOT, name));
  await replace(path.join(folder, 'THIRD-PARTY-LICENSES.txt'), await npmLicenses('lambdawatch.js', packages));
  await replace(path.join(folder, 'extension-on-node.js'), extension.code);
  await replace(outfile, `#!/usr/bin/env node\n${command.code}`, 0o755);
  return outfile;
}

async function bundle(entry: string): Promise<{ code: string; packages: string[] }> {
  const { version } = JSON.parse(await fs.readFile(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    define: { __LAMBDAWATCH_VERSION__: JSON.stringify(version) },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The modules of packages, not their CommonJS: what is not used is left out.
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const packages = Object.keys(metafile.inputs).flatMap(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return { code: outputFiles[0].text, packages };
}

/** At once, as somebody may be running it. */
async function replace(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await fs.writeFile(temporary, content);
  await fs.chmod(temporary, mode);
  await fs.rename(temporary, file);
}

if (require.main === module) {
  buildCli().then(
    async (file) => {
      process.stdout.write(`${path.relative(process.cwd(), file)}: ${(await fs.stat(file)).size} bytes\n`);
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
