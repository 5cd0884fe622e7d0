import type { StoredLine } from '../loki/types';
import type { AcknowledgedRecord, Environment } from '../sandbox';
import { isPlatformLine, joined } from '../support/e2e';

/** What became of the lines of functions. */
export interface Account {
  readonly written: number;
  /** Those that the extension has answered 200 for, and so is responsible for. */
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged and not stored. */
  readonly lost: number;
  /** Stored more often than written. */
  readonly duplicated: number;
  /** Of the lost ones, those whose loss the extension has put on record in Loki. */
  readonly reported: number;
  /** Stored lines of one invocation that are not in the order in which they were written. */
  readonly disordered: number;
}

const DROP_NOTICE = /^LambdaWatch: dropped (\d+) of the oldest lines/;

/** Holds the lines written and acknowledged against what Loki has. Lines must differ from each other for the order to mean anything. */
export function account(environments: readonly Environment[], stored: readonly StoredLine[]): Account {
  const written = environments.flatMap(({ linesWritten }) => linesWritten.filter(({ source }) => source === 'function').map(({ text }) => text));
  const acknowledged = environments.flatMap((environment) => environment.linesAcknowledged().filter(isFunctionRecord).map(textOf));
  const own = stored.filter(({ line }) => !isPlatformLine(line));
  const notices = own.filter(({ line }) => DROP_NOTICE.test(line));
  const lines = joined(own.filter((line) => !notices.includes(line)));

  const available = countOf(lines);
  let lost = 0;
  for (const [line, times] of countOf(acknowledged)) lost += Math.max(0, times - (available.get(line) ?? 0));
  const mayBe = countOf(written);
  let duplicated = 0;
  for (const [line, times] of available) duplicated += Math.max(0, times - (mayBe.get(line) ?? 0));
  const reported = notices.reduce((sum, { line }) => sum + Number(DROP_NOTICE.exec(line)![1]), 0);
  return { written: written.length, acknowledged: acknowledged.length, stored: lines.length, lost, duplicated, reported, disordered: disorder(written, lines) };
}

/** How many lines stand before one that was written earlier. */
function disorder(written: readonly string[], lines: readonly string[]): number {
  const position = new Map(written.map((line, i) => [line, i]));
  let last = -1;
  let count = 0;
  for (const line of lines) {
    const at = position.get(line);
    if (at === undefined) continue;
    if (at < last) count++;
    last = Math.max(last, at);
  }
  return count;
}

function isFunctionRecord({ type }: AcknowledgedRecord): boolean {
  return type === 'function';
}

function textOf({ record, recordJson }: AcknowledgedRecord): string {
  return typeof record === 'string' ? record.replace(/\n$/, '') : recordJson;
}

function countOf(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
