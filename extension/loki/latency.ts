/** Share by which the estimate falls with each push that was quicker. It rises at once. */
const FALL = 0.2;

/** Learns how long Loki takes for a push that it stores, connecting included: the slowest recent one, which is forgotten bit by bit. */
export class Latency {
  #healthyMs = 0;

  /** 0 until the first push has been stored. */
  get healthyMs(): number {
    return this.#healthyMs;
  }

  note(tookMs: number): void {
    this.#healthyMs = tookMs >= this.#healthyMs ? tookMs : this.#healthyMs - (this.#healthyMs - tookMs) * FALL;
  }
}
