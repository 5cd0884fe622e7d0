import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { layers } from '../construct/support';
import { LANGUAGES, type Language } from './languages';

const HELP = 'Packs the construct library for each language, installs it into a copy of that language\'s example, synthesises, and compares ' +
  `the templates.

  npm run verify:languages                 every language that has its tools here
  npm run verify:languages -- python go    only these (typescript is always there, to compare with)
  npm run verify:languages -- --keep       leave the working folder behind
`;

const root = join(__dirname, '..', '..');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' }, keep: { type: 'boolean' } } });
  const unknown = positionals.filter((name) => !LANGUAGES.some((language) => language.name === name));
  if (values.help || unknown.length > 0) {
    if (unknown.length > 0) console.error(`There is no language ${unknown.join(', ')}; there are ${LANGUAGES.map(({ name }) => name).join(', ')}.\n`);
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  await layers();

  const wanted = LANGUAGES.filter(({ name }) => name === 'typescript' || positionals.length === 0 || positionals.includes(name));
  const skipped = new Map(wanted.flatMap((language) => {
    const missing = language.tools.find(([tool, ...args]) => spawnSync(tool, args, { stdio: 'ignore' }).status !== 0);
    return missing ? [[language.name, missing[0]]] : [];
  }));
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-languages-'));
  try {
    compile(folder);
    return report(folder, wanted, skipped);
  } finally {
    if (values.keep) console.log(`\nThe working folder is ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles a copy of the library, so that what stands in the checkout is neither used nor changed. */
function compile(folder: string): void {
  const library = join(folder, 'library');
  for (const part of ['src', 'rosetta', 'lib/layer', 'package.json', 'tsconfig.json', 'README.md', 'LICENSE']) {
    if (existsSync(join(root, part))) cpSync(join(root, part), join(library, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(library, 'node_modules'));
  step('compiling with jsii', () => run(bin('jsii'), ['--silence-warnings=reserved-word', '--tsconfig', 'tsconfig.json'], library));
}

/** Makes the package of a language; gives the folder that it is in. */
function pack(folder: string, { name, target, codeOnly }: Language): string {
  const dist = join(folder, 'dist');
  step(`packing for ${name}${codeOnly ? ', generated code only' : ''}`, () =>
    run(bin('jsii-pacmak'), ['--target', target, '--outdir', dist, ...codeOnly ? ['--code-only'] : []], join(folder, 'library')));
  return join(dist, target);
}

interface Outcome {
  readonly template?: unknown;
  readonly note: string;
}

function report(folder: string, languages: readonly Language[], skipped: ReadonlyMap<string, string>): number {
  const outcomes = new Map<string, Outcome>();
  for (const language of languages) {
    const missing = skipped.get(language.name);
    outcomes.set(language.name, missing ? { note: `SKIPPED: ${missing} is not on this machine` } : attempt(() => verify(folder, language)));
  }

  const expected = outcomes.get('typescript')!.template;
  let failed = false;
  console.log('');
  for (const [name, { template, note }] of outcomes) {
    const differs = template !== undefined && canonical(template) !== canonical(expected);
    if (differs) explain(name, expected, template);
    failed ||= differs || note.startsWith('FAILED');
    console.log(`${name.padEnd(11)} ${differs ? 'DIFFERS from typescript' : note}`);
  }
  return failed ? 1 : 0;
}

function attempt(act: () => Outcome): Outcome {
  try {
    return act();
  } catch (error) {
    return { note: `FAILED: ${(error as Error).message}` };
  }
}

/** Packs the library for a language, and synthesises the example with it. */
function verify(folder: string, language: Language): Outcome {
  const dist = pack(folder, language);
  if (!language.synth) return { note: `generated ${generated(dist)} files; not compiled, not synthesised` };
  const app = join(folder, language.name);
  const out = join(app, 'cdk.out');
  const filter = (file: string): boolean => !['node_modules', '.venv', 'target', 'cdk.out'].includes(basename(file));
  cpSync(join(root, 'examples', language.name), app, { recursive: true, filter });
  step(`synthesising the example in ${language.name}`, () =>
    language.synth!({ app, dist, run: (command, args) => run(command, args, app, { CDK_OUTDIR: out }) }));
  const template = JSON.parse(readFileSync(join(out, 'Shop.template.json'), 'utf8')) as Template;
  return { template, note: check(template, out, join(folder, 'library')) };
}

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

/** That the layers in the assembly are ours, byte for byte, and that the template has all it needs. */
function check(template: Template, out: string, library: string): string {
  const of = (type: string): Record<string, unknown>[] =>
    Object.values(template.Resources).filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const hashes = of('AWS::Lambda::LayerVersion').map(({ Content }) => {
    const { S3Key } = Content as { S3Key: string };
    return sha256(join(out, `asset.${S3Key}`));
  });
  const ours = ['x86_64', 'arm64'].map((architecture) => sha256(join(library, 'lib', 'layer', `lambdawatch-${architecture}.zip`)));
  if (hashes.sort().join() !== ours.sort().join()) throw new Error('the layers in the cloud assembly are not those that were packed');
  const attached = of('AWS::Lambda::Function').filter(({ Layers }) => Array.isArray(Layers) && Layers.length === 1);
  if (attached.length !== 2) throw new Error(`${attached.length} functions have the layer, and 2 should`);
  if (!of('AWS::IAM::Policy').every((policy) => JSON.stringify(policy).includes('secret:grafana-cloud-??????'))) throw new Error('a role ' +
    'can\'t read the secret');
  return 'ok: 2 functions attached, 2 layers, same as the zips that were packed';
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function explain(name: string, expected: unknown, actual: unknown): void {
  const [a, b] = [expected, actual].map((template) => canonical(template).split('\n'));
  const at = a.findIndex((line, i) => line !== b[i]);
  console.log(`${name}, first difference:\n  - ${a.slice(at, at + 3).join('\n  - ')}\n  + ${b.slice(at, at + 3).join('\n  + ')}`);
}

/** JSON with sorted keys: their order means nothing in a template. */
function canonical(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown => {
    const isObject = part !== null && typeof part === 'object' && !Array.isArray(part);
    return isObject ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => x < y ? -1 : 1)) : part;
  };
  return JSON.stringify(value, sorted, 1) ?? '';
}

function generated(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

function step(what: string, act: () => void): void {
  const start = Date.now();
  act();
  console.log(`${what}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

/** Runs a command and shows its output only when it fails. */
function run(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): void {
  mkdirSync(cwd, { recursive: true });
  try {
    execFileSync(command, args, {
      cwd,
      env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1', ...env },
      stdio: 'pipe',
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: Buffer | string; stderr?: Buffer | string; message: string };
    writeFileSync(process.stderr.fd, `${stdout.toString().slice(-6000)}${stderr.toString().slice(-6000)}\n`);
    throw new Error(message.split('\n', 1)[0]);
  }
}

function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name);
}

main().then((code) => process.exit(code), (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
