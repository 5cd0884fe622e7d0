/**
 * A time that is further ahead of the clock than this is not used: all later lines would have to get later times than
 * such a record. Lambda uses the clock of the environment, so correct times are never ahead by more than rounding.
 */
const AHEAD_MS = 2000;

const NANOS_PER_MS = 1_000_000;

/**
 * The offset in nanoseconds at which an environment starts each millisecond. @param random 0 ≤ x < 1, other than in any
 * other environment.
 */
export function offsetOf(random: number): number {
  return 100_000 + Math.floor(random * 400_000);
}

/**
 * Assigns each line its timestamp in nanoseconds. Telemetry only has milliseconds, and Loki stores only one of two
 * equal lines with the same stream and timestamp. Therefore each line is at least one nanosecond later than the
 * previous one: all lines are kept, in order of arrival.
 *
 * Environments of one function write to the same streams unless a request id separates them. Each starts its
 * milliseconds at its own `offset` ({@link offsetOf}), so that Loki does not take the same line in two of them for a
 * duplicate.
 *
 * If the clock was set back, the order is not kept: lines continue at the new time, and start their milliseconds half a
 * millisecond from the previous offset, so that Loki does not take lines of a repeated millisecond for duplicates.
 */
export class Timestamps {
  #offset: number;
  #millis = 0;
  /** {@link #millis} as text. */
  #prefix = '0';
  #nanos = 0;
  #lastText: unknown;
  #lastParsed = 0;

  constructor(offset: number) {
    this.#offset = offset;
  }

  /** The environment has been restored from a snapshot, which others may have been restored from. */
  restart(offset: number): void {
    this.#offset = offset;
  }

  /** A delivery is about to be taken in. @param now milliseconds since the epoch. */
  begin(now: number): void {
    const latest = now + AHEAD_MS;
    if (this.#lastParsed > latest) this.#lastParsed = 0;
    if (this.#millis <= latest) return;
    this.#millis = 0;
    this.#offset = (this.#offset + NANOS_PER_MS / 2) % NANOS_PER_MS;
  }

  /** The telemetry `time` in milliseconds since the epoch; `now` when it can't be read or lies too far ahead. */
  parse(time: unknown, now: number): number {
    if (this.#lastParsed > 0 && time === this.#lastText) return this.#lastParsed; // lines of one burst mostly share it
    const parsed = typeof time === 'string' ? Date.parse(time) : NaN;
    if (!(parsed > 0 && parsed <= now + AHEAD_MS)) return Math.floor(now);
    this.#lastText = time;
    this.#lastParsed = parsed;
    return parsed;
  }

  /**
   * The next timestamp for a line of this telemetry `time`: {@link parse} and {@link next}, without either where the
   * time is that of the line before.
   */
  take(time: unknown, now: number): string {
    if (this.#continues(time)) return this.#prefix + ++this.#nanos;
    return this.next(this.parse(time, now));
  }

  /**
   * Readies a run of lines of this telemetry `time`: their timestamps are {@link prefix} and behind it the numbers from
   * {@link number} on, of which {@link taken} says how many were used.
   */
  beginRun(time: unknown, now: number): void {
    if (this.#continues(time)) this.#nanos++;
    else this.#advance(this.parse(time, now));
  }

  get prefix(): string {
    return this.#prefix;
  }

  get number(): number {
    return this.#nanos;
  }

  /** How many timestamps there are for a run; none where numbers would need a zero in front. */
  get available(): number {
    return this.#nanos < 100_000 ? 0 : NANOS_PER_MS - this.#nanos;
  }

  taken(count: number): void {
    if (count > 0) this.#nanos += count - 1;
  }

  /** Whether a line of this time comes in the millisecond of the line before, and needs no padding. */
  #continues(time: unknown): boolean {
    if (time !== this.#lastText || this.#lastParsed <= 0 || this.#lastParsed > this.#millis) return false;
    return this.#nanos >= 99_999 && this.#nanos < NANOS_PER_MS - 1;
  }

  /** The next timestamp for a line of this millisecond, in nanoseconds since the epoch, as Loki's push API wants it. */
  next(millis: number): string {
    this.#advance(millis);
    // Padding costs as much as all the rest of this.
    return this.#nanos >= 100_000 ? this.#prefix + this.#nanos : this.#prefix + String(this.#nanos).padStart(6, '0');
  }

  #advance(millis: number): void {
    if (millis > this.#millis) {
      this.#start(millis, this.#offset);
    } else if (++this.#nanos === NANOS_PER_MS) {
      this.#start(this.#millis + 1, 0);
    }
  }

  #start(millis: number, nanos: number): void {
    this.#millis = millis;
    this.#prefix = String(millis);
    this.#nanos = nanos;
  }
}
