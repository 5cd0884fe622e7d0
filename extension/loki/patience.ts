import type { Cancel, Platform } from '../platform/types';

/** Time is counted in pieces of this length. A piece ends late if the process was stopped during it. */
const PIECE_MS = 100;

/** A piece that ends this much later than it should was interrupted by a freeze. */
const LATE_MS = 50;

/**
 * A limit of time that counts only while the process runs. A freeze counts as one piece, however long it was, so data
 * that arrived meanwhile is read before the time is up: a timer that came due in a freeze fires before the network is
 * read.
 */
export class Patience {
  readonly #clock: Pick<Platform, 'now' | 'setTimer'>;
  readonly #onOver: () => void;
  #leftMs = 0;
  #usedMs = 0;
  #extended = false;
  #cancel: Cancel = () => undefined;

  constructor(clock: Pick<Platform, 'now' | 'setTimer'>, limitMs: number, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
    this.restart(limitMs);
  }

  /** The part of a time in milliseconds during which the process was not frozen. */
  running(ms: number): number {
    return Math.min(ms, this.#usedMs + PIECE_MS);
  }

  /** Starts counting again, up to another limit. */
  restart(limitMs: number): void {
    this.stop();
    this.#leftMs = limitMs;
    this.#extended = false;
    this.#nextPiece();
  }

  stop(): void {
    this.#cancel();
  }

  #nextPiece(): void {
    const lengthMs = Math.min(this.#leftMs, PIECE_MS);
    const due = this.#clock.now() + lengthMs;
    this.#cancel = this.#clock.setTimer(lengthMs, () => {
      this.#usedMs += lengthMs;
      this.#leftMs -= lengthMs;
      if (this.#leftMs <= 0 && !this.#extended && Math.abs(this.#clock.now() - due) > LATE_MS) {
        this.#extended = true;
        this.#leftMs = PIECE_MS;
      }
      if (this.#leftMs > 0) this.#nextPiece();
      else this.#onOver();
    });
  }
}
