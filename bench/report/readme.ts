import { describe, loadWarning } from '../machine';
import type { Group } from '../options';
import type { Lookup } from './lookup';
import { markdown } from './markdown';

/** What README shows: the name of a row, and where its figure is. */
const ROWS: readonly (readonly [name: string, group: Group, id: string])[] = [
  ['executable', 'size', 'executable'],
  ['layer zip', 'size', 'zip'],
  ['exec to first `/next`', 'start', 'start on 100'],
  ['the same with a cold page cache', 'start', 'start cold'],
  ['the same on 29 % of a CPU', 'start', 'start on 29'],
  ['resident memory after the first invocation', 'memory', 'resident'],
  ['the same after 10 000', 'lifetime', 'after 10000'],
  ['CPU time of an invocation of 10 lines', 'invocations', 'cpu 10'],
  ['the same with request ids as metadata', 'invocations', 'cpu 10 end'],
  ['lines per CPU-second, 100 000 lines in a burst', 'burst', 'rate plain'],
  ['peak memory in that burst', 'burst', 'peak plain'],
  ["function's end to `/next`, 10 lines, Loki at 20 ms", 'flush', 'since end 10'],
  ['the same with 1 000 lines', 'flush', 'since end 1000'],
  ['bytes to Loki for each line, 100 lines an invocation', 'wire', 'wire 100'],
  ['the same without levels, request ids as metadata', 'wire', 'wire 100 same'],
];

/** The section of README between its markers. */
export function readmeFigures(lookup: Lookup): string {
  const head = ['figure', 'LambdaWatch', ...lookup.peerNames, 'floor'];
  const rows = ROWS.map(([name, group, id]) => [name, ...lookup.cells(group, id)]);
  return `${provenance(lookup)}

${markdown(head, rows)}

The floor is a native program that makes the same exchanges and nothing else. [Performance](docs/performance.md) has all
figures, among them those of each [flush strategy](docs/flush-strategies.md).`;
}

/** How the figures came about. */
export function provenance({ results: { date, command, machine } }: Lookup): string {
  const warning = loadWarning(machine);
  const busy = warning === undefined ? '' : `\n\n${warning}`;
  return `Medians of one run of ${date}, written by \`${command}\` on ${describe(machine)}.${busy}`;
}
