import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';
import type { Losses } from '../buffer/losses';
import type { Diagnostics } from '../diagnostics';
import type { Platform } from '../platform/types';
import type { Outcome } from './classify';
import type { Pacer } from './pacer';
import { SetAside } from './set-aside';
import type { Streams } from './streams';

/**
 * If another batch was stored within this time before a push began, the failure of the push may be due to its batch.
 */
const RECENT_MS = 1000;

/** A problem that recurs within this time is the same problem and is not logged again. */
const QUIET_MS = 10_000;

/** What a push has shown about Loki. */
export type Finding =
  /** It accepts pushes; `exonerates` where this proves that an earlier failure was due to the content of its batch. */
  | { readonly kind: 'passed'; readonly exonerates: boolean }
  /**
   * It accepts none at the moment; `hopeless` where another try in the same flush is of no use, `denied` where it is of
   * little use.
   */
  | { readonly kind: 'failed'; readonly retryAfterMs?: number; readonly denied?: boolean; readonly hopeless?: boolean }
  /** Nothing. */
  | { readonly kind: 'nothing' };

interface Push {
  readonly began: number;
  readonly last: boolean;
}

const NOTHING: Finding = { kind: 'nothing' };

/**
 * Handles a batch according to the outcome of its push, and returns what the outcome shows about Loki. A batch that is
 * still marked as in flight afterwards has to be sent again.
 */
export class Settlement {
  readonly #platform: Pick<Platform, 'monotonic'>;
  readonly #diagnostics: Diagnostics;
  readonly #pacer: Pick<Pacer, 'lastPassed'>;
  readonly #buffer: LineBuffer;
  readonly #streams: Streams;
  readonly #losses: Losses;
  readonly #setAside: SetAside;
  /** Topics that have been logged. They end when a push is stored after a quiet time. */
  readonly #troubles = new Set(['outage']);
  #lastTrouble = -Infinity;

  constructor(parts: {
    platform: Pick<Platform, 'monotonic'>;
    diagnostics: Diagnostics;
    pacer: Pick<Pacer, 'lastPassed'>;
    buffer: LineBuffer;
    streams: Streams;
    losses: Losses;
  }) {
    this.#platform = parts.platform;
    this.#diagnostics = parts.diagnostics;
    this.#pacer = parts.pacer;
    this.#buffer = parts.buffer;
    this.#streams = parts.streams;
    this.#losses = parts.losses;
    this.#setAside = new SetAside(parts.buffer);
  }

  /**
   * `began` is the time when the push began, on the monotonic clock; `last` is whether the environment ends, so that
   * nothing can be postponed.
   */
  settle(batch: Batch, outcome: Outcome, push: Push): Finding {
    switch (outcome.kind) {
      case 'stored':
        this.#buffer.remove(batch, true);
        if (this.#platform.monotonic() - this.#lastTrouble > QUIET_MS)
          for (const topic of this.#troubles) this.#diagnostics.settled(topic);
        return this.#passed();
      case 'refused':
        this.#refused(batch, outcome.reason, outcome.lines);
        return this.#passed();
      case 'too-large':
        if (batch.lines === 1) this.#refused(batch, outcome.reason);
        else this.#buffer.splitTooLarge(batch);
        return NOTHING;
      case 'stream-limit':
        return this.#streamLimit(batch, outcome.reason, push);
      case 'no-metadata':
        return this.#noMetadata(batch, outcome.reason, push);
      case 'failed':
      case 'denied':
        return this.#failed(batch, outcome, push);
      case 'canceled':
        batch.uncertain = true;
        this.#lastTrouble = this.#platform.monotonic();
        return NOTHING;
    }
  }

  /**
   * Gives up the label `request_id`: all lines of the environment go to one stream, except for those that may already
   * be stored in another.
   */
  leaveRequestIdLabel(): void {
    this.#streams.useMetadata();
    this.#buffer.rewrite((batch) => {
      if (!batch.uncertain) this.#streams.moveToMetadata(batch);
    });
  }

  #passed(): Finding {
    return { kind: 'passed', exonerates: this.#setAside.passed() };
  }

  #refused(batch: Batch, reason: string, lines = batch.lines): void {
    this.#buffer.remove(batch);
    const some = Math.min(lines, batch.lines);
    this.#losses.refused(some, Math.round((batch.bytes * some) / batch.lines), reason);
    this.#losses.tell(this.#diagnostics, this.#platform.monotonic());
  }

  #failed(batch: Batch, outcome: Outcome & { kind: 'failed' | 'denied' }, push: Push): Finding {
    const { kind, reason, told, perhapsContent, perhapsStored } = outcome;
    if (perhapsStored === true || (kind === 'failed' && outcome.notStored !== true)) batch.uncertain = true;
    if (perhapsContent !== true) this.#setAside.cleared();
    else if (this.#isToBlame(batch, kind, push)) {
      this.#diagnostics.warnOnce(
        'aside',
        `${batch.lines} lines are not taken (${reason}) while others are; they are kept, and tried again later`,
      );
      return NOTHING;
    }
    if (told !== true) this.#tell(kind, reason);
    if (kind === 'failed') return { kind, retryAfterMs: outcome.retryAfterMs };
    // Another attempt does not help against wrong settings, unless only this batch is rejected.
    return { kind: 'failed', denied: true, hopeless: perhapsContent !== true || !this.#buffer.hasUnsuspected };
  }

  #tell(kind: 'failed' | 'denied', reason: string): void {
    const topic = `${kind} ${reason.slice(0, 10)}`;
    this.#troubles.add(topic);
    this.#lastTrouble = this.#platform.monotonic();
    this.#diagnostics.warnOnce(
      topic,
      kind === 'failed'
        ? `Loki can't be reached or does not take logs at the moment: ${reason}`
        : `Loki does not take logs as LambdaWatch is set up: ${reason}. Lines are kept, and tried again, as long as there is room`,
    );
  }

  /** Whether a failure is due to the batch and not to Loki. */
  #isToBlame(batch: Batch, kind: 'failed' | 'denied', { began, last }: Push): boolean {
    const now = this.#platform.monotonic();
    if (batch.aside !== undefined) {
      this.#setAside.again(batch, now, last);
      return true;
    }
    // A status of 500 may be a coincidence, so one failure proves nothing.
    const proven = began - this.#pacer.lastPassed < RECENT_MS && (kind === 'denied' || batch.suspectedAt > 0);
    this.#setAside.blame(batch, proven, now, last);
    return proven;
  }

  #streamLimit(batch: Batch, reason: string, push: Push): Finding {
    if (batch.requestId === '') return this.#failed(batch, { kind: 'failed', reason }, push);
    if (this.#streams.mode === 'label') {
      this.leaveRequestIdLabel();
      this.#diagnostics.warn(
        `the tenant's limit of streams is reached, so request ids go into structured metadata from now on (LOKI_REQUEST_ID_AS=metadata): ${reason}`,
      );
    }
    this.#streams.moveToMetadata(batch);
    return NOTHING;
  }

  #noMetadata(batch: Batch, reason: string, push: Push): Finding {
    // If the lines have no metadata, the answer has another cause, and an immediate retry would lead to endless
    // retries.
    if (!batch.hasMetadata) return this.#failed(batch, { kind: 'denied', reason }, push);
    if (this.#streams.takesMetadata) {
      this.#streams.useNoMetadata();
      this.#diagnostics.warn(
        'Loki takes no structured metadata, so lines are sent without it from now on (LOKI_METADATA_DEFAULT=false and ' +
          `LOKI_REQUEST_ID_AS=label ask for none): ${reason}`,
      );
    }
    return NOTHING;
  }
}
