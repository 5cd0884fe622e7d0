import { KIND_NAMES, LINE_KINDS } from '../log-lines';
import { SHARES } from '../cpu-share';
import { format, type Unit } from '../figure';
import { RATES } from '../figures/ages';
import { LINES } from '../figures/invocations';
import { LATENCIES_MS } from '../figures/strategies';
import type { Group } from '../options';
import type { Lookup } from './lookup';
import { markdown } from './markdown';
import { provenance } from './readme';

/** What docs/performance.md has between its markers, by the name of the marker. */
export function performanceTables(lookup: Lookup): Record<string, string> {
  return {
    provenance: provenance(lookup),
    start: rows(lookup, 'start', [
      ['exec to first `/next`', 'start on 100'],
      ['CPU time until then', 'start cpu'],
      ['with a cold page cache', 'start cold'],
      ['on 29 % of a CPU', 'start on 29'],
      ['on 7 % of a CPU', 'start on 7'],
    ]),
    invocations: rows(lookup, 'invocations', [
      ...LINES.map((lines) => [`CPU time, ${lines} lines`, `cpu ${lines}`] as const),
      ...LINES.map((lines) => [`telemetry to \`/next\`, ${lines} lines`, `wall ${lines}`] as const),
    ]),
    billed: billed(lookup),
    bulk: bulk(lookup),
    memory: memory(lookup),
    strategies: strategies(lookup),
    ages: ages(lookup),
    'strategy cost': strategyCost(lookup),
    limits: limits(lookup),
  };
}

/** Ours, peers and floor. */
function rows(lookup: Lookup, group: Group, all: readonly (readonly [name: string, id: string])[]): string {
  const head = ['figure', 'LambdaWatch', ...lookup.peerNames, 'floor'];
  return markdown(
    head,
    all.map(([name, id]) => [name, ...lookup.cells(group, id)]),
  );
}

/** Time from telemetry to `/next` at each memory size, with a Loki that answers at once. */
function billed(lookup: Lookup): string {
  const head = ['lines', ...SHARES.map(({ memoryMb, percent }) => `${memoryMb} MB (${percent} %)`)];
  const idOf = (lines: number, percent: number) => (percent === 100 ? `wall ${lines}` : `held ${lines} on ${percent}`);
  const subjects: [string, (group: Group, id: string) => number][] = [
    ['LambdaWatch', (group, id) => lookup.ours(group, id)],
    ...lookup.peerNames.map((name, index): [string, (group: Group, id: string) => number] => [
      name,
      (group, id) => lookup.peer(group, id, index),
    ]),
    ['floor', (group, id) => lookup.floor(group, id)],
  ];
  const table = subjects.flatMap(([name, of]) =>
    LINES.map((lines) => [
      `${name}, ${lines}`,
      ...SHARES.map(({ percent }) => format(of('invocations', idOf(lines, percent)), 'ms')),
    ]),
  );
  return markdown(head, table);
}

function bulk(lookup: Lookup): string {
  return rows(
    lookup,
    'burst',
    LINE_KINDS.flatMap((kind) => [
      [`lines per CPU-second, ${KIND_NAMES[kind]}`, `rate ${kind}`] as const,
      ['MB of lines per CPU-second', `bytes rate ${kind}`] as const,
      ['lines a second on 29 % of a CPU', `rate ${kind} on 29`] as const,
      ['lines a second on 7 % of a CPU', `rate ${kind} on 7`] as const,
      ['lines in Loki by `/next`', `in time ${kind}`] as const,
      ['peak memory', `peak ${kind}`] as const,
    ]),
  );
}

function memory(lookup: Lookup): string {
  const read = ['after 1', 'after 100', 'after 1000', 'after 10000', 'lifetime peak'];
  return rows(
    lookup,
    'lifetime',
    read.map((id) => [id === 'lifetime peak' ? 'peak until then' : `resident ${id} invocations`, id] as const),
  );
}

function strategies(lookup: Lookup): string {
  const head = ['strategy', 'Loki', 'after `runtimeDone`, p50', 'p99', "from the function's end, p50", 'p99'];
  const table = strategiesIn(lookup).flatMap((strategy) =>
    ['http', 'https'].flatMap((way) =>
      LATENCIES_MS.map((latency) => {
        const id = `${strategy} ${latency} ${way}`;
        const both = (what: string) =>
          [0.5, 0.99].map((share) => lookup.quantile('strategies', `${what} ${id}`, share));
        return [`\`${strategy}\``, `${way}, ${latency} ms`, ...both('held'), ...both('since end')];
      }),
    ),
  );
  return markdown(head, table);
}

function ages(lookup: Lookup): string {
  const head = ['strategy', ...RATES.flatMap(({ seconds }) => [`every ${seconds} s, p50`, 'p99'])];
  const table = strategiesIn(lookup).map((strategy) => [
    `\`${strategy}\``,
    ...RATES.flatMap(({ seconds }) =>
      [0.5, 0.99].map((share) => lookup.quantile('ages', `age ${strategy} ${seconds}`, share)),
    ),
  ]);
  return markdown(head, table);
}

function strategyCost(lookup: Lookup): string {
  const head = [
    'strategy',
    ...LINES.map((lines) => `CPU time, ${lines} lines`),
    ...RATES.map(({ seconds }) => `pushes for 1 000, every ${seconds} s`),
  ];
  const table = strategiesIn(lookup).map((strategy) => [
    `\`${strategy}\``,
    ...LINES.map((lines) => lookup.quantile('invocations', `cpu ${lines} ${strategy}`, 0.5)),
    ...RATES.map(({ seconds }) => lookup.quantile('ages', `pushes ${strategy} ${seconds}`, 0.5)),
  ]);
  return markdown(head, table);
}

/** Ours as a multiple of the floor. */
function limits(lookup: Lookup): string {
  const all: readonly (readonly [name: string, group: Group, id: string, unit: Unit])[] = [
    ['exec to first `/next`', 'start', 'start on 100', 'ms'],
    ...LINES.map(
      (lines) => [`CPU time of an invocation of ${lines} lines`, 'invocations', `cpu ${lines}`, 'ms'] as const,
    ),
    ...LINE_KINDS.map(
      (kind) => [`lines per CPU-second, ${KIND_NAMES[kind]}`, 'burst', `rate ${kind}`, 'lines/s'] as const,
    ),
  ];
  const table = all.map(([name, group, id, unit]) => {
    const [ours, floor] = [lookup.ours(group, id), lookup.floor(group, id)];
    const ratio = unit === 'lines/s' ? floor / ours : ours / floor;
    return [name, format(ours, unit), format(floor, unit), Number.isFinite(ratio) ? `${ratio.toFixed(1)} ×` : '–'];
  });
  return markdown(['figure', 'LambdaWatch', 'floor', 'work of the floor'], table);
}

/** Those that were measured, in the order in which they were. */
function strategiesIn({ results: { figures } }: Lookup): string[] {
  const found = figures.filter(({ group, id }) => group === 'strategies' && id.startsWith('held '));
  const names = found.map(({ id }) => id.split(' ')).filter((words) => words[1] !== 'p99');
  return [...new Set(names.map((words) => words[1]))];
}
