import type { Diagnostics } from '../diagnostics';

interface Tally {
  lines: number;
  bytes: number;
}

/** Counts the lines that were dropped for want of room, so that the operator is told: on stderr, and in Loki when it is back. */
export class Losses {
  /** What stderr and Loki don't know of yet: each hears at its own time. */
  #untold: Tally = { lines: 0, bytes: 0 };
  #missing: Tally = { lines: 0, bytes: 0 };

  count(bytes: number): void {
    for (const tally of [this.#untold, this.#missing]) {
      tally.lines++;
      tally.bytes += bytes;
    }
  }

  /** Says on stderr what was dropped since this was last said. */
  tell(diagnostics: Diagnostics): void {
    if (this.#untold.lines === 0) return;
    diagnostics.warn(`${textOf(this.#untold)}; BUFFER_SIZE and LOKI_BUFFER_MAX_BYTES set how much is kept while Loki can't be reached`);
    this.#untold = { lines: 0, bytes: 0 };
  }

  /** The line that stands in Loki for what is missing there; `undefined` when nothing is. The count starts anew. */
  takeLine(): string | undefined {
    if (this.#missing.lines === 0) return undefined;
    const line = `LambdaWatch: ${textOf(this.#missing)}`;
    this.#missing = { lines: 0, bytes: 0 };
    return line;
  }
}

function textOf({ lines, bytes }: Tally): string {
  return `dropped ${lines} of the oldest lines (${bytes} bytes) because the buffer was full`;
}
