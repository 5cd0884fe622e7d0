/** The share by which the estimate decreases with each faster push. It increases immediately. */
const FALL = 0.2;

/** A push that has to connect first takes three more round trips, TLS included, so at most this many times as long. */
const CONNECTING_FACTOR = 4;

/**
 * Learns how long Loki takes for a push that it stores. The estimate is the slowest of the recent pushes, which decays
 * gradually; a single slow push between fast ones does not count, because the environment may have been frozen in the
 * meantime.
 */
export class Latency {
  #keptMs = 0;
  #lastMs = Infinity;
  #freshMs = 0;

  /** On a connection that is there already, in milliseconds; 0 until a push has been stored. */
  get keptMs(): number {
    return this.#keptMs;
  }

  /** Connecting included, in milliseconds; 0 until a push has been stored. */
  get freshMs(): number {
    return Math.max(this.#freshMs, this.#keptMs);
  }

  /** @param fresh whether the push had to connect first, as far as is known. */
  note(tookMs: number, fresh: boolean): void {
    if (fresh) this.#freshMs = tookMs;
    const sure = Math.min(tookMs, this.#lastMs);
    this.#lastMs = tookMs;
    this.#keptMs = sure >= this.#keptMs ? sure : this.#keptMs - (this.#keptMs - sure) * FALL;
    // One slow start of Loki or of the environment must not count forever.
    const excess = this.#freshMs - CONNECTING_FACTOR * this.#keptMs;
    if (!fresh && excess > 0) this.#freshMs -= excess * FALL;
  }
}
