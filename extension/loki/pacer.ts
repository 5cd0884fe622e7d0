import { backoff } from './backoff';
import type { Latency } from './latency';

/** The number of pushes in flight at once while Loki accepts them. */
const PARALLEL_PUSHES = 6;

/** The longest pause that a `Retry-After` causes: lines keep arriving meanwhile, and Loki may recover long before. */
const LONGEST_RETRY_AFTER_MS = 10_000;

/** The longest pause while the buffer is filling up: waiting would cost more than trying. */
const PRESSED_MS = 1000;

/** If no push succeeds in this time, or in twice the time of a healthy push, Loki is too slow to wait for. */
const PATIENCE_MS = 2000;

/** The shortest timeout of a probe. A probe is a push that an invocation waits for during an outage. */
const SHORTEST_PROBE_MS = 500;

/** A push may take this many times as long as a healthy one. */
const MARGIN_FACTOR = 1.25;

/**
 * In an outage, one in this many invocations may take the full timeout of a request, so that a Loki that has only
 * become slower is found again.
 */
const FULL_PROBE_EVERY = 8;

/**
 * Two clocks, because the monotonic one may stand still while the environment is frozen, and the other one may jump.
 */
export interface Clocks {
  monotonic(): number;
  now(): number;
  /** From 0 to less than 1. */
  random(): number;
}

/**
 * Decides when a push may begin and how many may be in flight, for all pushes together. It is a circuit breaker:
 *
 * - closed: Loki accepts pushes, several at once;
 * - open, after a failure: no push begins before a time that a capped `Retry-After` or an exponential back-off sets;
 * - half-open, after that time: one push, which closes the circuit or opens it again.
 */
export class Pacer {
  readonly #clocks: Clocks;
  readonly #latency: Latency;
  #parallel = PARALLEL_PUSHES;
  /** Failures since the last success. Pushes that were in flight together count as one. */
  #failures = 0;
  #lastPassed = -Infinity;
  #lastFailure = -Infinity;
  #lastFailureWall = 0;
  #pauseMs = 0;
  #outage = false;
  /** The number of invocations in an outage since one had the full timeout. */
  #brief = 0;

  constructor(clocks: Clocks, latency: Latency) {
    this.#clocks = clocks;
    this.#latency = latency;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  get isClosed(): boolean {
    return this.#failures === 0;
  }

  /** When a push last succeeded, on the monotonic clock. */
  get lastPassed(): number {
    return this.#lastPassed;
  }

  /** Whether Loki accepts pushes, as far as is known: failures between successful pushes don't change that. */
  get works(): boolean {
    return this.isClosed || (!this.#outage && this.#clocks.monotonic() - this.#lastPassed < this.patienceMs);
  }

  /** How long it makes sense to wait for a push to succeed. */
  get patienceMs(): number {
    return Math.max(PATIENCE_MS, 2 * this.healthyMs);
  }

  /** An invocation has waited for Loki in vain, and no push has succeeded since. */
  get outage(): boolean {
    return this.#outage;
  }

  /**
   * How long no push may begin, in milliseconds; 0 when one may begin now.
   * @param mostMs the longest pause that the situation allows, counted from the failure.
   * @param pressed whether the buffer is filling up.
   */
  waitMs({ mostMs = Infinity, pressed = false } = {}): number {
    if (this.#failures === 0) return 0;
    const pause = Math.min(this.#pauseMs, mostMs, pressed ? PRESSED_MS : Infinity);
    const since = Math.max(this.#clocks.monotonic() - this.#lastFailure, this.#clocks.now() - this.#lastFailureWall);
    return Math.max(0, pause - since);
  }

  /**
   * How many pushes may be in flight at once. @param last whether this is the last flush, so that there is no time to
   * begin with a single push.
   */
  parallel(last: boolean): number {
    return last ? PARALLEL_PUSHES : this.#parallel;
  }

  /** How long a push that Loki stores takes on a kept connection; 0 until one has been stored. */
  get usualMs(): number {
    return this.#latency.keptMs;
  }

  /** How long a push that Loki stores takes, connecting included, with a margin; 0 until one has been stored. */
  get healthyMs(): number {
    return this.#latency.freshMs * MARGIN_FACTOR;
  }

  /** An invocation has ended in an outage, whether there will be a probe or not. */
  invocationInOutage(): void {
    this.#brief++;
  }

  /** How long a probe may delay the end of an invocation. @param fullMs the timeout of a request. */
  probeMs(fullMs: number): number {
    if (this.#brief < FULL_PROBE_EVERY) return Math.max(SHORTEST_PROBE_MS, this.healthyMs);
    this.#brief = 0;
    return fullMs;
  }

  /**
   * Loki has stored a push.
   * @param began on the monotonic clock.
   * @param exonerates whether the previous failures were due to a single batch.
   * @returns whether that ended an outage.
   */
  passed(began: number, exonerates: boolean): boolean {
    this.#lastPassed = this.#clocks.monotonic();
    // A push that was in flight when another one failed says nothing about the present state.
    if (began <= this.#lastFailure && !exonerates) return false;
    const over = this.#outage;
    this.#outage = false;
    this.#failures = 0;
    this.#brief = 0;
    this.#parallel = Math.min(PARALLEL_PUSHES, this.#parallel * 2);
    return over;
  }

  /**
   * Loki doesn't accept pushes at the moment.
   * @param began on the monotonic clock.
   * @returns whether this is a new failure, and not that of a push that was in flight with one that failed before.
   */
  failed(began: number, retryAfterMs?: number): boolean {
    const another = began > this.#lastFailure;
    if (another) this.#failures++;
    const retryAfter = retryAfterMs === undefined ? 0 : Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
    const pause = Math.max(retryAfter, another ? backoff(this.#failures, this.#clocks.random()) : this.#pauseMs);
    this.#pauseMs = pause;
    this.#lastFailure = this.#clocks.monotonic();
    this.#lastFailureWall = this.#clocks.now();
    this.#parallel = 1;
    return another;
  }

  /** Whether this number of pushes fits into the remaining time. */
  hasTimeFor(pushes: number, leftMs: number): boolean {
    const rounds = Math.ceil(pushes / PARALLEL_PUSHES);
    const { keptMs } = this.#latency;
    // A Loki that recovers is often slower than before: there may be no time for a second round.
    return keptMs === 0 || !this.isClosed ? rounds <= 1 : rounds * keptMs <= leftMs / 2;
  }

  /** An invocation has waited in vain: from now on only probes delay an invocation. */
  giveUp(): void {
    this.#outage = true;
  }
}
