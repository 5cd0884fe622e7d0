import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';
import type { Settings } from '../config/settings';
import type { Diagnostics } from '../diagnostics';
import { delay } from '../platform/delay';
import { messageOf } from '../platform/errors';
import type { Platform } from '../platform/types';
import { CriticalFlush } from './critical-flush';
import { Handoff } from './handoff';
import type { LokiClient } from './loki-client';
import { NextBatch } from './next-batch';
import type { Pacer } from './pacer';
import { Pump } from './pump';
import { PushEncoder } from './push-encoder';
import { Room } from './room';
import type { Finding, Settlement } from './settlement';
import type { Streams } from './streams';

/** In the last flush the pauses between tries shrink with the time that is left, but not below this. */
const SHORTEST_LAST_PAUSE_MS = 50;

/** When the buffer is fuller than this, it is better to try Loki than to wait for long. */
const PRESSED = 0.5;

type Options = Pick<Settings, 'retries' | 'criticalRetries' | 'batchBytes' | 'requestTimeoutMs'>;

/**
 * Moves batches from the buffer to Loki. A batch leaves the buffer when Loki has stored it or has refused it for good;
 * otherwise it is still there for the next flush. The {@link Pacer} decides when a push may begin and how many may be
 * in flight, {@link NextBatch} chooses the batch, the {@link Settlement} handles the outcome, and the {@link Pump}
 * starts the pushes.
 */
export class Delivery {
  readonly #platform: Platform;
  readonly #diagnostics: Diagnostics;
  readonly #options: Options;
  readonly #buffer: LineBuffer;
  readonly #client: LokiClient;
  readonly #pacer: Pacer;
  readonly #settlement: Settlement;
  readonly #onStored: () => void;
  readonly #encoder: PushEncoder;
  readonly #next: NextBatch;
  readonly #room: Room;
  readonly #pump: Pump<Batch>;
  readonly #unhurried: boolean;
  readonly #handoff = new Handoff();

  #critical: CriticalFlush | undefined;
  /** The last flush has begun: the environment ends. */
  #ending = false;

  constructor(parts: {
    platform: Platform;
    diagnostics: Diagnostics;
    options: Options;
    buffer: LineBuffer;
    client: LokiClient;
    pacer: Pacer;
    streams: Streams;
    settlement: Settlement;
    onStored: () => void;
    /** Whether a freeze may come while a push is under way. */
    unhurried?: boolean;
  }) {
    this.#platform = parts.platform;
    this.#diagnostics = parts.diagnostics;
    this.#options = parts.options;
    this.#buffer = parts.buffer;
    this.#client = parts.client;
    this.#pacer = parts.pacer;
    this.#settlement = parts.settlement;
    this.#onStored = parts.onStored;
    this.#unhurried = parts.unhurried ?? false;
    this.#encoder = new PushEncoder(parts);
    this.#next = new NextBatch(parts);
    this.#room = new Room(parts.platform);
    this.#pump = new Pump(parts.platform, {
      parallel: () => (this.#critical?.isOver === true ? 0 : this.#pacer.parallel(this.#critical?.last === true)),
      waitMs: () => this.#waitMs(),
      comesBack: () => this.#critical === undefined && !this.outage && this.#pacer.failures <= this.#options.retries,
      take: () => this.#take(),
      move: (batch) => this.#push(batch),
    });
  }

  /** Whether an invocation has waited for Loki in vain and no push has succeeded since. */
  get outage(): boolean {
    return this.#pacer.outage;
  }

  /** Whether lines wait that should not wait for the end of the next invocation. */
  get backlog(): boolean {
    return (this.#pump.isPaused && !this.#buffer.isEmpty) || this.#buffer.isAsideDue(this.#platform.monotonic());
  }

  /** Whether Loki accepts pushes, as far as is known: failures between successful pushes don't change that. */
  get works(): boolean {
    return this.#pacer.works;
  }

  /** How long a push that Loki stores takes, with a margin; 0 until one has been stored. */
  get healthyMs(): number {
    return this.#pacer.healthyMs;
  }

  /** Starts pushing full batches, with the retries of a regular flush. Nothing waits for it. */
  kick(): void {
    this.#pump.run();
  }

  /** Pushes everything that is in the buffer, full batches or not. Nothing waits for it. */
  flushInBackground(): void {
    this.#buffer.close();
    this.#pump.resume();
    this.#pump.run();
  }

  /**
   * Pushes everything that is in the buffer now and waits for it, for `limitMs` at most. In an outage it takes only as
   * long as a probe, or no time at all while the pacer lets no push begin, unless it is the `last` flush. No push is in
   * flight when it resolves, except for one that has arrived, where that is enough.
   * @param arrived whether it is enough that the last byte has arrived at Loki: its answer is read after the freeze.
   * This applies to a single push to a healthy Loki, on a connection that has carried a push before.
   * @returns whether everything is in Loki, except for what Loki refused and what was set aside.
   */
  async flush(limitMs: number, { last = false, arrived = false } = {}): Promise<boolean> {
    this.#pump.cancelRetry();
    this.#ending ||= last;
    this.#buffer.close();
    if (last) {
      this.#buffer.allAsideDue();
      this.#client.hurry();
    }
    const { unanswered } = this.#handoff;
    if (this.#pump.isIdle && unanswered === undefined && !this.#next.isThere(last)) return true;

    const probing = this.outage && !last;
    if (probing) this.#pacer.invocationInOutage();
    if (probing && this.#pump.isIdle && this.#waitMs() > 0) {
      this.#pump.pause();
      return false;
    }
    const critical = this.#begin(limitMs, last, probing);
    if (unanswered !== undefined && !last) {
      // That push has the warm connection.
      this.#pump.pause();
      await unanswered;
    }
    this.#pump.resume();
    this.#handoff.flushBegins(arrived && this.#pump.isIdle && this.#pacer.isClosed && this.#client.isSteady);
    for (;;) {
      this.#pump.run();
      await this.#pump.settled();
      if (unanswered !== undefined && last) await unanswered;
      if (!this.#pump.isIdle) continue;
      const pauseMs = this.#waitMs();
      if (!critical.mayGoOnAfter(pauseMs) || !this.#next.isThere(last)) break;
      await delay(this.#platform, pauseMs);
    }
    critical.end();
    this.#critical = undefined;
    this.#handoff.flushEnds();
    const complete = !this.#next.isThere(last);
    if (!complete) this.#leftOver(critical);
    return complete;
  }

  /** Resolves when no push is in flight. */
  settled(): Promise<void> {
    return this.#pump.settled();
  }

  /**
   * The environment may have been frozen: pushes that were in flight are sent again, on fresh connections, and an
   * answer that was not waited for is due now.
   */
  thawed(): void {
    this.#client.thawed();
  }

  /**
   * For a full buffer: waits until a batch has left it, for `limitMs` at most. Resolves `false` when that is unlikely
   * because no push has succeeded for a while. Returns `undefined` where this is known immediately, for example while
   * Loki fails.
   */
  room(limitMs: number): Promise<boolean> | undefined {
    // Not `async`: callers of this method must continue before a flush that waits for the same push.
    if (!this.works || this.#room.isHopeless || limitMs <= 0) return undefined;
    this.#buffer.close();
    this.#pump.run();
    if (this.#pump.isIdle && !this.#pump.isHeldBack) return undefined;
    return this.#room.wait(limitMs, this.#pacer.patienceMs);
  }

  #begin(limitMs: number, last: boolean, probing: boolean): CriticalFlush {
    const { criticalRetries, requestTimeoutMs } = this.#options;
    const terms = {
      limitMs,
      probeMs: probing ? this.#pacer.probeMs(requestTimeoutMs) : undefined,
      retries: criticalRetries,
      last,
    };
    return (this.#critical = new CriticalFlush(this.#platform, this.#pacer, terms, () => this.#client.cancelAll()));
  }

  #take(): Batch | undefined {
    const batch = this.#next.take(this.#critical);
    if (batch === undefined || this.#critical?.isTooLate !== true) return batch;
    this.#buffer.giveBack(batch);
    this.#critical.stop();
    return undefined;
  }

  #push(batch: Batch): Promise<void> {
    if (!this.#handoff.mayBegin) return this.#deliver(batch, undefined);
    return this.#handoff.follow(
      () => !this.#next.isThere(false),
      (onArrived) =>
        onArrived === undefined ? this.#deliver(batch, undefined) : this.#deliverUnanswered(batch, onArrived),
    );
  }

  async #deliverUnanswered(batch: Batch, onArrived: () => boolean): Promise<void> {
    let left = false;
    await this.#deliver(batch, () => (left = onArrived()));
    // No flush that would send it again waits any longer.
    if (left) this.#pump.run();
  }

  /** @param onArrived see {@link Unhurried}. */
  async #deliver(batch: Batch, onArrived: (() => boolean) | undefined): Promise<void> {
    const began = this.#platform.monotonic();
    try {
      const encoded = this.#encoder.encode(batch);
      if (encoded !== undefined) {
        const outcome = await this.#client.push(
          encoded,
          this.#critical?.timeLeft ?? Infinity,
          this.#ending,
          this.#unhurried ? { onArrived } : undefined,
        );
        if (this.#diagnostics.isDebug) {
          const reason = 'reason' in outcome ? ` (${outcome.reason})` : '';
          this.#diagnostics.debug(`push of ${batch.lines} lines: ${outcome.kind}${reason}`);
        }
        this.#note(this.#settlement.settle(batch, outcome, { began, last: this.#ending }), began);
        if (outcome.kind === 'stored') this.#onStored();
      }
    } catch (error) {
      // Whatever the error, the lines that are still here are kept, and the next flush tries again.
      this.#note({ kind: 'failed', hopeless: true }, began);
      this.#diagnostics.warnOnce('delivery', `a push failed unexpectedly: ${messageOf(error)}`);
    }
    const left = !this.#buffer.giveBack(batch);
    if (left || !this.works) this.#room.tell(left);
  }

  /** Passes on what a push has shown about Loki. */
  #note(finding: Finding, began: number): void {
    if (finding.kind === 'passed') {
      if (this.#pacer.passed(began, finding.exonerates)) this.#diagnostics.info('Loki takes lines again');
      this.#room.passed();
      this.#critical?.passed();
    } else if (finding.kind === 'failed') {
      const counted = this.#pacer.failed(began, finding.retryAfterMs);
      if (counted) this.#critical?.failed();
      const denied = finding.denied === true && this.#pacer.failures > 1 && this.#critical?.last !== true;
      if (finding.hopeless !== true && !denied) return;
      this.#pacer.giveUp();
      this.#critical?.stop();
    }
  }

  /** A flush has ended with lines left over, and the environment may freeze. */
  #leftOver(critical: CriticalFlush): void {
    this.#pump.pause();
    this.#room.tell(false);
    if (critical.metSilence) this.#pacer.failed(this.#platform.monotonic());
    if (critical.metBusyLoki) return;
    if (!this.#pacer.isClosed) this.#pacer.giveUp();
    const { lines } = this.#buffer;
    this.#diagnostics.warnOnce(
      'outage',
      `${lines} lines could not be delivered yet; they are kept and sent when Loki takes them`,
    );
  }

  #waitMs(): number {
    if (this.#pacer.isClosed) return 0;
    const critical = this.#critical;
    const mostMs = critical?.last === true ? Math.max(SHORTEST_LAST_PAUSE_MS, critical.timeLeft / 3) : undefined;
    return this.#pacer.waitMs({ mostMs, pressed: this.#buffer.fill >= PRESSED });
  }
}
