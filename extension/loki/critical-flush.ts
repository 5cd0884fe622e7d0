import type { Cancel, Platform } from '../platform/types';
import type { Pacer } from './pacer';

/** In less time no push can pass. */
const SHORTEST_FLUSH_MS = 5;

/**
 * A flush that ran out of time found Loki busy, not out of order, when a push passed in it, not longer ago than this
 * or than a push takes.
 */
const BUSY_MS = 1000;

/**
 * Silence for so long, and for longer than a healthy push takes, is a failure of Loki's. A flush that has less time
 * proves nothing.
 */
const SILENCE_MS = 400;

interface Terms {
  /** Most time that it may take, in milliseconds. */
  readonly limitMs: number;
  /**
   * In an outage it only sees whether that is over: most time until a push passes. `undefined` where there is no
   * outage.
   */
  readonly probeMs: number | undefined;
  /** Failures after which it goes on; a probe has none. */
  readonly retries: number;
  /** The environment ends. */
  readonly last: boolean;
}

/**
 * A flush that something waits for: the end of an invocation, or of the environment. It keeps the time and counts the
 * failures, and says when there is no use in going on.
 */
export class CriticalFlush {
  readonly last: boolean;
  readonly #clock: Pick<Platform, 'monotonic' | 'setTimer'>;
  readonly #pacer: Pick<Pacer, 'lastPassed' | 'healthyMs' | 'usualMs'>;
  readonly #retries: number;
  readonly #onExpired: () => void;
  readonly #began: number;
  /** On the monotonic clock, as the deadlines are. */
  readonly #fullDeadline: number;
  #deadline: number;
  #probing: boolean;
  /** Since it began or a push passed. */
  #failures = 0;
  #over = false;
  #expired = false;
  #cancelTimer: Cancel = () => undefined;

  /** @param onExpired called when its time is up, which may be at once. */
  constructor(
    clock: Pick<Platform, 'monotonic' | 'setTimer'>,
    pacer: Pick<Pacer, 'lastPassed' | 'healthyMs' | 'usualMs'>,
    { limitMs, probeMs, retries, last }: Terms,
    onExpired: () => void,
  ) {
    this.last = last;
    this.#clock = clock;
    this.#pacer = pacer;
    this.#retries = retries;
    this.#onExpired = onExpired;
    this.#began = clock.monotonic();
    this.#fullDeadline = this.#began + limitMs;
    this.#deadline = this.#began + Math.min(limitMs, probeMs ?? limitMs);
    this.#probing = probeMs !== undefined;
    if (limitMs < SHORTEST_FLUSH_MS) this.#expire();
    else this.#setTimer();
  }

  /** There is no use in going on. */
  get isOver(): boolean {
    return this.#over;
  }

  get timeLeft(): number {
    return this.#deadline - this.#clock.monotonic();
  }

  /** A push has passed. A probe that passes gives the flush all the time that it would have had without an outage. */
  passed(): void {
    this.#failures = 0;
    if (this.#over || !this.#probing) return;
    this.#probing = false;
    this.#deadline = this.#fullDeadline;
    this.#cancelTimer();
    this.#setTimer();
  }

  /** A push has failed for a reason that is Loki's. */
  failed(): void {
    this.#failures++;
  }

  /** No push is begun any more. Those that are under way have the time that is left. */
  stop(): void {
    this.#over = true;
  }

  /** Whether there is time, and any use, for another try after a pause. A probe has no second try. */
  mayGoOnAfter(pauseMs: number): boolean {
    if (this.#over || this.#failures > (this.#probing ? 0 : this.#retries)) return false;
    return pauseMs < (this.#probing ? 1 : this.timeLeft);
  }

  /**
   * Whether a push that begins now would be called off: a function is not held for that. At least one is tried in
   * each flush.
   */
  get isTooLate(): boolean {
    const left = this.timeLeft;
    if (left < SHORTEST_FLUSH_MS) return true;
    return !this.last && this.#pacer.lastPassed > this.#began && left < this.#pacer.usualMs;
  }

  /** It has ended: its time is not watched any more. */
  end(): void {
    this.#cancelTimer();
  }

  /** Whether its time has run out without a sign of life, and was long enough for one. */
  get metSilence(): boolean {
    const { lastPassed, healthyMs } = this.#pacer;
    const took = this.#clock.monotonic() - this.#began;
    return this.#expired && lastPassed < this.#began && took >= Math.max(SILENCE_MS, healthyMs);
  }

  /** Whether pushes have passed to the end, so that there was too much to do rather than anything wrong. */
  get metBusyLoki(): boolean {
    const { lastPassed, healthyMs } = this.#pacer;
    return lastPassed >= this.#began && this.#clock.monotonic() - lastPassed <= Math.max(BUSY_MS, healthyMs);
  }

  #setTimer(): void {
    this.#cancelTimer = this.#clock.setTimer(Math.max(0, this.timeLeft), () => this.#expire());
  }

  #expire(): void {
    this.#over = true;
    this.#expired = true;
    this.#onExpired();
  }
}
