import type { LokiValue } from '../loki/push-body';

/** Lines of one stream that go into one push. Stays in the buffer until Loki has them. */
export interface Batch {
  /** Value of the label `request_id`, or '' for the stream without one. */
  requestId: string;
  values: LokiValue[];
  /** Bytes of the lines (UTF-8). */
  bytes: number;
  /** Being pushed: neither taken again nor dropped. */
  inFlight: boolean;
}

export interface BufferLimits {
  readonly maxLines: number;
  readonly maxBytes: number;
  /** A batch is full at this many lines … */
  readonly batchLines: number;
  /** … or when one more line would make it larger than this. */
  readonly batchBytes: number;
}

/**
 * Holds lines, oldest first, within bounds of count and of bytes. A queue of batches rather than of lines: taking from the front of one
 * long array costs several times as much, and a batch is what is pushed, kept and pushed again.
 */
export class LineBuffer {
  readonly #maxLines: number;
  readonly #maxBytes: number;
  readonly #batchLines: number;
  readonly #utf8Length: (text: string) => number;
  /** In order of creation. */
  #batches: Batch[] = [];
  /** Batches that still take lines, by stream. */
  readonly #open = new Map<string, Batch>();
  /** The one of them that took the last line: mostly it takes the next one too, and need not be looked up. */
  #latest: Batch | undefined;
  #lines = 0;
  #bytes = 0;
  #batchBytes: number;

  constructor(limits: BufferLimits, utf8Length: (text: string) => number) {
    this.#maxLines = limits.maxLines;
    this.#maxBytes = limits.maxBytes;
    this.#batchLines = limits.batchLines;
    this.#utf8Length = utf8Length;
    this.#batchBytes = limits.batchBytes;
  }

  get lines(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** Whether a line of so many bytes fits without dropping another. A line larger than the whole bound fits into an empty buffer. */
  hasRoomFor(bytes: number): boolean {
    return this.#lines < this.#maxLines && (this.#bytes + bytes <= this.#maxBytes || this.#lines === 0);
  }

  /** Appends a line to its stream. The bounds are the caller's to keep, by {@link hasRoomFor} and {@link dropOldest}. `true` when that filled a batch. */
  add(requestId: string, value: LokiValue, bytes: number): boolean {
    let batch = this.#latest;
    const batchBytes = this.#batchBytes;
    if (batch === undefined || batch.requestId !== requestId) batch = this.#open.get(requestId);
    if (batch === undefined || batch.bytes + bytes > batchBytes) {
      batch = { requestId, values: [], bytes: 0, inFlight: false };
      this.#open.set(requestId, batch);
      this.#batches.push(batch);
    }
    this.#latest = batch;
    const lines = batch.values.push(value);
    batch.bytes += bytes;
    this.#lines++;
    this.#bytes += bytes;
    if (lines < this.#batchLines && batch.bytes < batchBytes) return false;
    this.#open.delete(requestId);
    this.#latest = undefined;
    return true;
  }

  /** Lets the batches that still take lines take no more, so that {@link take} finds them. */
  close(): void {
    this.#open.clear();
    this.#latest = undefined;
  }

  /** The oldest batch that takes no more lines and is not being pushed, marked as being pushed from now on. */
  take(): Batch | undefined {
    const batch = this.#batches.find((candidate) => !candidate.inFlight && this.#open.get(candidate.requestId) !== candidate);
    if (batch !== undefined) batch.inFlight = true;
    return batch;
  }

  /** Loki did not take it: it waits again, at its old place. */
  giveBack(batch: Batch): void {
    batch.inFlight = false;
  }

  /** Loki has it, or never will: it leaves. */
  remove(batch: Batch): void {
    const at = this.#batches.indexOf(batch);
    if (at < 0) return;
    this.#batches.splice(at, 1);
    this.#lines -= batch.values.length;
    this.#bytes -= batch.bytes;
  }

  /** Two halves take the batch's place, and from now on batches are filled no further than the halves are. */
  split(batch: Batch): void {
    const middle = batch.values.length >> 1;
    const tail: Batch = { requestId: batch.requestId, values: batch.values.splice(middle), bytes: 0, inFlight: false };
    for (const value of tail.values) tail.bytes += this.#utf8Length(value[1]);
    batch.bytes -= tail.bytes;
    batch.inFlight = false;
    this.#batches.splice(this.#batches.indexOf(batch) + 1, 0, tail);
    this.#batchBytes = Math.max(1, Math.min(this.#batchBytes, Math.max(batch.bytes, tail.bytes)));
  }

  /** Drops the oldest line that is not being pushed and returns its bytes; `undefined` when there is none. */
  dropOldest(): number | undefined {
    const batch = this.#batches.find((candidate) => !candidate.inFlight);
    const value = batch?.values.shift();
    if (batch === undefined || value === undefined) return undefined;
    const bytes = this.#utf8Length(value[1]);
    batch.bytes -= bytes;
    this.#lines--;
    this.#bytes -= bytes;
    if (batch.values.length === 0) {
      this.#batches.splice(this.#batches.indexOf(batch), 1);
      if (this.#open.get(batch.requestId) === batch) this.#open.delete(batch.requestId);
      if (this.#latest === batch) this.#latest = undefined;
    }
    return bytes;
  }

  /** Changes every waiting batch, for a change of the streams that they go to; those being pushed are left to whoever pushes them. */
  rewrite(change: (batch: Batch) => void): void {
    this.close();
    for (const batch of this.#batches) {
      if (!batch.inFlight) change(batch);
    }
  }
}
