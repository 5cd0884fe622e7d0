import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { grouped } from '../figure';
import type { Measurements } from './measure';

/** The figures, and how much more than what is kept each may be, in percent. */
export const TOLERANCES = {
  'instructions: start and end': 8,
  'instructions: an invocation of 10 lines': 3,
  'instructions: 10 000 lines in bulk': 2,
  'bytes: executable': 2,
  'bytes: zip': 2,
  'bytes: resident after the first invocation': 10,
  'bytes: resident after 500 invocations': 10,
  'bytes: peak of 10 000 lines in bulk': 20,
} as const;

export type GuardFigure = keyof typeof TOLERANCES;

export const RENEW = 'npm run bench -- --guard --renew';

const FILE = path.join(__dirname, 'kept.json');

/** What has been kept, all of x86_64. */
export async function readKept(): Promise<Measurements> {
  return JSON.parse(await fs.readFile(FILE, 'utf8')) as Measurements;
}

export async function writeKept(measurements: Measurements): Promise<void> {
  await fs.writeFile(FILE, `${JSON.stringify(measurements, undefined, 2)}\n`);
}

export interface Comparison {
  readonly figure: GuardFigure;
  readonly kept: number;
  readonly now: number;
  /** In percent; positive is more. */
  readonly change: number;
  readonly verdict: 'ok' | 'more' | 'less';
}

/** More than the tolerance is a regression; less than it is worth keeping, so that it is not lost again unnoticed. */
export function compare(kept: Measurements, now: Measurements): Comparison[] {
  return (Object.keys(TOLERANCES) as GuardFigure[]).map((figure) => {
    const change = 100 * (now[figure] / kept[figure] - 1);
    const tolerance = TOLERANCES[figure];
    const verdict = change > tolerance ? 'more' : change < -tolerance ? 'less' : 'ok';
    return { figure, kept: kept[figure], now: now[figure], change, verdict };
  });
}

/** One line each. */
export function say({ figure, kept, now, change, verdict }: Comparison): string {
  const percent = `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
  return `${figure}: ${grouped(now)}, kept ${grouped(kept)} (${percent}, ±${TOLERANCES[figure]} % allowed) ${verdict}`;
}
