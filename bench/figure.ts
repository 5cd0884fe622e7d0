import type { Group } from './options';
import { median } from './statistics';

export type Unit = 'bytes' | 'ms' | 'lines/s' | 'percent' | 'lines' | 'none';

/** What a figure must be. */
export interface Mark {
  readonly text: string;
  /** `undefined` where it can't be told, for want of a peer. */
  holds(ours: number, peer: number | undefined): boolean | undefined;
}

/** The same thing measured of ours, of each peer and, where it means something, of the floor. */
export interface Samples {
  readonly ours: readonly number[];
  readonly peers?: readonly (readonly number[])[];
  readonly floor?: readonly number[];
  readonly failed?: Failed;
}

/** Why there are no samples of a subject that could not be measured. */
export interface Failed {
  readonly ours?: string;
  /** `null` for those that could. */
  readonly peers?: readonly (string | null)[];
  readonly floor?: string;
}

/** One row of the table. */
export interface Figure extends Samples {
  /** By which reports and plots find it, unique in its group. */
  readonly id: string;
  readonly group: Group;
  readonly name: string;
  readonly unit: Unit;
  readonly mark?: Mark;
  /** Said below the table. */
  readonly note?: string;
  /** Why ours did not do what this figure is a measure of. It can't be ok then, however good the number looks. */
  readonly spoiled?: string;
}

/** Characters of a reason that has to fit into a table. */
const LONGEST_REASON = 100;

export type Verdict = 'ok' | 'not' | 'no peer' | '';

export function verdictOf({
  ours,
  peers,
  mark,
  spoiled,
  failed,
}: Pick<Figure, 'ours' | 'peers' | 'mark' | 'spoiled' | 'failed'>): Verdict {
  if (failed?.ours !== undefined) return 'not';
  if (mark === undefined || ours.length === 0) return '';
  if (spoiled !== undefined) return 'not';
  const holds = mark.holds(median(ours), peers?.[0]?.length ? median(peers[0]) : undefined);
  if (holds === undefined) return 'no peer';
  return holds ? 'ok' : 'not';
}

export function atMost(limit: number, unit: Unit): Mark {
  return { text: `≤ ${format(limit, unit)}`, holds: (ours) => ours <= limit };
}

export function atLeast(limit: number, unit: Unit): Mark {
  return { text: `≥ ${format(limit, unit)}`, holds: (ours) => ours >= limit };
}

export function exactly(value: number, unit: Unit): Mark {
  return { text: format(value, unit), holds: (ours) => ours === value };
}

/** @param share what ours may be at most, as a share of the peer's */
export function atMostOfPeer(share: number): Mark {
  return {
    text: `≤ ${share} × the peer`,
    holds: (ours, peer) => (peer === undefined ? undefined : ours <= share * peer),
  };
}

export function atLeastOfPeer(factor: number): Mark {
  return {
    text: `≥ ${factor} × the peer`,
    holds: (ours, peer) => (peer === undefined ? undefined : ours >= factor * peer),
  };
}

/** What stands in place of a figure that could not be measured. */
export function failure(reason: string): string {
  const [line] = reason.split('\n', 1);
  return `failed: ${line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON)}…` : line}`;
}

export function format(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–';
  switch (unit) {
    case 'bytes':
      return value >= 100_000 ? `${(value / 1e6).toFixed(2)} MB` : `${grouped(value)} B`;
    case 'ms':
      return `${value < 100 ? value.toFixed(2) : grouped(value)} ms`;
    case 'percent':
      return `${value.toFixed(1)} %`;
    case 'lines/s':
      return value < 10_000 ? grouped(value) : grouped(Math.round(value / 100) * 100);
    case 'lines':
      return grouped(value);
    case 'none':
      return value < 1000 ? value.toFixed(value < 10 ? 2 : 0) : grouped(value);
  }
}

/** 1234567 as 1 234 567. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
