/** Pushes that have to pass at a reduced size before a larger one is tried. */
const PASSES_TO_GROW = 20;

/**
 * How large batches may get, in bytes: less after Loki has found one too large, and step by step more when pushes pass
 * again.
 */
export class BatchSize {
  readonly #most: number;
  #current: number;
  #passes = 0;

  /** @param most the size to begin with, which is never exceeded. */
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

  /** A push has passed. */
  passed(): void {
    if (this.#current === this.#most || ++this.#passes < PASSES_TO_GROW) return;
    this.#passes = 0;
    this.#current = Math.min(this.#most, this.#current * 2);
  }
}
