/** Allows `burst` bytes at once and `rate` bytes per second in the long run; starts full. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number;

  constructor(
    readonly rate: number,
    readonly burst: number,
    now: number,
  ) {
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** Takes `amount` when there is that much at `now` (milliseconds); takes nothing otherwise. */
  take(amount: number, now: number): boolean {
    if (this.rate === Infinity) {
      return true;
    }
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#filledAt) / 1_000) * this.rate);
    this.#filledAt = now;
    if (amount > this.#tokens) {
      return false;
    }
    this.#tokens -= amount;
    return true;
  }
}
