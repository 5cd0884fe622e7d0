import type { Cancel, Platform } from '../platform/types';
import type { Pacer } from './pacer';

/** No push can succeed in less time than this. */
const SHORTEST_FLUSH_MS = 5;

/**
 * When a flush runs out of time and a push succeeded within this time, or within the time that a push takes, Loki is
 * busy and not out of order.
 */
const BUSY_MS = 1000;

/**
 * Silence that is longer than this, and longer than a healthy push takes, is a failure of Loki's. A flush that has less
 * time than this proves nothing.
 */
const SILENCE_MS = 400;

interface Terms {
  /** The most time that the flush may take, in milliseconds. */
  readonly limitMs: number;
  /**
   * The most time until a push succeeds in an outage, in which a flush only finds out whether the outage is over.
   * `undefined` where there is none.
   */
  readonly probeMs: number | undefined;
  /** The number of failures after which the flush continues; 0 for a probe. */
  readonly retries: number;
  /** The environment ends. */
  readonly last: boolean;
}

/**
 * A flush that the end of an invocation or of the environment waits for. It watches the time, counts failures, and says
 * when it is of no use to continue.
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
  /** Since the flush began or a push succeeded. */
  #failures = 0;
  #over = false;
  #expired = false;
  #cancelTimer: Cancel = () => undefined;

  /** @param onExpired called when the time is up, which may be immediately. */
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

  /** It is of no use to continue. */
  get isOver(): boolean {
    return this.#over;
  }

  get timeLeft(): number {
    return this.#deadline - this.#clock.monotonic();
  }

  /**
   * A push has succeeded. A probe that succeeds gives the flush all the time that it would have had without an outage.
   */
  passed(): void {
    this.#failures = 0;
    if (this.#over || !this.#probing) return;
    this.#probing = false;
    this.#deadline = this.#fullDeadline;
    this.#cancelTimer();
    this.#setTimer();
  }

  /** A push has failed, and the cause is Loki. */
  failed(): void {
    this.#failures++;
  }

  /** No further push begins. Pushes in flight have the time that is left. */
  stop(): void {
    this.#over = true;
  }

  /** Whether there is time for another try after a pause, and whether it may help. A probe has no second try. */
  mayGoOnAfter(pauseMs: number): boolean {
    if (this.#over || this.#failures > (this.#probing ? 0 : this.#retries)) return false;
    return pauseMs < (this.#probing ? 1 : this.timeLeft);
  }

  /**
   * Whether a push that begins now would be canceled: a function isn't held up for such a push. Each flush tries at
   * least one.
   */
  get isTooLate(): boolean {
    const left = this.timeLeft;
    if (left < SHORTEST_FLUSH_MS) return true;
    return !this.last && this.#pacer.lastPassed > this.#began && left < this.#pacer.usualMs;
  }

  /** The flush has ended: its time is no longer watched. */
  end(): void {
    this.#cancelTimer();
  }

  /** Whether the time has run out without a sign of life from Loki, and was long enough for one. */
  get metSilence(): boolean {
    const { lastPassed, healthyMs } = this.#pacer;
    const took = this.#clock.monotonic() - this.#began;
    return this.#expired && lastPassed < this.#began && took >= Math.max(SILENCE_MS, healthyMs);
  }

  /** Whether pushes succeeded until the end, so that there were too many lines and nothing was wrong. */
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
