import type { JsonForms, JsonRows, Platform } from '../platform/types';
import {
  type Batch,
  ENTRY_BYTES,
  headOf,
  type LokiValue,
  PLAIN_TAIL,
  residentBytes,
  tailBytes,
  tailOf,
  valuesOf,
} from './batch';
import { BatchSize } from './batch-size';

export interface BufferLimits {
  readonly maxLines: number;
  /** The most memory that the lines may take. */
  readonly maxBytes: number;
  /** A batch is full at this many lines … */
  readonly batchLines: number;
  /** … or when one more line would make it larger than this (UTF-8). */
  readonly batchBytes: number;
}

/** Rows of a table that are appended as lines. */
export interface Run {
  readonly row: number;
  /** The first digits of their timestamps. `number` follows for the first line, and the next numbers for the others. */
  readonly prefix: string;
  readonly number: number;
  readonly most: number;
  /** The length of the longest line in UTF-8. */
  readonly longest: number;
  /** The longest tail of a form. */
  readonly longestTail: string;
}

const NO_ROWS = { lines: 0, filled: false };

/**
 * How many batches behind the oldest one are searched for lines of the same stream. This limits the time that taking a
 * batch costs.
 */
const LOOK_AHEAD = 64;

/**
 * Holds lines, oldest first, within bounds of count and memory. It is a queue of batches, not of lines: taking from the
 * front of one long array costs several times as much, and a batch is what is pushed, kept and pushed again.
 */
export class LineBuffer {
  /** Whether only the bound of memory applies for now, and not that of lines. */
  mayExceedLines = false;
  readonly #maxLines: number;
  readonly #maxBytes: number;
  readonly #batchLines: number;
  readonly #batchSize: BatchSize;
  /** The value of {@link BatchSize}, kept here because each line needs it. */
  #batchBytes: number;
  readonly #utf8Length: Platform['utf8Length'];
  readonly #createList: Platform['createList'];
  /** In the order of their creation. */
  #batches: Batch[] = [];
  /** Batches that still take lines, by stream. */
  readonly #open = new Map<string, Batch>();
  /** The open batch that the last line went to. The next line usually goes to it, too, without a lookup. */
  #latest: Batch | undefined;
  /** The last tail, and the memory that it takes. The next line usually has the same one. */
  #tail = PLAIN_TAIL;
  #tailBytes = 0;
  #storedLines = 0;
  #storedPushes = 0;
  #lines = 0;
  #resident = 0;

  constructor(limits: BufferLimits, platform: Pick<Platform, 'utf8Length' | 'createList'>) {
    this.#maxLines = limits.maxLines;
    this.#maxBytes = limits.maxBytes;
    this.#batchLines = limits.batchLines;
    this.#batchBytes = limits.batchBytes;
    this.#batchSize = new BatchSize(limits.batchBytes);
    this.#utf8Length = platform.utf8Length;
    this.#createList = platform.createList;
  }

  get lines(): number {
    return this.#lines;
  }

  /** How many of them Loki may have: their last push ended without an answer. */
  get uncertainLines(): number {
    return this.#batches.reduce((lines, batch) => lines + (batch.uncertain ? batch.lines : 0), 0);
  }

  /** Memory that the lines take. */
  get resident(): number {
    return this.#resident;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** The number of lines that Loki has stored so far, and of the pushes that they were in. */
  get stored(): { readonly lines: number; readonly pushes: number } {
    return { lines: this.#storedLines, pushes: this.#storedPushes };
  }

  /** How full the buffer is: 1 when one of its bounds is reached. */
  get fill(): number {
    return Math.max(this.#lines / this.#maxLines, this.#resident / this.#maxBytes);
  }

  /** The number of batches that wait to be pushed, without those that are set aside. */
  get waiting(): number {
    let count = 0;
    for (const batch of this.#batches) if (batch.aside === undefined && this.#isWaiting(batch)) count++;
    return count;
  }

  /** The number of pushes that all waiting lines would take if they were one stream. */
  get pushesNeeded(): number {
    return Math.ceil(this.#lines / this.#batchLines);
  }

  /**
   * Whether a line fits without dropping another. A line larger than the whole bound fits into an empty buffer.
   * @param resident see {@link residentBytes}.
   */
  hasRoomFor(resident: number): boolean {
    return this.#lines < this.#mostLines && this.hasMemoryFor(resident);
  }

  /** Whether a line fits into the bound of memory, regardless of the number of lines. */
  hasMemoryFor(resident: number): boolean {
    return this.#resident + resident <= this.#maxBytes || this.#lines === 0;
  }

  /**
   * Appends a line to its stream. The caller keeps the bounds, by {@link hasRoomFor} and {@link dropOldest}.
   * @param tail of the line's entry, see `tailOf`
   * @returns `true` when the line filled a batch.
   */
  add(requestId: string, timestamp: string, line: string, tail: string = PLAIN_TAIL): boolean {
    let batch = this.#latest;
    const batchBytes = this.#batchBytes;
    if (batch === undefined || batch.requestId !== requestId) batch = this.#open.get(requestId);
    // Bytes are counted only where it matters: a character takes three at most.
    const exceeds =
      batch !== undefined &&
      batch.bytes + 3 * line.length > batchBytes &&
      batch.bytes + this.#utf8Length(line) > batchBytes;
    if (batch === undefined || exceeds) batch = this.#begin(requestId);
    this.#latest = batch;
    const bytes = batch.list.push(headOf(timestamp), line, tail);
    const resident = residentBytes(bytes) + this.#bytesOf(tail);
    const lines = ++batch.lines;
    if (tail !== PLAIN_TAIL) batch.hasMetadata = true;
    batch.bytes += bytes;
    batch.resident += resident;
    this.#lines++;
    this.#resident += resident;
    if (lines < this.#batchLines && batch.bytes < batchBytes) return false;
    this.#closeOne(requestId);
    return true;
  }

  /**
   * Appends rows of a table to the open batch of their stream, if there is one, up to the first row that differs from
   * the others, has no form, or would exceed a bound; see `JsonList.pushRows`.
   */
  addRows(requestId: string, rows: JsonRows, forms: JsonForms, run: Run): { lines: number; filled: boolean } {
    const batch = this.#open.get(requestId);
    if (batch === undefined) return NO_ROWS;
    const mostLines = Math.min(run.most, this.#batchLines - batch.lines, this.#mostLines - this.#lines);
    const entryBytes = ENTRY_BYTES + this.#bytesOf(run.longestTail);
    const room = this.#maxBytes - this.#resident - mostLines * entryBytes;
    const mostBytes = Math.min(this.#batchBytes - batch.bytes, room);
    if (mostLines <= 0 || mostBytes <= 0) return NO_ROWS;
    const { list } = batch;
    const head = `["${run.prefix}`;
    const bytes = list.pushRows(rows, forms, head, '",', run.row, run.number, mostLines, mostBytes, run.longest);
    const lines = list.count() - batch.lines;
    if (lines === 0) return NO_ROWS;
    const resident = bytes + lines * entryBytes;
    batch.hasMetadata ||= run.longestTail !== PLAIN_TAIL;
    batch.lines += lines;
    batch.bytes += bytes;
    batch.resident += resident;
    this.#lines += lines;
    this.#resident += resident;
    const filled = batch.lines >= this.#batchLines || batch.bytes >= this.#batchBytes;
    if (filled) this.#closeOne(requestId);
    return { lines, filled };
  }

  get #mostLines(): number {
    return this.mayExceedLines ? Infinity : this.#maxLines;
  }

  #bytesOf(tail: string): number {
    if (tail !== this.#tail) {
      this.#tail = tail;
      this.#tailBytes = tailBytes(tail, this.#utf8Length);
    }
    return this.#tailBytes;
  }

  #closeOne(requestId: string): void {
    this.#open.delete(requestId);
    this.#latest = undefined;
  }

  #begin(requestId: string): Batch {
    const batch: Batch = {
      requestId,
      list: this.#createList(),
      lines: 0,
      hasMetadata: false,
      bytes: 0,
      resident: 0,
      inFlight: false,
      uncertain: false,
      alone: false,
      suspectedAt: 0,
    };
    this.#open.set(requestId, batch);
    this.#batches.push(batch);
    return batch;
  }

  /** Closes the batches that still take lines, so that {@link take} finds them. */
  close(): void {
    this.#open.clear();
    this.#latest = undefined;
  }

  /**
   * Marks the oldest closed batch as being pushed and returns it. Batches of its stream that follow are merged into it,
   * up to the limits of a batch. Suspects come after all others, the latest suspect last; batches that are set aside
   * are left out.
   * @param anyNumber the limit of bytes applies, and that of lines doesn't.
   */
  take({ anyNumber = false } = {}): Batch | undefined {
    let suspect = -1;
    for (let i = 0; i < this.#batches.length; i++) {
      const batch = this.#batches[i];
      if (batch.aside !== undefined || !this.#isWaiting(batch)) continue;
      if (batch.suspectedAt === 0) return this.#takeAt(i, anyNumber);
      if (suspect < 0 || batch.suspectedAt < this.#batches[suspect].suspectedAt) suspect = i;
    }
    return suspect < 0 ? undefined : this.#takeAt(suspect, anyNumber);
  }

  /** Whether there is a batch, waiting or being pushed, that is neither suspected nor set aside. */
  get hasUnsuspected(): boolean {
    return this.#batches.some((batch) => batch.suspectedAt === 0 && (batch.inFlight || this.#isWaiting(batch)));
  }

  /** Like {@link take}, for the batches that were set aside and are due for another try. */
  takeAside(now: number): Batch | undefined {
    const batch = this.#aside(now);
    if (batch !== undefined) batch.inFlight = true;
    return batch;
  }

  /** Whether a batch that was set aside may be tried again. @param now milliseconds on the monotonic clock. */
  isAsideDue(now: number): boolean {
    return this.#aside(now) !== undefined;
  }

  /** All batches that were set aside are due for another try, and their failures are forgotten. */
  allAsideDue(): void {
    for (const batch of this.#batches) if (batch.aside !== undefined) batch.aside = { failures: 0, notBefore: 0 };
  }

  /**
   * The push of a batch is over: the batch waits again at its old place, if it is still here. @returns whether it is.
   */
  giveBack(batch: Batch): boolean {
    const { inFlight } = batch;
    batch.inFlight = false;
    return inFlight;
  }

  /** Removes a batch that Loki has stored or has refused for good. */
  remove(batch: Batch, stored = false): void {
    if (stored) {
      this.#storedLines += batch.lines;
      this.#storedPushes++;
      this.#batchSize.passed();
      this.#batchBytes = this.#batchSize.current;
    }
    batch.inFlight = false;
    const at = this.#batches.indexOf(batch);
    if (at < 0) return;
    this.#batches.splice(at, 1);
    this.#lines -= batch.lines;
    this.#resident -= batch.resident;
  }

  /** Replaces the batch with its two halves. */
  split(batch: Batch): void {
    const middle = batch.lines >> 1;
    const list = batch.list.splitOff(middle);
    const tail: Batch = { ...batch, list, lines: batch.lines - middle, bytes: 0, resident: 0, inFlight: false };
    for (const [, line, metadata] of valuesOf(tail)) {
      const bytes = this.#utf8Length(line);
      tail.bytes += bytes;
      tail.resident += residentBytes(bytes) + this.#bytesOf(tailOf(metadata));
    }
    batch.lines = middle;
    batch.bytes -= tail.bytes;
    batch.resident -= tail.resident;
    batch.inFlight = false;
    this.#batches.splice(this.#batches.indexOf(batch) + 1, 0, tail);
  }

  /**
   * Like {@link split}, for a batch that was larger than Loki accepts: from now on no batch becomes larger than the
   * halves.
   */
  splitTooLarge(batch: Batch): void {
    const { bytes } = batch;
    batch.alone = true;
    this.split(batch);
    this.#batchSize.shrink(batch.bytes, bytes - batch.bytes);
    this.#batchBytes = this.#batchSize.current;
  }

  /**
   * Drops the oldest line that is not being pushed and returns its bytes; `undefined` when there is none. Lines that
   * Loki may have stored are dropped last: nobody could tell whether they were lost, and Loki stores them once if they
   * are sent again.
   */
  dropOldest(): number | undefined {
    const batch =
      this.#batches.find((candidate) => !candidate.inFlight && !candidate.uncertain) ??
      this.#batches.find((candidate) => !candidate.inFlight);
    const oldest = batch?.list.shift();
    if (batch === undefined || oldest === undefined) return undefined;
    const [, line, metadata] = JSON.parse(oldest) as LokiValue;
    const bytes = this.#utf8Length(line);
    // Removes what is still counted for metadata that the batch no longer has.
    const resident = batch.lines === 1 ? batch.resident : residentBytes(bytes) + this.#bytesOf(tailOf(metadata));
    batch.lines--;
    batch.bytes -= bytes;
    batch.resident -= resident;
    this.#lines--;
    this.#resident -= resident;
    if (batch.lines === 0) {
      this.#batches.splice(this.#batches.indexOf(batch), 1);
      if (this.#open.get(batch.requestId) === batch) this.#open.delete(batch.requestId);
      if (this.#latest === batch) this.#latest = undefined;
    }
    return bytes;
  }

  /** Changes each waiting batch, for example its stream. Batches that are being pushed are left to their push. */
  rewrite(change: (batch: Batch) => void): void {
    this.close();
    for (const batch of this.#batches) {
      if (!batch.inFlight) change(batch);
    }
  }

  #aside(now: number): Batch | undefined {
    return this.#batches.find((one) => one.aside !== undefined && one.aside.notBefore <= now && !one.inFlight);
  }

  #isWaiting(batch: Batch): boolean {
    return !batch.inFlight && this.#open.get(batch.requestId) !== batch;
  }

  #takeAt(index: number, anyNumber: boolean): Batch {
    const batch = this.#batches[index];
    if (!batch.alone) this.#mergeInto(batch, index, anyNumber ? Infinity : this.#batchLines);
    batch.inFlight = true;
    return batch;
  }

  /** Timestamps stay as they are, so it makes no difference to Loki in which push a line arrives. */
  #mergeInto(batch: Batch, index: number, mostLines: number): void {
    const mostBytes = this.#batchBytes;
    const end = mostLines === Infinity ? this.#batches.length : Math.min(this.#batches.length, index + 1 + LOOK_AHEAD);
    const merged = new Set<Batch>();
    for (let i = index + 1; i < end; i++) {
      const next = this.#batches[i];
      if (next.requestId !== batch.requestId) continue;
      if (next.alone || !this.#isWaiting(next)) break;
      if (batch.lines + next.lines > mostLines || batch.bytes + next.bytes > mostBytes) break;
      batch.list.append(next.list);
      batch.lines += next.lines;
      batch.hasMetadata ||= next.hasMetadata;
      batch.bytes += next.bytes;
      batch.resident += next.resident;
      batch.uncertain ||= next.uncertain;
      merged.add(next);
    }
    if (merged.size > 0) this.#batches = this.#batches.filter((other) => !merged.has(other));
  }
}
