/**
 * The push that has arrived at Loki and whose answer a flush has not waited for: one at most. Its lines stay in the
 * buffer, as those of any push that is under way.
 */
export class Handoff {
  #unanswered: Promise<void> | undefined;
  #mayBegin = false;

  /** The push whose answer is still to come; resolves when it is over. `undefined` where there is none. */
  get unanswered(): Promise<void> | undefined {
    return this.#unanswered;
  }

  /** A flush begins, which may leave one push unanswered or has to wait for all. */
  flushBegins(mayLeaveOne: boolean): void {
    this.#mayBegin = mayLeaveOne && this.#unanswered === undefined;
  }

  /** The flush is over: what has not arrived by now is somebody else's. */
  flushEnds(): void {
    this.#mayBegin = false;
  }

  /**
   * Follows a push until it is over, or has arrived where that is enough.
   * @param isOnly whether the flush has nothing else to wait for.
   * @param push starts it, and calls the function that it is given when it has arrived.
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
