import type { Platform } from '../platform/types';

/**
 * Who waits until a full buffer has room again. A wait that was in vain makes those after it pointless, until a push
 * passes.
 */
export class Room {
  readonly #clock: Pick<Platform, 'setTimer'>;
  #hopeless = false;
  #waiting: ((made: boolean) => void)[] = [];

  constructor(clock: Pick<Platform, 'setTimer'>) {
    this.#clock = clock;
  }

  /** No room is to be expected until a push passes. */
  get isHopeless(): boolean {
    return this.#hopeless;
  }

  /**
   * Resolves `true` when there may be room, and `false` when none is to be expected.
   * @param patienceMs without room for so long, Loki is too slow to wait for.
   */
  wait(limitMs: number, patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = this.#clock.setTimer(Math.min(limitMs, patienceMs), () => {
        if (limitMs >= patienceMs) this.#hopeless = true;
        this.tell(false);
      });
      this.#waiting.push((made) => {
        giveUp();
        resolve(made);
      });
    });
  }

  /** A push has passed: there is hope. */
  passed(): void {
    this.#hopeless = false;
  }

  /** To all who wait: a batch has left the buffer, or that is not to be expected any more. */
  tell(made: boolean): void {
    for (const tell of this.#waiting.splice(0)) tell(made);
  }
}
