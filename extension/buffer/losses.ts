import type { Diagnostics } from '../diagnostics';

/** Counts the lines that were dropped for want of room, so that the operator is told: on stderr, and in Loki when it is back. */
export class Losses {
  #lines = 0;
  #bytes = 0;
  #untold = false;

  count(bytes: number): void {
    this.#lines++;
    this.#bytes += bytes;
    this.#untold = true;
  }

  /** Says on stderr what was dropped since this was last said. */
  tell(diagnostics: Diagnostics): void {
    if (!this.#untold) return;
    this.#untold = false;
    diagnostics.warn(`${this.#text()}; BUFFER_SIZE and LOKI_BUFFER_MAX_BYTES set how much is kept while Loki can't be reached`);
  }

  /** The line that stands in Loki for what is missing there; `undefined` when nothing is. The count starts anew. */
  takeLine(): string | undefined {
    if (this.#lines === 0) return undefined;
    const line = `LambdaWatch: ${this.#text()}`;
    this.#lines = this.#bytes = 0;
    return line;
  }

  #text(): string {
    return `dropped ${this.#lines} of the oldest lines (${this.#bytes} bytes) because the buffer was full`;
  }
}
