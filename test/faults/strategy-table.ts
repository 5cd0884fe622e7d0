import { CONDITIONS } from './conditions';
import { uncountedUnder } from './fault';
import { quantile } from './judge';
import { markdown, writePart } from './docs';
import type { Row } from './play';
import type { Played } from './strategies';
import { whole } from './table';

/** Puts the tables into docs/faults.md. */
export function writeStrategies(played: readonly Played[]): void {
  writePart('strategies', strategyTables(played));
}

const HEAD = [
  'strategy',
  'Loki at',
  'faults played',
  'failed',
  'lines written',
  'lost',
  'lost where nothing can save them',
  'shown twice',
  'told as lost though stored',
  'held: median / longest (ms)',
];

/** A row for each strategy and distance, and what its nature costs. */
export function strategyTables(played: readonly Played[]): string {
  const groups = played
    .flatMap(({ strategy, rows }) =>
      CONDITIONS.map((condition) => ({
        name: `\`${strategy}\``,
        condition,
        rows: rows.filter((row) => row.condition === condition),
      })),
    )
    .filter(({ rows }) => rows.length > 0);
  const nature = groups.flatMap(({ name, condition, rows }) =>
    rows.flatMap(({ fault, byNature, figures }) =>
      byNature === undefined ? [] : [[name, fault.name, condition.name, figures.lost, byNature]],
    ),
  );
  const parts = [
    markdown(
      HEAD,
      groups.map(({ name, condition, rows }) => [name, condition.name, ...cellsOf(rows)]),
      [0, 1],
    ),
  ];
  if (nature.length > 0)
    parts.push(
      "What a strategy can't save by its nature, where `end` can:",
      markdown(['strategy', 'fault', 'Loki at', 'lost', 'why'], nature, [0, 1, 2, 4]),
    );
  return parts.join('\n\n');
}

function cellsOf(rows: readonly Row[]): readonly (string | number)[] {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const heldMs = rows.filter(({ fault }) => fault.heldToDeadline !== true).flatMap(({ figures }) => figures.heldMs);
  const longestMs = heldMs.reduce((most, ms) => Math.max(most, ms), 0);
  return [
    rows.length,
    sum(({ failures }) => Number(failures.length > 0)),
    sum(({ figures }) => figures.written),
    sum(({ figures, unavoidable }) => (unavoidable === undefined ? figures.lost : 0)),
    sum(({ figures, unavoidable }) => (unavoidable === undefined ? 0 : figures.lost)),
    sum(({ figures }) => figures.duplicated),
    sum(({ fault, condition, figures: { told, missing } }) =>
      uncountedUnder(fault, condition) ? 0 : Math.max(0, told - missing),
    ),
    `${whole(quantile(heldMs, 0.5))} / ${whole(longestMs)}`,
  ];
}
