import type { Cancel, Platform } from '../platform/types';

/** One try in progress. */
export interface Try {
  cancel(): void;
}

/**
 * How something is tried, and what it comes to. What differs from one hedge to the next is in its `subject`, so that
 * the terms are made once.
 */
export interface Terms<S, T, R> {
  /**
   * Begins a try; `undefined` where there is no time for one. When it is over, {@link Hedge.ended} has to be called,
   * and not before this has returned.
   * @param number 0 for the first one.
   * @param previous the outcome of the try that it replaces, if it replaces one.
   */
  begin(hedge: Hedge<S, T, R>, number: number, previous?: T): Try | undefined;
  /** Whether another try may do better. If so, one is begun, or those in progress are waited for. */
  isInconclusive(outcome: T, alone: boolean): boolean;
  /** Turns the conclusive outcome into the result. */
  conclude(outcome: T, hedge: Hedge<S, T, R>): R;
}

/** The number of tries where each replaces the one before. */
const IN_TURN = 2;

/** The number of tries where they run side by side. */
const SIDE_BY_SIDE = 4;

/**
 * One thing that is tried until there is a conclusive outcome. It is tried again after an outcome that isn't and, where
 * {@link hurry} asks for it, after a time of silence, beside the tries in progress. The first conclusive outcome is the
 * result; the other tries are canceled.
 */
export class Hedge<S, T, R = T> {
  readonly outcome: Promise<R>;
  readonly subject: S;
  readonly #clock: Pick<Platform, 'setTimer'>;
  readonly #terms: Terms<S, T, R>;
  #underWay: Try[] = [];
  #resolve!: (outcome: R) => void;
  #begun = 0;
  #most = IN_TURN;
  #over = false;
  #cancelTimer: Cancel = () => undefined;

  constructor(clock: Pick<Platform, 'setTimer'>, terms: Terms<S, T, R>, subject: S) {
    this.#clock = clock;
    this.#terms = terms;
    this.subject = subject;
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
    this.#begin();
  }

  /** From now on another try is begun after each `silenceMs` without an outcome. */
  hurry(silenceMs: number): void {
    if (this.#over) return;
    this.#most = SIDE_BY_SIDE;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimer(silenceMs, () => {
      if (this.#begin()) this.hurry(silenceMs);
    });
  }

  #begin(previous?: T): boolean {
    const one = this.#begun < this.#most ? this.#terms.begin(this, this.#begun, previous) : undefined;
    if (one === undefined) return false;
    this.#begun++;
    this.#underWay.push(one);
    return true;
  }

  /** A try is over. */
  ended(one: Try, outcome: T): void {
    if (this.#over) return;
    this.#underWay = this.#underWay.length === 1 ? [] : this.#underWay.filter((other) => other !== one);
    const alone = this.#underWay.length === 0;
    if (this.#terms.isInconclusive(outcome, alone) && (!alone || this.#begin(outcome))) return;
    this.#over = true;
    this.#cancelTimer();
    for (const other of this.#underWay) other.cancel();
    this.#resolve(this.#terms.conclude(outcome, this));
  }
}
