interface Waiter {
  readonly check: () => boolean;
}

/** Promises of conditions, looked at whenever `notify` is called. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /**
   * Resolves with the first value of `find` that isn't `undefined`: at once, or at a later `notify`.
   * Rejects after `timeoutMs` with the text that `describe` gives then.
   */
  async until<T>(find: () => T | undefined, timeoutMs: number, describe: () => string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const check = () => {
        const found = find();
        if (found === undefined) {
          return false;
        }
        clearTimeout(timer);
        resolve(found);
        return true;
      };
      const waiter: Waiter = { check };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Error(`${describe()} (waited ${timeoutMs} ms)`));
      }, timeoutMs);
      if (!check()) {
        this.#waiting.add(waiter);
      }
    });
  }

  notify(): void {
    for (const waiter of this.#waiting) {
      if (waiter.check()) {
        this.#waiting.delete(waiter);
      }
    }
  }
}
