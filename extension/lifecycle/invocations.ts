import type { Platform } from '../platform/types';

/** How many early ends are remembered; usually there is one. */
const REMEMBERED = 32;

/** How an invocation ended, according to `platform.runtimeDone`. */
export interface InvocationEnd {
  /** When the function was done, in milliseconds since the epoch. */
  readonly time: number;
  /**
   * Whether Lambda resets the environment now: the function crashed or timed out. SHUTDOWN follows when the extension
   * asks for the next event, with 2 s counted from this end.
   */
  readonly resets: boolean;
}

interface Waiting<T> {
  readonly requestId: string;
  readonly resolve: (value: T) => void;
}

/**
 * Brings the two ends of an invocation together: INVOKE from the Extensions API, `runtimeDone` and `report` from
 * telemetry, in any order.
 */
export class Invocations {
  readonly #platform: Pick<Platform, 'setTimer'>;
  /** Ends of invocations whose INVOKE may not have arrived yet. */
  readonly #ends = new Map<string, InvocationEnd>();
  /** Invocations that have begun and whose REPORT has not arrived, in their order. */
  readonly #unreported = new Set<string>();
  #waiting: Waiting<InvocationEnd> | undefined;
  #allReported: (() => void) | undefined;
  #initDone = false;
  /** Called for each end that nobody waits for. */
  onUnawaited: (end: InvocationEnd) => void = () => undefined;
  #whenInitDone: (() => void) | undefined;

  constructor(platform: Pick<Platform, 'setTimer'>) {
    this.#platform = platform;
  }

  /** The runtime has finished its Init. */
  initDone(): void {
    this.#initDone = true;
    this.#whenInitDone?.();
  }

  /** INVOKE was received. */
  begun(requestId: string): void {
    this.#unreported.add(requestId);
    if (this.#unreported.size > REMEMBERED) this.#unreported.delete(this.#unreported.values().next().value!);
  }

  /** The function has finished. */
  done(requestId: string, end: InvocationEnd): void {
    this.begun(requestId);
    if (this.#waiting?.requestId === requestId) {
      this.#waiting.resolve(end);
      return;
    }
    this.#ends.set(requestId, end);
    this.onUnawaited(end);
    if (this.#ends.size > REMEMBERED) this.#ends.delete(this.#ends.keys().next().value!);
  }

  /**
   * The REPORT of an invocation has arrived; one that is missing for an earlier invocation will not arrive any more.
   */
  reported(requestId: string): void {
    if (!this.#unreported.has(requestId)) return;
    for (const earlier of this.#unreported) {
      this.#unreported.delete(earlier);
      if (earlier === requestId) break;
    }
    if (this.#unreported.size === 0) this.#allReported?.();
  }

  /** Resolves with the end of an invocation, or `undefined` after `limitMs`. */
  whenDone(requestId: string, limitMs: number): Promise<InvocationEnd | undefined> {
    const early = this.#ends.get(requestId);
    this.#ends.clear();
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve) => {
      const done = (end: InvocationEnd | undefined): void => {
        giveUp();
        this.#waiting = undefined;
        resolve(end);
      };
      const giveUp = this.#platform.setTimer(Math.max(0, limitMs), () => done(undefined));
      this.#waiting = { requestId, resolve: done };
    });
  }

  /** Resolves when the REPORT of each invocation that has begun has arrived, or after `limitMs`. */
  async whenReported(limitMs: number): Promise<void> {
    if (this.#unreported.size === 0) return;
    await this.#either(limitMs, (done) => (this.#allReported = done));
    this.#allReported = undefined;
  }

  /** Resolves when the runtime has finished its Init, or after `limitMs`. */
  async whenInitDone(limitMs: number): Promise<void> {
    if (this.#initDone) return;
    await this.#either(limitMs, (done) => (this.#whenInitDone = done));
    this.#whenInitDone = undefined;
  }

  #either(limitMs: number, wait: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = this.#platform.setTimer(Math.max(0, limitMs), resolve);
      wait(() => {
        giveUp();
        resolve();
      });
    });
  }
}
