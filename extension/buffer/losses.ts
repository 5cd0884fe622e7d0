import type { Diagnostics } from '../diagnostics';

interface Tally {
  lines: number;
  bytes: number;
  /** As Loki worded it last. */
  reason: string;
}

/** The maximum number of reasons that are counted separately. Loki has many messages, but few kinds of them. */
const MOST_REASONS = 8;

/**
 * The same kind of loss is logged at most once in this time; at the end of the environment the remaining losses are
 * logged.
 */
const TELL_EVERY_MS = 60_000;

const FULL = 'because the buffer was full';

/**
 * Counts the lines that never reach Loki, by reason: dropped because the buffer was full, or refused by Loki. The
 * numbers are logged on stderr, and in Loki when it accepts lines again, so that lines written can be reconciled with
 * lines stored.
 */
export class Losses {
  /** Losses that have not been logged on stderr yet, and those that have not been reported in Loki yet. */
  readonly #untold = new Map<string, Tally>();
  readonly #missing = new Map<string, Tally>();
  /** The first kinds of refusals that occurred; all others are counted together. */
  readonly #kinds = new Set<string>();
  /** When each kind was last logged, in milliseconds on the monotonic clock. */
  readonly #told = new Map<string, number>();

  /** A line was dropped because the buffer was full. */
  dropped(bytes: number): void {
    this.#count(FULL, FULL, 1, bytes);
  }

  /** Loki refused lines for good. @param reason in Loki's words. */
  refused(lines: number, bytes: number, reason: string): void {
    // Messages of one kind differ only in streams, times and sizes.
    const kind = reason
      .replace(/\{[^}]*\}?/g, '')
      .replace(/\d+/g, '0')
      .slice(0, 120);
    if (!this.#kinds.has(kind) && this.#kinds.size < MOST_REASONS) this.#kinds.add(kind);
    this.#count(this.#kinds.has(kind) ? kind : 'other', reason, lines, bytes);
  }

  /**
   * Logs new losses: a new kind immediately, further losses of the same kind after a while.
   * @param now milliseconds on the monotonic clock; `Infinity` to log all losses that have not been logged.
   */
  tell(diagnostics: Diagnostics, now: number): void {
    for (const [kind, tally] of this.#untold) {
      if (now - (this.#told.get(kind) ?? -Infinity) < TELL_EVERY_MS) continue;
      this.#told.set(kind, now);
      this.#untold.delete(kind);
      const advice =
        kind === FULL
          ? '; LOKI_BUFFER_SIZE and LOKI_BUFFER_MAX_BYTES set how much is kept while Loki does not take lines'
          : '';
      diagnostics.warn(`${textOf(tally)}${advice}`);
    }
  }

  /** The line that reports the missing lines in Loki; `undefined` if there are none. The count starts again at 0. */
  takeLine(): string | undefined {
    if (this.#missing.size === 0) return undefined;
    const line = `LambdaWatch: ${[...this.#missing.values()].map(textOf).join('; ')}`;
    this.#missing.clear();
    return line;
  }

  #count(kind: string, reason: string, lines: number, bytes: number): void {
    for (const tallies of [this.#untold, this.#missing]) {
      const tally = tallies.get(kind);
      if (tally === undefined) {
        tallies.set(kind, { lines, bytes, reason });
      } else {
        tally.lines += lines;
        tally.bytes += bytes;
        tally.reason = reason;
      }
    }
  }
}

function textOf({ lines, bytes, reason }: Tally): string {
  if (reason === FULL) return `dropped ${lines} of the oldest lines (${bytes} bytes) ${FULL}`;
  return `Loki refused ${lines} ${lines === 1 ? 'line' : 'lines'} (${bytes} bytes), which are not sent again: ${reason}`;
}
