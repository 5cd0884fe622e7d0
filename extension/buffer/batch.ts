import type { JsonList } from '../platform/types';

/**
 * Marks metadata that was part of its line, which gets it back if Loki takes no metadata. As a symbol it is no entry,
 * and copies have it.
 */
export const FROM_LINE = Symbol('from the line');

/** Structured metadata of one line. Strings only: Loki refuses the whole push otherwise. */
export type Metadata = Readonly<Record<string, string>> & { readonly [FROM_LINE]?: true };

/** One entry of a push as Loki's JSON has it: nanoseconds since the epoch, line, structured metadata. */
export type LokiValue = [timestamp: string, line: string, metadata?: Metadata];

/**
 * Lines of one stream that go into one push. A batch stays in the buffer until Loki has stored or refused its lines.
 */
export interface Batch {
  /** Value of the label `request_id`, or '' for the stream without one. */
  requestId: string;
  /** A {@link LokiValue} for each line. */
  readonly list: JsonList;
  /** The number of lines. */
  lines: number;
  /** Whether any of the lines may have structured metadata. */
  hasMetadata: boolean;
  /** Length of the lines in UTF-8. */
  bytes: number;
  /** The memory that the lines take, see {@link residentBytes}. */
  resident: number;
  /** The batch is being pushed: it isn't taken again, merged or dropped. */
  inFlight: boolean;
  /** A push of the batch ended, and Loki may have stored it. It must stay in its stream, or Loki may store it twice. */
  uncertain: boolean;
  /**
   * The batch isn't merged with others: it was split because it was too large, or its content may be why Loki refuses
   * it.
   */
  alone: boolean;
  /** When a push last failed and the content may be the cause, in milliseconds on the monotonic clock; 0 for never. */
  suspectedAt: number;
  /**
   * Set when Loki refused this batch and then stored others: the cause is this batch, and it must not delay the others.
   */
  aside?: Aside;
}

/** When a batch that was set aside is tried again. */
export interface Aside {
  /** How often the batch, or the one it was split from, has failed since it was set aside. */
  readonly failures: number;
  /** The earliest time of the next try, in milliseconds on the monotonic clock. */
  readonly notBefore: number;
}

/**
 * The memory that a line takes in addition to its own bytes: its timestamp, the usual structured metadata, and
 * allocated room that isn't used yet. Measured in the native host.
 */
export const ENTRY_BYTES = 160;

/** The length of {@link tailOf} that {@link ENTRY_BYTES} includes: a request id, a level, a cold start. */
const USUAL_TAIL = 96;

/** Memory that a line takes while it waits. @param bytes its length in UTF-8 */
export function residentBytes(bytes: number): number {
  return ENTRY_BYTES + bytes;
}

/** The memory that a tail takes beyond {@link TAIL_BYTES}. */
export function tailBytes(tail: string, utf8Length: (text: string) => number): number {
  return tail.length <= USUAL_TAIL ? 0 : utf8Length(tail) - USUAL_TAIL;
}

/**
 * Memory that a line takes while it waits as a string of its own. QuickJS stores a text in one byte per character if
 * all characters are Latin-1, and in two otherwise. A text that is longer in UTF-8 than in characters may be of either
 * kind, and is counted as the larger one.
 * @param bytes its length in UTF-8
 */
export function heldBytes({ length }: string, bytes: number): number {
  return 288 + (bytes === length ? length : 2 * length);
}

/** What precedes the line in its {@link LokiValue}. */
export function headOf(timestamp: string): string {
  return `["${timestamp}",`;
}

/** The {@link tailOf} a line without metadata. */
export const PLAIN_TAIL = ']';

/** The end of a tail with a {@link FROM_LINE}: a space, which means nothing in JSON. */
const MARKED_END = ' ]';

/** What follows the line in its {@link LokiValue}. */
export function tailOf(metadata: Metadata | undefined): string {
  if (metadata === undefined) return PLAIN_TAIL;
  return `,${JSON.stringify(metadata)}${metadata[FROM_LINE] === true ? MARKED_END : PLAIN_TAIL}`;
}

/**
 * The lines of a batch. This costs a hundred times as much as everything else that is done with them, so it is for rare
 * cases.
 */
export function valuesOf({ list }: Pick<Batch, 'list'>): LokiValue[] {
  return JSON.parse(`[${list.text()}]`) as LokiValue[];
}

/** Changes all lines of a batch, in rare cases (see {@link valuesOf}). */
export function rewriteValues(batch: Batch, change: (value: LokiValue) => LokiValue): void {
  const entries = batch.list.splitOff(0);
  batch.bytes = 0;
  batch.hasMetadata = false;
  for (let entry = entries.shift(); entry !== undefined; entry = entries.shift()) {
    const [timestamp, line, metadata] = change(valueOf(entry));
    batch.bytes += batch.list.push(headOf(timestamp), line, tailOf(metadata));
    batch.hasMetadata ||= metadata !== undefined;
  }
}

function valueOf(entry: string): LokiValue {
  const [timestamp, line, metadata] = JSON.parse(entry) as LokiValue;
  return [timestamp, line, entry.endsWith(MARKED_END) ? { ...metadata, [FROM_LINE]: true } : metadata];
}

/** A line without metadata: one that had it in itself is a JSON object again. */
export function withoutMetadata([timestamp, line, metadata]: LokiValue): LokiValue {
  return [timestamp, metadata?.[FROM_LINE] === true ? JSON.stringify({ ...metadata, message: line }) : line];
}
