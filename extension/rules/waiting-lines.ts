import type { Metadata } from '../buffer/batch';

/** A line that waits for the end of its invocation. */
export interface WaitingLine {
  /** The invocation's id, whether or not it is sent. */
  readonly requestId: string | undefined;
  readonly timestamp: string;
  readonly line: string;
  readonly bytes: number;
  /** The memory that it takes, see `heldBytes`. */
  readonly resident: number;
  /** The rule that lets it wait. */
  readonly rule: string;
  /** Its own structured metadata, without the request id. */
  readonly metadata: Metadata | undefined;
}

interface Invocation {
  readonly lines: (WaitingLine | undefined)[];
  /** The number of {@link lines} that have been removed from the front. */
  gone: number;
  /** The number of lines that were dropped because there was no room, and the last of them. */
  evicted: number;
  lastEvicted: WaitingLine | undefined;
}

/** The remaining lines of an invocation. */
export interface Left {
  readonly lines: readonly WaitingLine[];
  readonly evicted: number;
  readonly lastEvicted: WaitingLine | undefined;
}

/**
 * Lines by invocation, oldest first, within a bound of memory: the oldest line of the oldest invocation is dropped
 * first.
 */
export class WaitingLines {
  readonly #maxBytes: number;
  readonly #invocations = new Map<string, Invocation>();
  #resident = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get resident(): number {
    return this.#resident;
  }

  /** The invocations with waiting lines. */
  get ids(): string[] {
    return [...this.#invocations.keys()];
  }

  /** @returns the lines that were dropped to make room. */
  add(id: string, line: WaitingLine): WaitingLine[] {
    let invocation = this.#invocations.get(id);
    if (invocation === undefined) {
      invocation = { lines: [], gone: 0, evicted: 0, lastEvicted: undefined };
      this.#invocations.set(id, invocation);
    }
    invocation.lines.push(line);
    this.#resident += line.resident;
    const evicted: WaitingLine[] = [];
    while (this.#resident > this.#maxBytes) evicted.push(this.#evict());
    return evicted;
  }

  /** Removes the lines of an invocation and returns them. */
  take(id: string): Left | undefined {
    const invocation = this.#invocations.get(id);
    if (invocation === undefined) return undefined;
    this.#invocations.delete(id);
    const lines = invocation.lines.slice(invocation.gone) as WaitingLine[];
    for (const { resident } of lines) this.#resident -= resident;
    return { lines, evicted: invocation.evicted, lastEvicted: invocation.lastEvicted };
  }

  #evict(): WaitingLine {
    for (const invocation of this.#invocations.values()) {
      const { lines } = invocation;
      const line = lines[invocation.gone];
      if (line === undefined) continue;
      // Taking from the front of an array costs time in proportion to its length.
      lines[invocation.gone] = undefined;
      if (++invocation.gone > 256 && invocation.gone * 2 > lines.length) {
        lines.splice(0, invocation.gone);
        invocation.gone = 0;
      }
      invocation.evicted++;
      invocation.lastEvicted = line;
      this.#resident -= line.resident;
      return line;
    }
    throw new Error('memory is taken, but by no line');
  }
}
