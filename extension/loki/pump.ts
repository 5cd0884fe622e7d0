import type { Cancel, Platform } from '../platform/types';

/** What a pump moves, and how. */
export interface Work<T> {
  /** How many may be under way at once; 0 for none. */
  parallel(): number;
  /** For how long none may begin, in milliseconds. */
  waitMs(): number;
  /** Whether the next one begins by itself when that time is over. */
  comesBack(): boolean;
  /** Takes the next one; `undefined` when there is none. */
  take(): T | undefined;
  /** Moves it. Never rejects. */
  move(item: T): Promise<void>;
}

/** Keeps as many pushes under way as there may be, one after the other. It knows nothing of what they are. */
export class Pump<T> {
  readonly #clock: Pick<Platform, 'setTimer'>;
  readonly #work: Work<T>;
  #underWay = 0;
  #paused = false;
  #retry: Cancel | undefined;
  /** Woken when nothing is under way any more. */
  #settled: (() => void)[] = [];

  constructor(clock: Pick<Platform, 'setTimer'>, work: Work<T>) {
    this.#clock = clock;
    this.#work = work;
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Nothing begins. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether it will go on by itself when the time has come. */
  get isHeldBack(): boolean {
    return !this.#paused && this.#work.parallel() > 0 && this.#work.waitMs() > 0;
  }

  /** Begins as many as may begin now. */
  run(): void {
    if (this.#paused) return;
    while (this.#underWay < this.#work.parallel()) {
      if (this.#work.waitMs() > 0) return this.#comeBack();
      const item = this.#work.take();
      if (item === undefined) return;
      this.#underWay++;
      void this.#move(item);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** What would have begun by itself does not. */
  cancelRetry(): void {
    this.#retry?.();
    this.#retry = undefined;
  }

  /**
   * Resolves when nothing is under way. Whoever was told of the end of the last one may have begun another in the
   * same moment.
   */
  settled(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#settled.push(resolve));
  }

  async #move(item: T): Promise<void> {
    await this.#work.move(item);
    this.#underWay--;
    this.run();
    if (this.#underWay > 0) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #comeBack(): void {
    if (this.#retry !== undefined || !this.#work.comesBack()) return;
    this.#retry = this.#clock.setTimer(this.#work.waitMs(), () => {
      this.#retry = undefined;
      this.run();
    });
  }
}
