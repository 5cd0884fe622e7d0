import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';

/** Pause before a batch that was set aside is tried again; it doubles with each failure … */
const FIRST_PAUSE_MS = 1000;

/** … up to this. */
const LONGEST_PAUSE_MS = 60_000;

/** The time between the attempts of two single lines. There can be many of them. */
const SPACING_MS = 1000;

/** At the last chance a single line is given up after this many attempts: a status of 500 may be a coincidence. */
const LAST_TRIES = 3;

/**
 * Distinguishes a batch that something on the way to Loki rejects, for example a web application firewall, from a Loki
 * that accepts nothing at all. Such a batch is set aside, so that it does not delay the others, and is halved at each
 * further failure until the rejected lines are isolated.
 */
export class SetAside {
  readonly #buffer: LineBuffer;
  #suspects = false;
  /** When the next single line may be tried again. */
  #nextSingle = 0;

  constructor(buffer: LineBuffer) {
    this.#buffer = buffer;
  }

  /**
   * A batch was refused for what may be its content: others are tried before it from now on.
   * @param proven whether others are known to pass.
   * @param now milliseconds on the monotonic clock.
   * @param last whether there will be no other flush.
   */
  blame(batch: Batch, proven: boolean, now: number, last: boolean): void {
    batch.alone = true;
    batch.suspectedAt = now;
    this.#suspects = true;
    if (proven) batch.aside = { failures: 0, notBefore: last ? now : now + FIRST_PAUSE_MS };
  }

  /**
   * A push was stored. @returns whether this proves that the failures since the previous one were due to single
   * batches.
   */
  passed(): boolean {
    const proves = this.#suspects;
    this.#suspects = false;
    return proves;
  }

  /** Loki has failed for a reason that is unrelated to the content of a batch. */
  cleared(): void {
    this.#suspects = false;
  }

  /** A batch that had been set aside has failed again. @param last whether there will be no other flush. */
  again(batch: Batch, now: number, last: boolean): void {
    const failures = (batch.aside?.failures ?? 0) + 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    const single = batch.lines === 1;
    if (last) {
      batch.aside = { failures, notBefore: single && failures >= LAST_TRIES ? Infinity : now };
    } else {
      batch.aside = { failures, notBefore: single ? Math.max(now + pause, this.#nextSingle) : now + pause };
      if (single) this.#nextSingle = batch.aside.notBefore + SPACING_MS;
    }
    if (!single) this.#buffer.split(batch);
  }
}
