interface Pending {
  readonly callback: () => void;
  remainingMs: number;
  startedAt: number;
  handle?: NodeJS.Timeout;
}

/** Timers that stand still while the environment is frozen. */
export class PausableTimers {
  readonly #pending = new Set<Pending>();
  #paused = false;

  get paused(): boolean {
    return this.#paused;
  }

  /** Runs `callback` after `ms` milliseconds of thawed time. The returned function cancels it. */
  set(ms: number, callback: () => void): () => void {
    const timer: Pending = { callback, remainingMs: ms, startedAt: performance.now() };
    this.#pending.add(timer);
    if (!this.#paused) this.#start(timer);
    return () => {
      clearTimeout(timer.handle);
      this.#pending.delete(timer);
    };
  }

  /** Resolves after `ms` milliseconds of thawed time. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.set(ms, resolve));
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    for (const timer of this.#pending) {
      clearTimeout(timer.handle);
      timer.remainingMs = Math.max(0, timer.remainingMs - (performance.now() - timer.startedAt));
    }
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const timer of this.#pending) this.#start(timer);
  }

  clear(): void {
    for (const timer of this.#pending) clearTimeout(timer.handle);
    this.#pending.clear();
  }

  #start(timer: Pending): void {
    timer.startedAt = performance.now();
    timer.handle = setTimeout(() => {
      this.#pending.delete(timer);
      timer.callback();
    }, timer.remainingMs);
  }
}
