import type { Batch, LineBuffer } from '../buffer/line-buffer';
import type { Settings } from '../config/settings';
import { type Diagnostics, messageOf } from '../diagnostics';
import type { Cancel, Platform } from '../platform/types';
import { backoff } from './backoff';
import type { EncodedPush, LokiClient } from './loki-client';
import type { Outcome } from './outcome';
import { pushBody } from './push-body';
import type { Streams } from './streams';

/** Pushes in flight at once while all goes well; after a failure one, until it passes. */
const PARALLEL_PUSHES = 6;

/** During an outage a flush may hold the environment for so long only, to see whether Loki answers again. */
const PROBE_MS = 500;

/** A full buffer is waited for as long as pushes get through; without one in this time Loki is too slow to wait for. */
const STALLED_MS = 2000;

/** In less time no push can pass. */
const SHORTEST_FLUSH_MS = 5;

/** A flush that ran out of time while pushes got through, the last one not longer ago than this, found Loki busy, not out of order. */
const BUSY_MS = 1000;

type Options = Pick<Settings, 'retries' | 'criticalRetries' | 'batchBytes'>;

/** A flush that something waits for: the end of an invocation, or of the environment. */
interface CriticalFlush {
  retries: number;
  /** On the monotonic clock. */
  deadline: number;
  expire: Cancel;
  /** The whole time allowed, once Loki has answered. */
  readonly fullDeadline: number;
}

/**
 * Moves batches from the buffer to Loki: several at once, with retries, smaller where they are too large. A batch leaves the buffer when
 * Loki has it or has refused it for good; whatever else happens, it is still there for the next flush.
 *
 * After a critical flush that failed there is an outage (the open state of a circuit breaker): from then on one push at a time and no
 * retries, and at the end of an invocation only {@link PROBE_MS}, until a push passes.
 */
export class Delivery {
  readonly #platform: Platform;
  readonly #diagnostics: Diagnostics;
  readonly #options: Options;
  readonly #buffer: LineBuffer;
  readonly #client: LokiClient;
  readonly #streams: Streams;
  readonly #onStored: () => void;

  #workers = 0;
  #parallel = PARALLEL_PUSHES;
  /** No further batch is taken until the next flush. */
  #halted = false;
  #critical: CriticalFlush | undefined;
  #outage = false;
  #stalled = false;
  #lastFailure = -Infinity;
  #lastStored = -Infinity;
  /** Woken when the last push in flight has ended. */
  #settled: (() => void)[] = [];
  /** Woken when a batch has left the buffer (`true`) or a flush has failed (`false`). */
  #progress: ((made: boolean) => void)[] = [];
  /** Ends the pauses between retries. */
  #pauses = new Set<() => void>();

  constructor(parts: {
    platform: Platform; diagnostics: Diagnostics; options: Options; buffer: LineBuffer; client: LokiClient; streams: Streams; onStored: () => void;
  }) {
    this.#platform = parts.platform;
    this.#diagnostics = parts.diagnostics;
    this.#options = parts.options;
    this.#buffer = parts.buffer;
    this.#client = parts.client;
    this.#streams = parts.streams;
    this.#onStored = parts.onStored;
  }

  /** Whether the last critical flush failed and nothing has passed since. */
  get outage(): boolean {
    return this.#outage;
  }

  /** Starts pushing full batches, with the retries of a regular flush. Nothing waits for it. */
  kick(): void {
    if (this.#critical === undefined) this.#halted = false;
    this.#spawn();
  }

  /** Pushes everything that is in the buffer, full batches or not. Nothing waits for it. */
  flushInBackground(): void {
    this.#buffer.close();
    this.kick();
  }

  /**
   * Pushes everything and waits for it, for `limitMs` at most; during an outage, and unless it is the `last` chance, for a short probe only
   * or not at all when one has failed since `since` (monotonic). When it resolves, no push is in flight.
   * @returns whether everything is in Loki.
   */
  async flush(limitMs: number, { since = Infinity, last = false } = {}): Promise<boolean> {
    if (this.#buffer.isEmpty && this.#workers === 0) return true;
    const probing = this.#outage && !last;
    if (probing && this.#workers === 0 && this.#lastFailure >= since) return false;

    const now = this.#platform.monotonic();
    const limit = probing ? Math.min(limitMs, PROBE_MS) : limitMs;
    if (limit < SHORTEST_FLUSH_MS) {
      await this.stop();
      return this.#buffer.isEmpty;
    }
    this.#critical = {
      retries: probing ? 0 : this.#options.criticalRetries,
      deadline: now + limit,
      fullDeadline: now + limitMs,
      expire: this.#platform.setTimer(limit, this.#expired),
    };
    this.#halted = false;
    if (last) this.#parallel = PARALLEL_PUSHES;
    this.#buffer.close();
    this.#endPauses();
    do {
      this.#spawn();
      await this.settled();
      // Whoever waited for room may have added lines in this very moment, and a push of theirs be under way.
    } while (this.#workers > 0 || (!this.#halted && !this.#buffer.isEmpty));

    this.#critical.expire();
    this.#critical = undefined;
    const complete = this.#buffer.isEmpty;
    if (!complete && this.#halted) {
      if (this.#platform.monotonic() - this.#lastStored > BUSY_MS) this.#outage = true;
      this.#diagnostics.warnOnce('outage', `${this.#buffer.lines} lines could not be delivered yet; they are kept and sent when Loki answers again`);
    }
    return complete;
  }

  /** Resolves when no push is in flight. */
  settled(): Promise<void> {
    return this.#workers === 0 ? Promise.resolve() : new Promise((resolve) => this.#settled.push(resolve));
  }

  /** The environment was frozen: what is in flight is sent again, on fresh connections. */
  thawed(): void {
    this.#client.restartAll();
  }

  /** Stops what is going on; what is in flight stays in the buffer. Resolves when no push is in flight. */
  async stop(): Promise<void> {
    this.#expired();
    await this.settled();
  }

  /**
   * For a full buffer: resolves `true` when a batch has left it, `false` when that is not to be expected,
   * because Loki fails or nothing has passed for a while.
   */
  room(): Promise<boolean> {
    // Not `async`: who waits must hear of it before a flush does that waits for the same push.
    if (this.#outage || this.#stalled) return Promise.resolve(false);
    this.flushInBackground();
    if (this.#workers === 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const giveUp = this.#platform.setTimer(STALLED_MS, () => {
        this.#stalled = true;
        this.#tellProgress(false);
      });
      this.#progress.push((made) => {
        giveUp();
        resolve(made);
      });
    });
  }

  readonly #expired = (): void => {
    this.#halted = true;
    this.#client.cancelAll();
    this.#endPauses();
  };

  #spawn(): void {
    while (this.#workers < this.#parallel && !this.#halted) {
      const batch = this.#take();
      if (batch === undefined) return;
      this.#workers++;
      void this.#work(batch);
    }
  }

  #take(): Batch | undefined {
    // In a critical flush the lines that came in since it began go along.
    if (this.#critical !== undefined) this.#buffer.close();
    return this.#buffer.take();
  }

  async #work(first: Batch): Promise<void> {
    for (let batch: Batch | undefined = first; batch !== undefined; batch = this.#halted ? undefined : this.#take()) {
      let delivered = false;
      try {
        delivered = await this.#deliver(batch);
      } catch (error) {
        // Whatever it was, the lines are kept and the next flush tries again.
        this.#diagnostics.warnOnce('delivery', `a push failed unexpectedly: ${messageOf(error)}`);
      }
      if (delivered) {
        this.#tellProgress(true);
        this.#spawn();
      } else {
        this.#buffer.giveBack(batch);
        this.#halted = true;
        this.#parallel = 1;
        this.#lastFailure = this.#platform.monotonic();
        this.#tellProgress(false);
      }
    }
    this.#workers--;
    if (this.#workers > 0) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  /** Pushes one batch until it is settled. `false` when it stays in the buffer and pushing others is of no use now. */
  async #deliver(batch: Batch): Promise<boolean> {
    let encoded = this.#encode(batch);
    for (let failures = 0; ;) {
      if (encoded === undefined) return true; // was split; the halves are taken in turn
      const outcome = await this.#client.push(encoded, this.#timeLeft());
      this.#diagnostics.debug(`push of ${batch.values.length} lines: ${outcome.kind}${'reason' in outcome ? ` (${outcome.reason})` : ''}`);
      switch (outcome.kind) {
        case 'stored':
          this.#stored(batch);
          return true;
        case 'refused':
          this.#lost(batch, outcome.reason);
          return true;
        case 'too-large':
          if (batch.values.length > 1) this.#buffer.split(batch);
          else this.#lost(batch, outcome.reason);
          return true;
        case 'stream-limit':
          if (batch.requestId === '') {
            if (!(await this.#mayRetry(++failures, outcome))) return false;
            break;
          }
          this.#leaveRequestIdLabel(batch, outcome.reason);
          if (this.#halted) return false;
          encoded = this.#encode(batch);
          break;
        case 'failed':
          if (!(await this.#mayRetry(++failures, outcome))) return false;
          break;
        case 'denied':
          this.#outage = true;
          if (!outcome.told) this.#diagnostics.warnOnce(`denied ${outcome.reason.slice(0, 10)}`, `Loki does not take logs as LambdaWatch is set up: ${outcome.reason}. Lines are kept, and tried again, as long as there is room`);
          return false;
        case 'canceled':
          return false;
      }
    }
  }

  /** `undefined` when the batch was split because its JSON, escapes included, is larger than a push may be. */
  #encode(batch: Batch): EncodedPush | undefined {
    const body = pushBody(this.#streams.labelsOf(batch), batch.values);
    if (batch.values.length > 1 && body.length > this.#options.batchBytes / 3 && this.#platform.utf8Length(body) > this.#options.batchBytes) {
      this.#buffer.split(batch);
      return undefined;
    }
    return this.#client.encode(body);
  }

  #stored(batch: Batch): void {
    this.#buffer.remove(batch);
    this.#parallel = PARALLEL_PUSHES;
    this.#stalled = false;
    this.#lastStored = this.#platform.monotonic();
    if (this.#outage) {
      this.#outage = false;
      this.#diagnostics.info('Loki answers again');
    }
    for (const topic of ['outage', 'failed']) this.#diagnostics.settled(topic);
    const critical = this.#critical;
    if (critical !== undefined && critical.deadline < critical.fullDeadline) {
      // The probe has passed: the rest may take the time that it would have had without an outage.
      critical.expire();
      critical.deadline = critical.fullDeadline;
      critical.retries = this.#options.criticalRetries;
      critical.expire = this.#platform.setTimer(this.#timeLeft(), this.#expired);
    }
    this.#onStored();
  }

  #lost(batch: Batch, reason: string): void {
    this.#buffer.remove(batch);
    this.#diagnostics.warnOnce(`refused ${reason.slice(0, 10)}`, `Loki refused lines, which are not sent again: ${reason}`);
  }

  /** Waits before the next try; `false` when there is to be none. */
  async #mayRetry(failures: number, outcome: Outcome & { kind: 'failed' | 'stream-limit' }): Promise<boolean> {
    if (outcome.kind !== 'failed' || !outcome.told) this.#diagnostics.warnOnce('failed', `Loki can't be reached or does not take logs at the moment: ${outcome.reason}`);
    const retries = this.#critical?.retries ?? (this.#outage ? 0 : this.#options.retries);
    if (failures > retries || this.#halted) return false;
    const wait = backoff(failures, outcome.kind === 'failed' ? outcome.retryAfterMs : undefined, Math.random());
    if (wait >= this.#timeLeft()) return false;
    await this.#pause(wait);
    return !this.#halted;
  }

  #timeLeft(): number {
    return this.#critical === undefined ? Infinity : this.#critical.deadline - this.#platform.monotonic();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#platform.setTimer(ms, end);
      this.#pauses.add(end);
    });
  }

  #endPauses(): void {
    for (const end of [...this.#pauses]) end();
  }

  #tellProgress(made: boolean): void {
    for (const tell of this.#progress.splice(0)) tell(made);
  }

  #leaveRequestIdLabel(batch: Batch, reason: string): void {
    if (this.#streams.mode === 'label') {
      this.#streams.useMetadata();
      this.#buffer.rewrite(this.#streams.moveToMetadata);
      this.#diagnostics.warn(`the tenant's limit of streams is reached, so request ids go into structured metadata from now on (LOKI_REQUEST_ID_AS=metadata): ${reason}`);
    }
    this.#streams.moveToMetadata(batch);
  }
}
