import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { extensionUnderTest, extraEnvironment, useLayer } from '../support/extension';
import { ALL } from './all';
import { busyMinute } from './busy-minute';
import { type Condition, CONDITIONS, NEAR } from './conditions';
import { playFindings } from './findings';
import { playAll, type Row } from './play';
import { soakAll } from './soak';
import { playStrategies } from './strategies';
import { strategyTables, writeStrategies } from './strategy-table';
import { summary, tables, writeTables } from './table';

const HELP = `Runs the built layer through faults and prints what became of every line.

  npm run test:faults                       each fault once, with a Loki that is near
  npm run test:faults -- --matrix           each fault with Loki at every distance
  npm run test:faults -- --strategies       each fault with each flush strategy, with Loki at 0.04 and 0.9 s
  npm run test:faults -- --findings         what was found broken once, one by one
  npm run test:faults -- --soak             random sequences of invocations, freezes, faults and crashes

  --only WORD       faults whose name contains one of the words, or with --findings the numbers; may be given several times
  --latency MS      Loki takes so long to answer: 40, 600, 900, 1200, 1800, 2500, or tls; may be given several times
  --long            what takes minutes too: outages of 3 000 invocations, and a busy minute with an outage
  --layer ZIP       play this layer in place of the one built from the source at hand
  --env NAME=VALUE  give the extension this variable in every environment; may be given several times
  --flush-strategy S  the same as --env LOKI_FLUSH_STRATEGY=S; with --strategies, only this one
  --jobs N          environments at a time (default 8 for each processor)
  --json FILE       write all figures
  --readme          write the tables into docs/faults.md (with --matrix or --strategies)

  --seeds N         soak: how many sequences (default 20)
  --invocations N   soak: invocations in all (default 20000)
  --seed S          soak: only the sequence of this seed, to repeat one
  --steady          soak: with --seed, the sequence of one environment that lives through it all
  --help
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      matrix: { type: 'boolean' },
      strategies: { type: 'boolean' },
      long: { type: 'boolean' },
      findings: { type: 'boolean' },
      soak: { type: 'boolean' },
      readme: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      latency: { type: 'string', multiple: true },
      layer: { type: 'string' },
      env: { type: 'string', multiple: true },
      'flush-strategy': { type: 'string' },
      jobs: { type: 'string', default: String(8 * availableParallelism()) },
      json: { type: 'string' },
      seeds: { type: 'string', default: '20' },
      invocations: { type: 'string', default: '20000' },
      seed: { type: 'string' },
      steady: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.layer !== undefined) useLayer(values.layer);
  for (const pair of [
    ...(values.env ?? []),
    ...(values['flush-strategy'] === undefined ? [] : [`LOKI_FLUSH_STRATEGY=${values['flush-strategy']}`]),
  ]) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(pair) ?? [];
    if (name === undefined) throw new Error(`--env is NAME=VALUE, not "${pair}"`);
    extraEnvironment[name] = value;
  }
  await extensionUnderTest();
  const jobs = whole('--jobs', values.jobs, 64);
  if (values.soak || values.seed !== undefined) {
    const count = values.seed === undefined ? whole('--seeds', values.seeds, 1000) : 1;
    const first = values.seed === undefined ? Date.now() % 1_000_000 : whole('--seed', values.seed, 2 ** 31);
    return soakAll(
      Array.from({ length: count }, (_, i) => first + i),
      whole('--invocations', values.invocations, 10_000_000),
      jobs,
      values.steady,
    );
  }

  if (values.findings)
    return playFindings(
      jobs,
      values.only?.map((number) => whole('--only', number, 99)),
    );

  const distances = values.latency?.map(conditionOf);
  if (values.strategies) {
    const one = values['flush-strategy'];
    const strategies = one === undefined ? undefined : [one];
    const played = await playStrategies(jobs, { strategies, distances, only: values.only });
    console.log(strategyTables(played));
    for (const { strategy, rows } of played) console.log(`${strategy}: ${summary(rows)}`);
    if (values.json !== undefined)
      writeFileSync(
        values.json,
        json(played.flatMap(({ strategy, rows }) => rows.map((row) => ({ ...row, strategy })))),
      );
    if (values.readme) writeStrategies(played);
    return played.every(({ rows }) => rows.every(({ failures }) => failures.length === 0)) ? 0 : 1;
  }

  const conditions = distances ?? (values.matrix ? CONDITIONS : [NEAR]);
  const chosen = ALL.filter(
    ({ name, long }) => (values.long || !long) && (values.only?.some((word) => name.includes(word)) ?? true),
  );
  if (chosen.length === 0) throw new Error(`no fault's name contains ${values.only?.join(' or ')}`);
  const rows = await playAll(
    chosen.flatMap((fault) => conditions.map((condition) => ({ fault, condition }))),
    jobs,
  );
  const inOrder = chosen.flatMap((fault) =>
    rows
      .filter((row) => row.fault === fault)
      .sort((a, b) => CONDITIONS.indexOf(a.condition) - CONDITIONS.indexOf(b.condition)),
  );
  console.log(tables(inOrder));
  console.log(summary(inOrder));
  if (values.json !== undefined) writeFileSync(values.json, json(inOrder));
  if (values.readme) writeTables(inOrder);
  if (values.long && values.only === undefined) await busyMinute();
  return inOrder.every(({ failures }) => failures.length === 0) ? 0 : 1;
}

function json(rows: readonly (Row & { readonly strategy?: string })[]): string {
  return `${JSON.stringify(
    rows.map(({ fault, condition, figures, failures, seconds, strategy }) => ({
      strategy,
      fault: fault.name,
      condition: condition.name,
      ...figures,
      failures,
      seconds,
    })),
    undefined,
    1,
  )}\n`;
}

function conditionOf(name: string): Condition {
  const nameOf = ({ latencyMs, tlsWayMs }: Condition): string => (tlsWayMs === undefined ? String(latencyMs) : 'tls');
  const found = CONDITIONS.find((condition) => nameOf(condition) === name);
  if (!found) throw new Error(`--latency is one of ${CONDITIONS.map(nameOf).join(', ')}, not "${name}"`);
  return found;
}

function whole(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new Error(`${option} must be a whole number from 1 to ${most}, not "${text}"`);
  return value;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
