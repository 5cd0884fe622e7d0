/**
 * The push that has arrived at Loki and whose answer a flush has not waited for: one at most. Its lines stay in the
 * buffer, as for any push in flight.
 */
export class Handoff {
  #unanswered: Promise<void> | undefined;
  #mayBegin = false;

  /** The push whose answer is outstanding; resolves when the push is over. `undefined` where there is none. */
  get unanswered(): Promise<void> | undefined {
    return this.#unanswered;
  }

  /** A flush begins. It either may leave one push unanswered or has to wait for all. */
  flushBegins(mayLeaveOne: boolean): void {
    this.#mayBegin = mayLeaveOne && this.#unanswered === undefined;
  }

  /** Whether a push that begins now may be left unanswered. */
  get mayBegin(): boolean {
    return this.#mayBegin;
  }

  /** The flush is over: a push that arrives later is no longer its concern. */
  flushEnds(): void {
    this.#mayBegin = false;
  }

  /**
   * Follows a push until it is over or, where that is enough, until it has arrived.
   * @param isOnly whether the flush has nothing else to wait for.
   * @param push starts the push, and calls the function passed to it when the push has arrived.
   */
  follow(isOnly: () => boolean, push: (onArrived?: () => boolean) => Promise<void>): Promise<void> {
    if (!this.#mayBegin || !isOnly()) return push();
    this.#mayBegin = false;
    let open = true;
    return new Promise<void>((resolve) => {
      const over = push(() => {
        if (!open) return false;
        this.#unanswered = over.then(() => void (this.#unanswered = undefined));
        resolve();
        return true;
      });
      void over.then(() => {
        open = false;
        resolve();
      });
    });
  }
}
