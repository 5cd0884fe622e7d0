import type { Cancel, Platform } from '../platform/types';

/** What a pump starts, and when. */
export interface Work<T> {
  /** How many pushes may be in flight at once; 0 for none. */
  parallel(): number;
  /** How long no push may begin, in milliseconds. */
  waitMs(): number;
  /** Whether the next push begins automatically after that time. */
  comesBack(): boolean;
  /** Takes the next batch; `undefined` when there is none. */
  take(): T | undefined;
  /** Pushes the batch. Never rejects. */
  move(item: T): Promise<void>;
}

/** Keeps as many pushes in flight as are allowed. It knows nothing about their content. */
export class Pump<T> {
  readonly #clock: Pick<Platform, 'setTimer'>;
  readonly #work: Work<T>;
  #underWay = 0;
  #paused = false;
  #retry: Cancel | undefined;
  /** Resolved when nothing is in flight any more. */
  #settled: (() => void)[] = [];
  readonly #moved = (): void => {
    this.#underWay--;
    this.run();
    if (this.#underWay > 0) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  };

  constructor(clock: Pick<Platform, 'setTimer'>, work: Work<T>) {
    this.#clock = clock;
    this.#work = work;
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** No push begins. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether a timer is set that will start the next push. */
  get isHeldBack(): boolean {
    return !this.#paused && this.#work.parallel() > 0 && this.#work.waitMs() > 0;
  }

  /** Begins as many pushes as are allowed now. */
  run(): void {
    if (this.#paused) return;
    while (this.#underWay < this.#work.parallel()) {
      if (this.#work.waitMs() > 0) return this.#comeBack();
      const item = this.#work.take();
      if (item === undefined) return;
      this.#underWay++;
      void this.#work.move(item).then(this.#moved);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Cancels the timer that would have started the next push. */
  cancelRetry(): void {
    this.#retry?.();
    this.#retry = undefined;
  }

  /**
   * Resolves when nothing is in flight. A listener that was told of the end of the last push may have begun another one
   * at the same moment.
   */
  settled(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#settled.push(resolve));
  }

  #comeBack(): void {
    if (this.#retry !== undefined || !this.#work.comesBack()) return;
    this.#retry = this.#clock.setTimer(this.#work.waitMs(), () => {
      this.#retry = undefined;
      this.run();
    });
  }
}
