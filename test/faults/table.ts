import { CONDITIONS } from './conditions';
import { uncountedUnder } from './fault';
import { quantile } from './judge';
import type { Row } from './play';
import { markdown, writePart } from './docs';

/** One table for each measure: a row for each fault, a column for each distance of Loki. */
export function tables(rows: readonly Row[]): string {
  const conditions = CONDITIONS.filter((condition) => rows.some((row) => row.condition === condition));
  const names = [...new Set(rows.map(({ fault }) => fault))];
  const table = (
    heads: readonly string[],
    cells: (name: (typeof names)[number], of: readonly (Row | undefined)[]) => readonly string[],
  ): string => {
    const body = names.map((fault) => [
      fault.name,
      ...cells(
        fault,
        conditions.map((condition) => rows.find((row) => row.fault === fault && row.condition === condition)),
      ),
    ]);
    const head = ['fault', ...heads];
    return markdown(head, body, [0]);
  };
  const columns = conditions.map(({ name }) => name);
  const stories = [
    "| fault | what happens | lines written | what can't be saved |",
    '| --- | --- | ---: | --- |',
    ...names.map((fault) => {
      const first = rows.find((row) => row.fault === fault)!;
      const why =
        typeof fault.unavoidable === 'function'
          ? conditions.flatMap((condition) => {
              const reason = (fault.unavoidable as (of: typeof condition) => string | undefined)(condition);
              return reason === undefined ? [] : [`${condition.name}: ${reason}`];
            })
          : [fault.unavoidable ?? ''];
      const grouped = typeof fault.unavoidable === 'function' && why.length > 0 ? [`from ${why[0]}`] : why;
      return `| ${fault.name} | ${fault.story} | ${first.figures.written} | ${grouped.join('; ')} |`;
    }),
  ].join('\n');
  return [
    '### The faults',
    stories,
    '### Lines lost, of those written',
    'With `+n` for lines that Loki shows twice, `?` where lost lines were not told with their number, `≠` where lines written are not lines stored plus lines told.',
    table(columns, (_, of) => of.map((row) => (row ? lines(row) : ''))),
    "### Held after the function's end: median / longest (ms)",
    'In bold the median of an outage, from its second invocation on.',
    table(columns, (_, of) => of.map((row) => (row ? held(row) : ''))),
    '### Pushes per line stored',
    table(columns, (_, of) => of.map((row) => (row ? row.figures.pushesPerLine.toFixed(2) : ''))),
    '### Tries per second while Loki was away',
    table(columns, (_, of) => of.map((row) => row?.figures.triesPerSecond?.toFixed(1) ?? '')),
  ].join('\n\n');
}

/** How many combinations went wrong, and which. */
export function summary(rows: readonly Row[]): string {
  const failed = rows.filter(({ failures }) => failures.length > 0);
  const list = failed.map(
    ({ fault, condition, failures }) =>
      `  ${fault.name} at ${condition.name}: ${failures.map((failure) => failure.split('\n')[0]).join('; ')}`,
  );
  return `${rows.length} combinations of fault and distance, ${failed.length} failed\n${list.join('\n')}`;
}

/** Puts the tables into docs/faults.md. */
export function writeTables(rows: readonly Row[]): void {
  writePart('faults', tables(rows));
}

function lines({ figures: { lost, duplicated, told, reconciled }, fault, condition }: Row): string {
  const uncounted = uncountedUnder(fault, condition);
  const twice = duplicated > 0 ? ` +${duplicated}` : '';
  const untold = lost > 0 && told === 0 && !uncounted ? ' ?' : '';
  return `${lost}${twice}${untold}${reconciled || uncounted ? '' : ' ≠'}`;
}

function held({ figures: { heldMs, heldInOutageMs } }: Row): string {
  const text = `${whole(quantile(heldMs, 0.5))} / ${whole(Math.max(...heldMs))}`;
  return heldInOutageMs.length > 1 ? `${text}, **${whole(quantile(heldInOutageMs.slice(1), 0.5))}**` : text;
}

/** In whole milliseconds. */
export function whole(value: number): string {
  return Number.isFinite(value) ? value.toFixed(0) : '-';
}
