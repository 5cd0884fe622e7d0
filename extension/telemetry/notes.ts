/** The maximum number of messages that are sent to Loki in a time window. */
const MOST = 5;
const WINDOW_MS = 60_000;

/**
 * Sends the extension's own warnings to Loki. A failed push causes a warning, which is another line to push. To prevent
 * an endless loop, only a few warnings are sent per minute, and none twice. The others are counted.
 */
export class Notes {
  readonly #taken = new Set<string>();
  readonly #now: () => number;
  readonly #put: (line: string) => void;
  #since = -Infinity;
  #leftOut = 0;

  /** @param put puts a line into the environment's stream. */
  constructor(now: () => number, put: (line: string) => void) {
    this.#now = now;
    this.#put = put;
  }

  take(line: string): void {
    const now = this.#now();
    // The clock may have been set back.
    if (Math.abs(now - this.#since) >= WINDOW_MS) this.#begin(now);
    // Messages are the same if they differ only in numbers, such as the number of waiting lines or the port of a
    // connection.
    const text = line.replace(/\d+/g, '0');
    if (this.#taken.has(text) || this.#taken.size >= MOST) {
      this.#leftOut++;
      return;
    }
    this.#taken.add(text);
    this.#put(line);
  }

  #begin(now: number): void {
    if (this.#leftOut > 0)
      this.#put(`LambdaWatch: left out ${this.#leftOut} of its own messages, which were like those before`);
    this.#leftOut = 0;
    this.#since = now;
    this.#taken.clear();
  }
}
