import { styleText } from 'node:util';
import type { StoredLine } from '../../sandbox/loki/types';
import type { DemoFunction } from './demo';
import type { Meter } from './meter';

export interface DemoOutcome {
  readonly functions: readonly DemoFunction[];
  /** Lines that the functions wrote. */
  readonly expected: readonly string[];
  /** What Loki holds of this run, platform lines included. */
  readonly stored: readonly StoredLine[];
  readonly meter: Meter;
  readonly native: boolean;
}

/**
 * The figures at the end of a demo. A line is lost when it was written and can't be found in Loki, word for word and as
 * often.
 */
export function summarize({ functions, expected, stored, meter, native }: DemoOutcome): { text: string; lost: number } {
  const rest = new Map<string, number>();
  for (const { line } of stored) rest.set(line, (rest.get(line) ?? 0) + 1);
  let lost = 0;
  for (const line of expected) {
    const left = rest.get(line) ?? 0;
    if (left === 0) lost++;
    else rest.set(line, left - 1);
  }
  const held = functions
    .flatMap(({ results }) => results.map(({ extensionOverheadMs }) => extensionOverheadMs))
    .sort((a, b) => a - b);
  const rows: [string, string][] = [
    [
      'invocations',
      `${held.length}, of them ${functions.flatMap(({ results }) => results).filter(({ status }) => status === 'success').length} successful`,
    ],
    ['lines written', `${expected.length} by functions`],
    [
      'lines stored',
      `${expected.length - lost} of them, and ${stored.length - (expected.length - lost)} lines of the platform`,
    ],
    [
      'bytes',
      `${meter.rawBytes} raw, ${meter.sentBytes} sent (${(100 - (100 * meter.sentBytes) / Math.max(1, meter.rawBytes)).toFixed(0)} % saved) in ${meter.pushes} pushes`,
    ],
    [
      'held per invocation',
      `${ms(held[held.length >> 1])} median, ${ms(held.at(-1))} at most, from the function's end to the freeze`,
    ],
    [
      'extension memory',
      `${functions.map(({ name, residentKib }) => `${name} ${((residentKib ?? NaN) / 1024).toFixed(1)} MiB`).join(', ')} resident${native ? '' : ' (on Node.js)'}`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${styleText('bold', name.padEnd(width))}  ${value}`);
  // Last and plain, so that a script can look for it.
  lines.push(`lost: ${lost}`);
  return { text: lines.join('\n'), lost };
}

function ms(value: number | undefined): string {
  return value === undefined ? 'none' : `${value.toFixed(1)} ms`;
}
