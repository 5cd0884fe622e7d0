import type { HttpRequest, PendingRequest, Platform } from '../platform/types';
import type { Try } from './hedge';
import { Patience } from './patience';

/** Options of a push whose answer may come after a freeze. */
export interface Unhurried {
  /**
   * Called when Loki, or a proxy before it, has received the whole push on a connection that has carried one before.
   * Returns whether nobody waits for the answer from now on, so that it may come after the environment has thawed.
   */
  readonly onArrived?: () => boolean;
}

/** The most time for a request, in milliseconds. */
export interface Limits {
  /** The same on a kept connection; 0 to use none. */
  readonly reusedMs: number;
  readonly fullMs: number;
}

type Parts = Pick<Platform, 'now' | 'request' | 'setTimer'>;

/** A request in flight. */
export class InFlight implements Try {
  readonly pending: PendingRequest;
  readonly startedWall: number;
  /** In flight when the environment may have been frozen, so that the time it takes means nothing. */
  frozen = false;
  /** Canceled in order to be sent again. */
  restarted = false;
  /** Canceled because its time was up. */
  outOfTime = false;
  /** Replaces the platform's limits, which would expire after a freeze before the answer has been read. */
  readonly patience: Patience | undefined;
  #onFresh: boolean;
  #handedOff = false;

  /**
   * @param request with its limits of time, unless it is unhurried.
   * @param connected whether a connection may be kept.
   * @param unhurried given where a freeze may come before the answer.
   */
  constructor(platform: Parts, request: HttpRequest, limits: Limits, connected: boolean, unhurried?: Unhurried) {
    this.startedWall = platform.now();
    const { reusedMs, fullMs } = limits;
    this.#onFresh = reusedMs === 0 || !connected;
    if (unhurried === undefined) {
      this.pending = platform.request(request);
      return;
    }
    const { onArrived } = unhurried;
    const onAcknowledged = (reused: boolean): void => this.#acknowledged(reused, fullMs, onArrived);
    this.pending = platform.request(onArrived === undefined ? request : { ...request, onAcknowledged });
    this.patience = new Patience(platform, this.#onFresh ? fullMs : reusedMs, () => {
      this.outOfTime = true;
      this.pending.cancel();
    });
  }

  cancel(): void {
    this.pending.cancel();
  }

  /** Whether it has gone out on a connection of its own, as far as is known. */
  get onFresh(): boolean {
    return this.#onFresh;
  }

  /** The environment may have been frozen. An answer that was not waited for is due in `silenceMs`. */
  thawed(silenceMs: number): void {
    this.frozen = true;
    if (this.#handedOff) this.patience?.restart(silenceMs);
    this.#handedOff = false;
  }

  #acknowledged(reused: boolean, fullMs: number, onArrived: (() => boolean) | undefined): void {
    if (!reused) {
      this.#onFresh = true;
      this.patience?.restart(fullMs);
    } else if (onArrived?.() === true) {
      this.patience?.stop();
      this.#handedOff = true;
      // The time that Loki takes can no longer be measured.
      this.frozen = true;
    }
  }
}
