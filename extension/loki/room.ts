import type { Platform } from '../platform/types';

/**
 * Waits for a full buffer to have room again. After a wait in vain, further waits are pointless until a push succeeds.
 */
export class Room {
  readonly #clock: Pick<Platform, 'setTimer'>;
  #hopeless = false;
  #waiting: ((made: boolean) => void)[] = [];

  constructor(clock: Pick<Platform, 'setTimer'>) {
    this.#clock = clock;
  }

  /** No room is expected until a push succeeds. */
  get isHopeless(): boolean {
    return this.#hopeless;
  }

  /**
   * Resolves `true` when there may be room, and `false` when none is expected.
   * @param patienceMs without room for this long, Loki is too slow to wait for.
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

  /** A push has succeeded: waiting makes sense again. */
  passed(): void {
    this.#hopeless = false;
  }

  /** Ends all waits: a batch has left the buffer, or none is expected to. */
  tell(made: boolean): void {
    for (const tell of this.#waiting.splice(0)) tell(made);
  }
}
