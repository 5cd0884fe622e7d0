import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';
import type { Platform } from '../platform/types';
import type { CriticalFlush } from './critical-flush';
import type { Pacer } from './pacer';
import type { Settlement } from './settlement';
import type { Streams } from './streams';

/**
 * Chooses the batch that is pushed next. In the last flush it makes sure that all batches fit into the time that is
 * left.
 */
export class NextBatch {
  readonly #clock: Pick<Platform, 'monotonic'>;
  readonly #buffer: LineBuffer;
  readonly #pacer: Pacer;
  readonly #streams: Streams;
  readonly #settlement: Pick<Settlement, 'leaveRequestIdLabel'>;

  constructor(parts: {
    platform: Pick<Platform, 'monotonic'>;
    buffer: LineBuffer;
    pacer: Pacer;
    streams: Streams;
    settlement: Pick<Settlement, 'leaveRequestIdLabel'>;
  }) {
    this.#clock = parts.platform;
    this.#buffer = parts.buffer;
    this.#pacer = parts.pacer;
    this.#streams = parts.streams;
    this.#settlement = parts.settlement;
  }

  /** Takes the next batch. @param critical the flush that something waits for, if there is one. */
  take(critical: CriticalFlush | undefined): Batch | undefined {
    const last = critical?.last === true;
    const batch = this.#buffer.take({ anyNumber: last && this.#isHurried(critical.timeLeft) });
    // A batch that was set aside is tried where nothing waits for it, and in the last flush.
    if (batch !== undefined || (critical !== undefined && !last)) return batch;
    return this.#buffer.takeAside(this.#clock.monotonic());
  }

  /** Whether a batch waits that a flush has to deliver: in the last flush, any batch. */
  isThere(last: boolean): boolean {
    if (last) this.#buffer.close();
    return this.#buffer.waiting > 0 || (last && this.#buffer.isAsideDue(this.#clock.monotonic()));
  }

  /** Whether there isn't enough time for one push per stream, or for batches of the usual size. */
  #isHurried(leftMs: number): boolean {
    const { mode, takesMetadata } = this.#streams;
    if (mode === 'label' && takesMetadata && !this.#pacer.hasTimeFor(this.#buffer.waiting, leftMs)) {
      this.#settlement.leaveRequestIdLabel();
    }
    return !this.#pacer.hasTimeFor(this.#buffer.pushesNeeded, leftMs);
  }
}
