import { join } from 'node:path';
import { styleText } from 'node:util';
import { cacheDir, hashOf } from './cache';
import { type CommandError, runCommand } from './command';
import { rustVersion } from './toolchain';

const HELP = `Checks types, lint and format of everything, in both languages, side by side.

  npm run check            says what is wrong; nothing is changed
  npm run fix              mends what eslint, biome and rustfmt can mend, then checks
`;

const ROOT = join(__dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const CRATES = ['extension/host', 'bench/harness'];

interface Check {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** TypeScript: what is known from the last time is kept, so that only what has changed takes time. */
const types = (project: string): Check => ({
  name: `types: ${project}`,
  program: join(BIN, 'tsc'),
  args: [
    '-p',
    project,
    '--noEmit',
    '--incremental',
    '--tsBuildInfoFile',
    `node_modules/.cache/types/${project.replace(/\W/g, '-')}`,
  ],
});

/** Fast enough to run over everything. */
const FORMAT: Check = { name: 'format', program: join(BIN, 'biome'), args: ['format', '.'] };
const LINT: Check = { name: 'lint', program: join(BIN, 'projen'), args: ['eslint'] };
const TYPES = ['extension', 'tsconfig.tools.json', 'tsconfig.json'].map(types);

/** Clippy compiles the crates only when they have changed. */
function rust(target: string): Check[] {
  const env = { ...process.env, CARGO_TARGET_DIR: target };
  return CRATES.flatMap((crate) => [
    {
      name: `format: ${crate}`,
      program: 'cargo',
      args: ['fmt', '--all', '--check', '--manifest-path', `${crate}/Cargo.toml`],
      env,
    },
    {
      name: `clippy: ${crate}`,
      program: 'cargo',
      env,
      args: [
        'clippy',
        '--quiet',
        '--workspace',
        '--all-targets',
        '--locked',
        '--manifest-path',
        `${crate}/Cargo.toml`,
        '--',
        '-D',
        'warnings',
      ],
    },
  ]);
}

/** @returns whether there is nothing to complain of. */
async function passes({ name, program, args, env }: Check): Promise<boolean> {
  const started = Date.now();
  const problem = await runCommand(program, args, { cwd: ROOT, env }).then(
    () => undefined,
    (error: CommandError) => error.output || error.message,
  );
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    problem === undefined
      ? `${styleText('green', '✓')} ${name} (${seconds} s)`
      : `${styleText('red', '✗')} ${name} (${seconds} s)\n${problem}`,
  );
  return problem === undefined;
}

async function inOrder(checks: readonly Check[]): Promise<boolean> {
  let all = true;
  for (const check of checks) all = (await passes(check)) && all;
  return all;
}

async function main(): Promise<number> {
  const [option] = process.argv.slice(2);
  if (option !== undefined && option !== '--fix') {
    console.log(HELP);
    return option === '--help' ? 0 : 1;
  }
  const version = await rustVersion().catch((error: Error) => {
    console.log(`skipped: format and clippy: ${error.message}`);
    return undefined;
  });
  if (option === '--fix') {
    // What can't be mended is reported below.
    await runCommand(join(BIN, 'projen'), ['eslint', '--fix'], { cwd: ROOT }).catch(() => undefined);
    await runCommand(join(BIN, 'biome'), ['format', '--write', '.'], { cwd: ROOT });
    if (version !== undefined)
      for (const crate of CRATES) await runCommand('cargo', ['fmt', '--all'], { cwd: join(ROOT, crate) });
  }
  const inRust = version === undefined ? [] : rust(join(cacheDir(), `cargo-checks-${hashOf(version)}`));
  const results = await Promise.all([inOrder([FORMAT, LINT]), inOrder([...TYPES, ...inRust])]);
  return results.every(Boolean) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
