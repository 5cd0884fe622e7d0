import type { Cancel, Platform } from '../platform/types';

/** How many early `runtimeDone` are remembered; one is the rule. */
const REMEMBERED = 32;

/** Brings the two ends of an invocation together: INVOKE from the Extensions API, `runtimeDone` and `report` from telemetry, in any order. */
export class Invocations {
  readonly #platform: Pick<Platform, 'setTimer'>;
  /** When invocations whose INVOKE may not have been seen yet were done, in milliseconds since the epoch. */
  readonly #done = new Map<string, number>();
  readonly #unreported = new Set<string>();
  #waiting: { readonly requestId: string; readonly resolve: (time: number) => void } | undefined;
  #allReported: (() => void) | undefined;

  constructor(platform: Pick<Platform, 'setTimer'>) {
    this.#platform = platform;
  }

  /** The function has finished. @param time milliseconds since the epoch. */
  done(requestId: string, time: number): void {
    this.#unreported.add(requestId);
    if (this.#waiting?.requestId === requestId) {
      this.#waiting.resolve(time);
      return;
    }
    this.#done.set(requestId, time);
    if (this.#done.size > REMEMBERED) this.#done.delete(this.#done.keys().next().value!);
    if (this.#unreported.size > REMEMBERED) this.#unreported.delete(this.#unreported.values().next().value!);
  }

  reported(requestId: string): void {
    this.#unreported.delete(requestId);
    if (this.#unreported.size === 0) this.#allReported?.();
  }

  /** Resolves with the time at which the function was done, or `undefined` after `limitMs`. */
  async whenDone(requestId: string, limitMs: number): Promise<number | undefined> {
    const early = this.#done.get(requestId);
    this.#done.clear();
    if (early !== undefined) return early;
    const time = await new Promise<number | undefined>((resolve) => {
      const giveUp: Cancel = this.#platform.setTimer(Math.max(0, limitMs), () => resolve(undefined));
      this.#waiting = {
        requestId,
        resolve: (at) => {
          giveUp();
          resolve(at);
        },
      };
    });
    this.#waiting = undefined;
    return time;
  }

  /** Resolves when each invocation that is done has had its REPORT, or after `limitMs`. */
  async whenReported(limitMs: number): Promise<void> {
    if (this.#unreported.size === 0) return;
    await new Promise<void>((resolve) => {
      const giveUp = this.#platform.setTimer(limitMs, resolve);
      this.#allReported = () => {
        giveUp();
        resolve();
      };
    });
    this.#allReported = undefined;
  }
}
