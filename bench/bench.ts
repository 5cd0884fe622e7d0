import * as fsSync from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cacheDir } from '../build/cache';
import { ensureLayer } from '../build/layer';
import type { Bench } from './bench-context';
import { type Figure, verdictOf } from './figure';
import { agesAt, RATES, SLOW_RATE } from './figures/ages';
import { burst } from './figures/burst';
import { flush } from './figures/flush';
import { invocations } from './figures/invocations';
import { lifetime, memory } from './figures/memory';
import { nativeArchitecture, size } from './figures/size';
import { start } from './figures/start';
import { strategies } from './figures/strategies';
import { wire } from './figures/wire';
import { guard } from './guard/main';
import { order } from './order/main';
import { Harness } from './harness';
import { describe, loadWarning, machine } from './machine';
import { type Group, HELP, type Options, parseOptions, UsageError } from './options';
import { flames } from './report/flames';
import { writeReport } from './report/write';
import { readResults, type Results, writeResults } from './results';
import { fingerprint, Subject } from './subjects';
import { table } from './table';

const ENDPOINT = { name: 'LOKI_ENDPOINT', value: '{endpoint}' };

const began = Date.now();

function progress(line: string): void {
  const seconds = Math.round((Date.now() - began) / 1000);
  process.stderr.write(`[bench ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}] ${line}\n`);
}

async function measure(options: Options, folder: string): Promise<Results> {
  const facts = machine();
  progress(describe(facts));
  const warning = loadWarning(facts);
  if (warning !== undefined) progress(warning);
  const harness = await Harness.ensure(progress);
  const executable = options.ours ?? (await ensureLayer(nativeArchitecture(), { progress })).executable;
  const oursEnv = [ENDPOINT, ...options.oursEnv];
  const bench: Bench = {
    harness,
    ours: await Subject.create('LambdaWatch', executable, oursEnv, path.join(folder, 'ours')),
    peers: await Promise.all(
      options.peers.map(({ name, path: file, env }, index) =>
        Subject.create(name, file, env, path.join(folder, `peer-${index}`)),
      ),
    ),
    floor: await Subject.create('floor', harness.floor, [ENDPOINT], path.join(folder, 'floor')),
    runs: options.runs,
    folder,
    progress,
  };
  const slow = options.only.includes('ages') ? agesAt(bench, SLOW_RATE) : undefined;
  // What goes wrong there is told when it is waited for.
  slow?.catch(() => undefined);
  const groups: Record<Group, () => Promise<Figure[]>> = {
    size: () => size(bench, options.ours === undefined),
    start: () => start(bench),
    memory: () => memory(bench),
    lifetime: () => lifetime(bench),
    invocations: () => invocations(bench),
    burst: () => burst(bench),
    flush: () => flush(bench),
    strategies: () => strategies(bench),
    ages: async () => {
      const quick = [];
      for (const rate of RATES.filter((one) => one !== SLOW_RATE)) quick.push(...(await agesAt(bench, rate)));
      progress(`ages: waiting for the end of an invocation every ${SLOW_RATE.seconds} s`);
      return [...quick, ...(await slow!)];
    },
    wire: () => wire(bench),
  };
  const figures: Figure[] = [];
  for (const group of options.only) {
    const groupBegan = Date.now();
    figures.push(...(await groups[group]().catch((error: unknown) => [failedGroup(group, error)])));
    progress(`${group}: took ${Math.round((Date.now() - groupBegan) / 1000)} s`);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench --', ...process.argv.slice(2).map(shown)].join(' '),
    machine: facts,
    peers: await Promise.all(
      options.peers.map(async ({ name, version, path: file }) => ({
        name,
        version: version ?? (await fingerprint(file)),
      })),
    ),
    figures,
  };
}

/** What went wrong in one group must not cost the others. */
function failedGroup(group: Group, error: unknown): Figure {
  const { message } = error as Error;
  progress(`${group}: ${message}`);
  return { id: 'failed', group, name: `${group}: not measured`, unit: 'none', ours: [], failed: { ours: message } };
}

/** Paths of this machine are nobody's business. */
function shown(argument: string): string {
  const text = argument.replace(/[^= ]*\/([^/ ]+)$/, '$1');
  return /^[\w@%+=:,./{}-]+$/.test(text) ? text : `'${text}'`;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== 'linux') {
    throw new UsageError('the benchmark runs the extension itself, for which it needs Linux');
  }
  if (options.guard) return guard(options.renew, progress);
  if (options.order) return order(progress);
  // On the disk of the cache, not in /tmp, which is often in memory: a cold page cache has to be possible.
  await fs.mkdir(cacheDir(), { recursive: true });
  const folder = await fs.mkdtemp(path.join(cacheDir(), '.bench-'));
  process.once('exit', () => fsSync.rmSync(folder, { recursive: true, force: true }));
  const results = options.from === undefined ? await measure(options, folder) : await readResults(options.from);

  const { figures, machine: facts, peers } = results;
  const names = peers.map(({ name, version }) => `${name} ${version}`);
  process.stdout.write(`\n${table(figures, names).join('\n')}\n\n${describe(facts)}\n`);
  const warning = loadWarning(facts);
  if (warning !== undefined) process.stdout.write(`${warning}\n`);
  if (options.json !== undefined) await writeResults(options.json, results);
  if (options.readme) {
    const drawn = options.from === undefined ? await flames(await Harness.ensure(progress), folder, progress) : {};
    await writeReport(results, drawn);
    progress('README.md, docs/performance.md and docs/performance/ are written');
  }
  return options.check && figures.some((figure) => verdictOf(figure) === 'not') ? 1 : 0;
}

// Children are ended by whoever started them (build/command.ts); exiting here also runs what is registered for `exit`.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
