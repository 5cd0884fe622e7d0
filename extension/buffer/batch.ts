import type { JsonList } from '../platform/types';

/** Structured metadata of one line. Strings only: Loki refuses the whole push otherwise. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * One entry of a push in the form that Loki's JSON has for it: nanoseconds since the epoch, line, structured metadata.
 */
export type LokiValue = [timestamp: string, line: string, metadata?: Metadata];

/**
 * Lines of one stream that go into one push. A batch stays in the buffer until Loki has its lines or has refused them.
 */
export interface Batch {
  /** Value of the label `request_id`, or '' for the stream without one. */
  requestId: string;
  /** A {@link LokiValue} for each line. */
  readonly list: JsonList;
  /** How many they are. */
  lines: number;
  /** Whether one of them may have structured metadata. */
  hasMetadata: boolean;
  /** Length of the lines in UTF-8. */
  bytes: number;
  /** What the lines take in memory, see {@link residentBytes}. */
  resident: number;
  /** Being pushed: neither taken again nor merged nor dropped. */
  inFlight: boolean;
  /**
   * A push of it ended without an answer that says that Loki has not got it. It must stay in its stream, or Loki may
   * store it twice.
   */
  uncertain: boolean;
  /**
   * Not merged with other batches: it was split because it was too large, or its content may be what keeps it from
   * passing.
   */
  alone: boolean;
  /** When Loki last refused it for what may be its content, in milliseconds on the monotonic clock; 0 for never. */
  suspectedAt: number;
  /**
   * Set when Loki took other batches after it had refused this one: this batch is to blame and must not hold up the
   * others.
   */
  aside?: Aside;
}

/** When a batch that was set aside is tried again. */
export interface Aside {
  /** How often the batch, or the one it was split from, has failed since it was set aside. */
  readonly failures: number;
  /** Not before this point in time, in milliseconds on the monotonic clock. */
  readonly notBefore: number;
}

/**
 * What a line takes in memory beside its own bytes: its timestamp, what structured metadata there usually is, and room
 * that is not used yet, as measured in the native host.
 */
export const ENTRY_BYTES = 160;

/** As long as this, a {@link tailOf} an entry is in {@link ENTRY_BYTES}: a request id, a level, a cold start. */
const USUAL_TAIL = 96;

/** Memory that a line takes while it waits. @param bytes its length in UTF-8 */
export function residentBytes(bytes: number): number {
  return ENTRY_BYTES + bytes;
}

/** What the tail of an entry takes beside that. */
export function tailBytes(tail: string, utf8Length: (text: string) => number): number {
  return tail.length <= USUAL_TAIL ? 0 : utf8Length(tail) - USUAL_TAIL;
}

/**
 * Memory that a line takes while it waits elsewhere, as a string beside others. QuickJS stores a text in one byte per
 * character as long as all of them are Latin-1, and in two otherwise. A text that is longer in UTF-8 than in characters
 * may be of either kind and is counted as the larger one.
 * @param bytes its length in UTF-8
 */
export function heldBytes({ length }: string, bytes: number): number {
  return 288 + (bytes === length ? length : 2 * length);
}

/** What precedes the line in its {@link LokiValue}. */
export function headOf(timestamp: string): string {
  return `["${timestamp}",`;
}

/** {@link tailOf} a line without metadata. */
export const PLAIN_TAIL = ']';

/** What follows the line in its {@link LokiValue}. */
export function tailOf(metadata: Metadata | undefined): string {
  return metadata === undefined ? PLAIN_TAIL : `,${JSON.stringify(metadata)}]`;
}

/** The lines of a batch. This takes a hundred times what all else with them does, so it is for rare cases. */
export function valuesOf({ list }: Pick<Batch, 'list'>): LokiValue[] {
  return JSON.parse(`[${list.text()}]`) as LokiValue[];
}

/** Changes all lines of a batch, in rare cases (see {@link valuesOf}). */
export function rewriteValues(batch: Batch, change: (value: LokiValue) => LokiValue): void {
  const values = valuesOf(batch).map(change);
  batch.list.clear();
  for (const [timestamp, line, metadata] of values) batch.list.push(headOf(timestamp), line, tailOf(metadata));
  batch.hasMetadata = values.some(([, , metadata]) => metadata !== undefined);
}
