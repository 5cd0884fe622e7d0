import type { Cancel, Platform } from '../platform/types';

/** Calls `tick` again and again, at an interval that changes with the state of the environment. */
export class Ticker {
  readonly #platform: Pick<Platform, 'setTimer'>;
  readonly #tick: () => void;
  #cancel: Cancel | undefined;

  constructor(platform: Pick<Platform, 'setTimer'>, tick: () => void) {
    this.#platform = platform;
    this.#tick = tick;
  }

  /** Starts anew: the first tick comes after `intervalMs`. */
  every(intervalMs: number): void {
    this.stop();
    const again = (): void => {
      this.#cancel = this.#platform.setTimer(intervalMs, again);
      this.#tick();
    };
    this.#cancel = this.#platform.setTimer(intervalMs, again);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
