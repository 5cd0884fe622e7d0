import type { Cancel, Platform } from '../platform/types';

/** One try in progress. Its outcome never rejects. */
export interface Try<T> {
  readonly outcome: Promise<T>;
  cancel(): void;
}

interface Terms<T, R> {
  /**
   * Begins a try; `undefined` where there is no time for one.
   * @param number 0 for the first one.
   * @param previous the outcome of the try that it replaces, if it replaces one.
   */
  begin(number: number, previous?: T): Try<T> | undefined;
  /** Whether another try may do better. If so, one is begun, or those in progress are waited for. */
  isInconclusive(outcome: T, alone: boolean): boolean;
  /**
   * Turns the conclusive outcome into the result. The outcome is passed as an argument: a function that held it would
   * form a cycle with it, which stays in memory until the engine collects cycles.
   */
  conclude(outcome: T, hedge: Hedge<T, R>): R;
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
export class Hedge<T, R = T> {
  readonly outcome: Promise<R>;
  readonly #clock: Pick<Platform, 'setTimer'>;
  readonly #terms: Terms<T, R>;
  readonly #underWay = new Set<Try<T>>();
  #resolve!: (outcome: R) => void;
  #begun = 0;
  #most = IN_TURN;
  #over = false;
  #cancelTimer: Cancel = () => undefined;

  constructor(clock: Pick<Platform, 'setTimer'>, terms: Terms<T, R>) {
    this.#clock = clock;
    this.#terms = terms;
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
    const one = this.#begun < this.#most ? this.#terms.begin(this.#begun, previous) : undefined;
    if (one === undefined) return false;
    this.#begun++;
    this.#underWay.add(one);
    void one.outcome.then((outcome) => this.#ended(one, outcome));
    return true;
  }

  #ended(one: Try<T>, outcome: T): void {
    this.#underWay.delete(one);
    if (this.#over) return;
    const alone = this.#underWay.size === 0;
    if (this.#terms.isInconclusive(outcome, alone) && (!alone || this.#begin(outcome))) return;
    this.#over = true;
    this.#cancelTimer();
    for (const other of this.#underWay) other.cancel();
    this.#resolve(this.#terms.conclude(outcome, this));
  }
}
