import * as fs from 'node:fs/promises';
import * as fsSync from 'node:fs';
import * as path from 'node:path';
import { cacheDir } from '../build/cache';
import { ensureLayer } from '../build/layer';
import type { Bench } from './bench-context';
import { verdictOf, type Figure } from './figure';
import { burst } from './figures/burst';
import { flush } from './figures/flush';
import { memory } from './figures/memory';
import { nativeArchitecture, size } from './figures/size';
import { start } from './figures/start';
import { wire } from './figures/wire';
import { Harness } from './harness';
import { describe, loadWarning, machine } from './machine';
import { type Group, HELP, type Options, parseOptions, UsageError } from './options';
import { Subject } from './subjects';
import { table } from './table';

const ENDPOINT = { name: 'LOKI_ENDPOINT', value: '{endpoint}' };

function progress(line: string): void {
  process.stderr.write(`[bench] ${line}\n`);
}

async function measure(options: Options, folder: string): Promise<Figure[]> {
  const harness = await Harness.ensure(progress);
  const executable = options.ours ?? (await ensureLayer(nativeArchitecture(), { progress })).executable;
  const bench: Bench = {
    harness,
    ours: await Subject.create('LambdaWatch', executable, [ENDPOINT, ...options.oursEnv], path.join(folder, 'ours')),
    peer:
      options.peer === undefined
        ? undefined
        : await Subject.create(options.peerName, options.peer, options.peerEnv, path.join(folder, 'peer')),
    floor: await Subject.create('floor', harness.floor, [], path.join(folder, 'floor')),
    runs: options.runs,
    folder,
    progress,
  };
  const groups: Record<Group, () => Promise<Figure[]>> = {
    size: () => size(bench, options.ours === undefined),
    start: () => start(bench),
    memory: () => memory(bench),
    burst: () => burst(bench),
    flush: () => flush(bench),
    wire: () => wire(bench),
  };
  const figures: Figure[] = [];
  for (const group of options.only) figures.push(...(await groups[group]()));
  return figures;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== 'linux')
    throw new UsageError('the benchmark runs the extension itself, for which it needs Linux');
  const facts = machine();
  const warning = loadWarning(facts);
  progress(describe(facts));
  if (warning !== undefined) progress(warning);

  // On the disk of the cache, not in /tmp, which is often in memory: a cold page cache has to be possible.
  await fs.mkdir(cacheDir(), { recursive: true });
  const folder = await fs.mkdtemp(path.join(cacheDir(), '.bench-'));
  process.once('exit', () => fsSync.rmSync(folder, { recursive: true, force: true }));
  const figures = await measure(options, folder);

  process.stdout.write(
    `\n${table(figures, options.peer && options.peerName).join('\n')}\n\n${describe(facts)}\n${warning === undefined ? '' : `${warning}\n`}`,
  );
  if (options.json !== undefined) {
    const results = figures.map(({ mark, ...figure }) => ({
      ...figure,
      mustBe: mark?.text,
      verdict: verdictOf({ mark, ...figure }),
    }));
    await fs.writeFile(
      options.json,
      `${JSON.stringify({ machine: facts, peer: options.peer && options.peerName, figures: results }, undefined, 2)}\n`,
    );
  }
  return options.check && figures.some((figure) => verdictOf(figure) === 'not') ? 1 : 0;
}

// Children are ended by whoever started them (build/command.ts); exiting here also runs what is registered for `exit`.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => process.exit(code));

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
