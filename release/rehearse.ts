import { cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { interruptible, runCommand } from '../build/command';
import { run, step, works } from './commands';
import { setVersion } from './examples';
import { LANGUAGES, type Language } from './languages';
import { difference, type Outcome, read, sha256 } from './outcome';

const HELP = `Rehearses a release: copies this checkout, bumps its version, builds it, packages it for each language,
publishes the packages to registries that run on this machine meanwhile, installs the examples from there, synthesises
them, and compares templates and layers. Nothing leaves the machine, and nothing in the checkout changes.

  npm run release:rehearse                  every language whose tools are here
  npm run release:rehearse -- python go     only these (typescript is always there, to compare with)
  npm run release:rehearse -- --keep        leave the working folder behind
`;

const ROOT = join(__dirname, '..');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, keep: { type: 'boolean' } },
  });
  const names = LANGUAGES.map(({ name }) => name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (values.help || unknown.length > 0) {
    if (unknown.length > 0)
      console.error(`There is no language ${unknown.join(', ')}; there are ${names.join(', ')}.\n`);
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  const wanted = LANGUAGES.filter(
    ({ name }) => positionals.length === 0 || name === 'typescript' || positionals.includes(name),
  );
  const folder = await mkdtemp(join(tmpdir(), 'lambdawatch-release-'));
  const remove = (): void => {
    if (!values.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    return await interruptible(() => rehearse(folder, wanted), remove);
  } finally {
    if (values.keep) console.log(`\nThe working folder is ${folder}`);
    remove();
  }
}

async function rehearse(folder: string, languages: readonly Language[]): Promise<number> {
  const library = join(folder, 'library');
  await step('copying the checkout', () => copy(library));
  const projen = (task: string): Promise<string> =>
    run(join(ROOT, 'node_modules', '.bin', 'projen'), [task], { cwd: library, env: QUIET });
  await step('bump', () => projen('bump'));
  const { version } = JSON.parse(await readFile(join(library, 'package.json'), 'utf8')) as { version: string };
  console.log(`  the next version is ${version}`);
  await setVersion(version, join(library, 'examples'));
  await step('build', () => projen('assemble'));
  const layers = ['x86_64', 'arm64'].map((arch) => sha256(join(library, 'lib', 'layer', `lambdawatch-${arch}.zip`)));

  const lines: string[] = [];
  let first: Outcome | undefined;
  let failed = false;
  for (const language of languages) {
    let line: string;
    try {
      const missing = await missingTool(language);
      if (missing && language.codeWithoutTools) {
        await step(`generating code for ${language.name}`, () => generate(library, language));
      }
      const outcome = missing ? undefined : await publishAndSynthesise(folder, library, language, projen);
      first ??= outcome;
      line = outcome ? verdict(outcome, first!, layers) : `SKIPPED: ${skipped(language, missing!)}`;
    } catch (error) {
      line = `FAILED: ${(error as Error).message}`;
    }
    failed ||= /^(FAILED|DIFFERS)/.test(line);
    lines.push(`${language.name.padEnd(11)} ${line}`);
  }
  console.log(`\ncdk-lambdawatch ${version}\n${lines.join('\n')}`);
  for (const [i, arch] of ['x86_64', 'arm64'].entries()) console.log(`lambdawatch-${arch}.zip  sha256 ${layers[i]}`);
  return failed ? 1 : 0;
}

const QUIET = {
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CI: 'true',
  NO_COLOR: '1',
};

/** A clone with the changes that are not committed yet; the tags are there, for the bump. */
async function copy(library: string): Promise<void> {
  const git = async (...args: readonly string[]): Promise<string> => {
    try {
      return await runCommand('git', args, { cwd: ROOT });
    } catch {
      throw new Error(
        'The next version is found by way of git: run this in a clone of the repository, with git in PATH.',
      );
    }
  };
  const files = async (...args: readonly string[]): Promise<string[]> =>
    (await git('ls-files', '-z', ...args)).split('\0').filter(Boolean);
  const removed = new Set(await files('--deleted'));
  await git('clone', '--quiet', '--no-checkout', ROOT, library);
  for (const file of await files('--cached', '--others', '--exclude-standard')) {
    if (!removed.has(file)) await cp(join(ROOT, file), join(library, file));
  }
  // The bundler follows symbolic links and names what it finds, so that the layer would not be the one of a release.
  const modules = [join(ROOT, 'node_modules'), join(library, 'node_modules')];
  await runCommand('cp', ['-al', ...modules]).catch(() =>
    cp(modules[0], modules[1], { recursive: true, verbatimSymlinks: true }),
  );
}

async function missingTool({ tools }: Language): Promise<string | undefined> {
  for (const [program, ...args] of tools) if (!(await works(program, ...args))) return program;
  return undefined;
}

function skipped({ codeWithoutTools }: Language, missing: string): string {
  const reason = `${missing} is not on this machine`;
  return codeWithoutTools ? `${reason}; the code was generated, but not packed, published or run` : reason;
}

async function generate(library: string, { target }: Language): Promise<void> {
  await run(join(ROOT, 'node_modules', '.bin', 'jsii-pacmak'), ['--code-only', '--target', target], {
    cwd: library,
    env: QUIET,
  });
}

async function publishAndSynthesise(
  folder: string,
  library: string,
  { name, target, registry, registryName, install }: Language,
  projen: (task: string) => Promise<string>,
): Promise<Outcome> {
  await step(`packing for ${name}`, () => projen(`package:${target}`));
  const registryFolder = join(folder, 'registries', name);
  await mkdir(registryFolder, { recursive: true });
  const app = join(folder, 'examples', name);
  await registry(registryFolder, async ({ publish, consumer }) => {
    await step(`publishing for ${name}, to ${registryName}`, () => publish(join(library, 'dist', target)));
    await cp(join(library, 'examples', name), app, {
      recursive: true,
      filter: (file) => !LEFT_BEHIND.has(basename(file)),
    });
    const env = { ...QUIET, ...consumer };
    const first = await step(`installing the example in ${name}`, () =>
      install({ app, run: (command, ...args) => run(command, args, { cwd: app, env }) }),
    );
    const path = [...(first ? [first] : []), process.env.PATH].join(delimiter);
    await step(`synthesising the example in ${name}`, () =>
      run(process.execPath, SYNTH, { cwd: app, env: { ...env, PATH: path } }),
    );
  });
  return read(join(app, 'cdk.out'));
}

const LEFT_BEHIND = new Set(['node_modules', '.venv', 'target', 'cdk.out', 'bin', 'obj', 'go.sum']);

/** CDK's version reports name the language, so that templates would differ. */
const SYNTH = [
  join(dirname(require.resolve('aws-cdk/package.json')), 'bin', 'cdk'),
  'synth',
  '--quiet',
  '--no-notices',
  '--no-version-reporting',
];

function verdict(outcome: Outcome, first: Outcome, layers: readonly string[]): string {
  if (outcome.layers.join() !== [...layers].sort().join()) return 'DIFFERS: its layers are not those that were built';
  const differs = difference(first, outcome);
  if (differs) return `DIFFERS from the first one:\n${differs}`;
  const hashes = outcome.layers.map((hash) => `${hash.slice(0, 12)}…`).join(', ');
  return `ok: published, installed, synthesised; layers ${hashes}`;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
