import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';

/** Pause before a batch that was set aside is tried again; it doubles with each failure … */
const FIRST_PAUSE_MS = 1000;

/** … up to this. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Tells a batch that something on the way to Loki dislikes, a web application firewall for example, from a Loki that takes nothing at
 * all. The batch steps aside, so that it does not hold up the others, and is halved at each further failure until the lines that are
 * disliked stand alone.
 */
export class SetAside {
  readonly #buffer: LineBuffer;
  #suspect: Batch | undefined;

  constructor(buffer: LineBuffer) {
    this.#buffer = buffer;
  }

  /** The batch that failed last, so that another one is tried before it. */
  get suspect(): Batch | undefined {
    return this.#suspect;
  }

  /**
   * A batch was refused for what may be its content.
   * @param proven whether other batches are known to pass.
   * @param now milliseconds on the monotonic clock.
   * @returns whether the batch is to blame, and not Loki.
   */
  blame(batch: Batch, proven: boolean, now: number): boolean {
    batch.alone = true;
    if (!proven) {
      this.#suspect = batch;
      return false;
    }
    batch.aside = { failures: 0, notBefore: now + FIRST_PAUSE_MS };
    return true;
  }

  /** A push has passed. @returns whether that proves that the suspect was to blame for its failure. */
  passed(batch: Batch, now: number): boolean {
    const suspect = this.#suspect;
    this.#suspect = undefined;
    if (suspect === undefined || suspect === batch) return false;
    suspect.aside = { failures: 0, notBefore: now };
    return true;
  }

  /** A batch that had been set aside has failed again. @param last whether there will be no other flush. */
  again(batch: Batch, now: number, last: boolean): void {
    const failures = (batch.aside?.failures ?? 0) + 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    const single = batch.values.length === 1;
    batch.aside = { failures, notBefore: last ? (single ? Infinity : now) : now + pause };
    if (!single) this.#buffer.split(batch);
  }
}
