import type { Cancel, Platform } from '../platform/types';

/**
 * Calls `tick` again and again, at an interval that changes with the state of the environment. That changes twice in
 * each invocation, so a timer that is due before the next tick is left running, and is set again when it fires.
 */
export class Ticker {
  readonly #platform: Pick<Platform, 'monotonic' | 'setTimer'>;
  readonly #tick: () => void;
  #cancel: Cancel | undefined;
  /** When the timer is due, and when the next tick is, on the monotonic clock. */
  #timer = Infinity;
  #due = Infinity;
  #intervalMs = 0;
  readonly #onTimer = (): void => this.#fired();

  constructor(platform: Pick<Platform, 'monotonic' | 'setTimer'>, tick: () => void) {
    this.#platform = platform;
    this.#tick = tick;
  }

  /** Starts again: the first tick comes after `intervalMs`. */
  every(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    this.#due = this.#platform.monotonic() + intervalMs;
    if (this.#timer > this.#due) this.#set(intervalMs);
  }

  /** Stops all ticks. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timer = Infinity;
    this.#due = Infinity;
  }

  /** No tick comes before {@link every} is called again, which is soon, so the timer is left running. */
  pause(): void {
    this.#due = Infinity;
  }

  #set(ms: number): void {
    this.#cancel?.();
    this.#timer = this.#platform.monotonic() + ms;
    this.#cancel = this.#platform.setTimer(ms, this.#onTimer);
  }

  #fired(): void {
    this.#cancel = undefined;
    this.#timer = Infinity;
    if (this.#due === Infinity) return;
    const left = this.#due - this.#platform.monotonic();
    if (left > 0) return this.#set(left);
    this.every(this.#intervalMs);
    this.#tick();
  }
}
