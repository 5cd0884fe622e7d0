/** The number of pushes that have to succeed at a reduced size before a larger size is tried. */
const PASSES_TO_GROW = 20;

/**
 * The maximum size of batches in bytes. It shrinks after Loki has rejected a batch as too large, and grows step by step
 * while pushes succeed.
 */
export class BatchSize {
  readonly #most: number;
  #current: number;
  #passes = 0;

  /** @param most the initial size, which is never exceeded. */
  constructor(most: number) {
    this.#most = most;
    this.#current = most;
  }

  get current(): number {
    return this.#current;
  }

  /** A batch was too large; its halves have these sizes. */
  shrink(...halves: readonly number[]): void {
    this.#current = Math.max(1, Math.min(this.#current, Math.max(...halves)));
    this.#passes = 0;
  }

  /** A push was stored. */
  passed(): void {
    if (this.#current === this.#most || ++this.#passes < PASSES_TO_GROW) return;
    this.#passes = 0;
    this.#current = Math.min(this.#most, this.#current * 2);
  }
}
