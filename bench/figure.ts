import { median } from './statistics';

export type Unit = 'bytes' | 'ms' | 'lines/s' | 'percent' | 'lines' | 'none';

/** What a figure must be. */
export interface Mark {
  readonly text: string;
  /** `undefined` where it can't be told, for want of a peer. */
  holds(ours: number, peer: number | undefined): boolean | undefined;
}

/** One row of the table: the same thing measured of ours, of the peer and, where it means something, of the floor. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly ours: readonly number[];
  readonly peer?: readonly number[];
  readonly floor?: readonly number[];
  readonly mark?: Mark;
  /** Said below the table. */
  readonly note?: string;
  /** Why ours did not do what this figure is a measure of. It can't be ok then, however good the number looks. */
  readonly spoiled?: string;
}

export type Verdict = 'ok' | 'not' | 'no peer' | '';

export function verdictOf({ ours, peer, mark, spoiled }: Figure): Verdict {
  if (mark === undefined || ours.length === 0) return '';
  if (spoiled !== undefined) return 'not';
  const holds = mark.holds(median(ours), peer?.length ? median(peer) : undefined);
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
export function atMostOfPeer(share: number, text: string): Mark {
  return { text, holds: (ours, peer) => (peer === undefined ? undefined : ours <= share * peer) };
}

export function atLeastOfPeer(factor: number, text: string): Mark {
  return { text, holds: (ours, peer) => (peer === undefined ? undefined : ours >= factor * peer) };
}

export function format(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–';
  switch (unit) {
    case 'bytes':
      return value >= 100_000 ? `${(value / 1e6).toFixed(2)} MB` : `${grouped(value)} B`;
    case 'ms':
      return `${value.toFixed(value < 100 ? 2 : 0)} ms`;
    case 'percent':
      return `${value.toFixed(1)} %`;
    case 'lines/s':
      return grouped(Math.round(value / 100) * 100);
    case 'lines':
      return grouped(value);
    case 'none':
      return value.toFixed(value < 10 ? 2 : 0);
  }
}

/** 1234567 as 1 234 567. */
function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
