import type { Batch } from '../buffer/batch';
import type { LineBuffer } from '../buffer/line-buffer';
import type { Settings } from '../config/settings';
import type { Diagnostics } from '../diagnostics';
import { delay } from '../platform/delay';
import { messageOf } from '../platform/errors';
import type { Cancel, Platform } from '../platform/types';
import type { EncodedPush, LokiClient } from './loki-client';
import type { Pacer } from './pacer';
import { pushBody } from './push-body';
import type { Finding, Settlement } from './settlement';
import type { Streams } from './streams';

/**
 * A full buffer is waited for as long as pushes get through; without one in this time, or twice that of a healthy push,
 * Loki is too slow to wait for.
 */
const STALLED_MS = 2000;

/** At the last chance the pauses between tries shrink with the time that is left, but not below this. */
const SHORTEST_LAST_PAUSE_MS = 50;

/** In less time no push can pass. */
const SHORTEST_FLUSH_MS = 5;

/**
 * A flush that ran out of time found Loki busy, not out of order, when a push passed in it, not longer ago than this or
 * than a push takes.
 */
const BUSY_MS = 1000;

/**
 * Silence for so long, and for longer than a healthy push takes, is a failure of Loki's. A flush that has less time
 * proves nothing.
 */
const SILENCE_MS = 400;

/** From this fill of the buffer on it is better to ask Loki than to wait for long. */
const PRESSED = 0.5;

type Options = Pick<Settings, 'retries' | 'criticalRetries' | 'batchBytes' | 'requestTimeoutMs'>;

/** A flush that something waits for: the end of an invocation, or of the environment. */
interface CriticalFlush {
  /** On the monotonic clock, as the deadlines are. */
  readonly began: number;
  deadline: number;
  /** The whole time allowed, once Loki has answered. */
  readonly fullDeadline: number;
  retries: number;
  /** Since it began or a push passed. */
  failures: number;
  readonly last: boolean;
  /** There is an outage, and this flush only sees whether it is over. */
  probing: boolean;
  /** There is no use in going on. */
  over: boolean;
  expired: boolean;
  expire: Cancel;
}

/**
 * Moves batches from the buffer to Loki. A batch leaves the buffer when Loki has it or has refused it for good;
 * whatever else happens, it is still there for the next flush. The {@link Pacer} says when a push may begin and how
 * many at once, the {@link LineBuffer} which batch comes next, and the {@link Settlement} what becomes of it.
 */
export class Delivery {
  readonly #platform: Platform;
  readonly #diagnostics: Diagnostics;
  readonly #options: Options;
  readonly #buffer: LineBuffer;
  readonly #client: LokiClient;
  readonly #pacer: Pacer;
  readonly #streams: Streams;
  readonly #settlement: Settlement;
  readonly #onStored: () => void;

  #workers = 0;
  #critical: CriticalFlush | undefined;
  /** The last flush has begun: the environment ends. */
  #ending = false;
  /** Nothing begins by itself, because a flush has left something behind and the environment may freeze. */
  #paused = false;
  /** No room is to be expected until a push passes. */
  #stalled = false;
  #lastPassed = -Infinity;
  #retry: Cancel | undefined;
  /** Woken when the last push in flight has ended. */
  #settled: (() => void)[] = [];
  /** Woken when a batch has left the buffer (`true`), or when that is not to be expected any more (`false`). */
  #progress: ((made: boolean) => void)[] = [];

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
  }) {
    this.#platform = parts.platform;
    this.#diagnostics = parts.diagnostics;
    this.#options = parts.options;
    this.#buffer = parts.buffer;
    this.#client = parts.client;
    this.#pacer = parts.pacer;
    this.#streams = parts.streams;
    this.#settlement = parts.settlement;
    this.#onStored = parts.onStored;
  }

  /** Whether an invocation has waited for Loki in vain and nothing has passed since. */
  get outage(): boolean {
    return this.#pacer.outage;
  }

  /** Whether lines wait that should not wait for the end of the next invocation. */
  get backlog(): boolean {
    return (this.#paused && !this.#buffer.isEmpty) || this.#buffer.isAsideDue(this.#platform.monotonic());
  }

  /** Whether Loki takes pushes, as far as is known: failures between pushes that pass don't change that. */
  get works(): boolean {
    return (
      this.#pacer.isClosed || (!this.#pacer.outage && this.#platform.monotonic() - this.#lastPassed < this.#stalledMs)
    );
  }

  /** How long a push takes that Loki stores, with a margin; 0 while none has been. */
  get healthyMs(): number {
    return this.#pacer.healthyMs;
  }

  /** Starts pushing full batches, with the retries of a regular flush. Nothing waits for it. */
  kick(): void {
    if (!this.#paused) this.#pump();
  }

  /** Pushes everything that is in the buffer, full batches or not. Nothing waits for it. */
  flushInBackground(): void {
    this.#paused = false;
    this.#buffer.close();
    this.#pump();
  }

  /**
   * Pushes everything that is in the buffer by now and waits for it, for `limitMs` at most. In an outage, and unless it
   * is the `last` chance, it takes only as long as a probe does, or no time at all while the pacer lets no push begin.
   * No push is in flight when it resolves.
   * @returns whether everything is in Loki, except for what Loki refused and what was set aside.
   */
  async flush(limitMs: number, { last = false } = {}): Promise<boolean> {
    this.#cancelRetry();
    this.#ending ||= last;
    this.#buffer.close();
    if (last) this.#buffer.allAsideDue();
    if (this.#workers === 0 && !this.#hasMore(last)) return true;
    const began = this.#platform.monotonic();
    const probing = this.#pacer.outage && !last;
    if (probing) this.#pacer.invocationInOutage();
    if (probing && this.#workers === 0 && this.#waitMs() > 0) {
      this.#paused = true;
      return false;
    }
    const critical: CriticalFlush = (this.#critical = {
      began,
      deadline: began + (probing ? Math.min(limitMs, this.#pacer.probeMs(this.#options.requestTimeoutMs)) : limitMs),
      fullDeadline: began + limitMs,
      retries: probing ? 0 : this.#options.criticalRetries,
      failures: 0,
      last,
      probing,
      over: false,
      expired: false,
      expire: () => undefined,
    });
    if (limitMs < SHORTEST_FLUSH_MS) this.#expired();
    else critical.expire = this.#platform.setTimer(this.#timeLeft(), this.#expired);
    this.#paused = false;
    for (;;) {
      this.#pump();
      await this.settled();
      // Whoever waited for room may have added lines in this very moment, and a push of theirs be under way.
      if (this.#workers > 0) continue;
      if (critical.over || critical.failures > critical.retries || !this.#hasMore(last)) break;
      const wait = this.#waitMs();
      if (wait >= (critical.probing ? 1 : this.#timeLeft())) break;
      await delay(this.#platform, wait);
    }
    critical.expire();
    this.#critical = undefined;
    const complete = !this.#hasMore(last);
    if (!complete) this.#incomplete(critical, began);
    return complete;
  }

  /** Resolves when no push is in flight. */
  settled(): Promise<void> {
    return this.#workers === 0 ? Promise.resolve() : new Promise((resolve) => this.#settled.push(resolve));
  }

  /** The environment may have been frozen: what was in flight then is sent again, on fresh connections. */
  thawed(): void {
    this.#client.thawed();
  }

  /**
   * For a full buffer: waits until a batch has left it, for `limitMs` at most. Resolves `false` when that is not to be
   * expected: Loki fails, or nothing has passed for a while.
   */
  room(limitMs: number): Promise<boolean> {
    // Not `async`: who waits must hear of it before a flush does that waits for the same push.
    if (!this.works || this.#stalled || limitMs <= 0) return Promise.resolve(false);
    this.#buffer.close();
    this.#pump();
    if (this.#workers === 0 && !this.#isHeldBack()) return Promise.resolve(false);
    return new Promise((resolve) => {
      const stalledMs = this.#stalledMs;
      const giveUp = this.#platform.setTimer(Math.min(limitMs, stalledMs), () => {
        if (limitMs >= stalledMs) this.#stalled = true;
        this.#tellProgress(false);
      });
      this.#progress.push((made) => {
        giveUp();
        resolve(made);
      });
    });
  }

  readonly #expired = (): void => {
    const critical = this.#critical;
    if (critical !== undefined) critical.over = critical.expired = true;
    this.#client.cancelAll();
  };

  /** Begins as many pushes as may begin now. */
  #pump(): void {
    if (this.#paused || this.#critical?.over === true) return;
    const last = this.#critical?.last === true;
    while (this.#workers < this.#pacer.parallel(last)) {
      if (this.#waitMs() > 0) return this.#retryLater();
      const batch = this.#take(last);
      if (batch === undefined) return;
      if (this.#isTooLate()) {
        this.#buffer.giveBack(batch);
        this.#critical!.over = true;
        return;
      }
      this.#workers++;
      void this.#push(batch);
    }
  }

  /** What was set aside is tried where nothing waits for it, and at the last chance. */
  #take(last: boolean): Batch | undefined {
    const hurried = last && this.#isHurried();
    const batch = this.#buffer.take({ anyNumber: hurried });
    if (batch !== undefined || (this.#critical !== undefined && !last)) return batch;
    return this.#buffer.takeAside(this.#platform.monotonic());
  }

  async #push(batch: Batch): Promise<void> {
    const began = this.#platform.monotonic();
    try {
      const encoded = this.#encode(batch);
      if (encoded !== undefined) {
        const outcome = await this.#client.push(encoded, this.#timeLeft(), this.#ending);
        this.#diagnostics.debug(
          `push of ${batch.values.length} lines: ${outcome.kind}${'reason' in outcome ? ` (${outcome.reason})` : ''}`,
        );
        this.#note(this.#settlement.settle(batch, outcome, { began, last: this.#ending }), began);
        if (outcome.kind === 'stored') this.#onStored();
      }
    } catch (error) {
      // Whatever it was, the lines that are still here are kept, and the next flush tries again.
      this.#note({ kind: 'failed', hopeless: true }, began);
      this.#diagnostics.warnOnce('delivery', `a push failed unexpectedly: ${messageOf(error)}`);
    }
    const left = !this.#buffer.giveBack(batch);
    this.#workers--;
    if (left || !this.works) this.#tellProgress(left);
    this.#pump();
    if (this.#workers > 0) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #note(finding: Finding, began: number): void {
    if (finding.kind === 'passed') this.#passed(finding, began);
    else if (finding.kind === 'failed') this.#failed(finding, began);
  }

  #passed({ exonerates }: Finding & { kind: 'passed' }, began: number): void {
    this.#stalled = false;
    this.#lastPassed = this.#platform.monotonic();
    if (this.#pacer.passed(began, exonerates)) this.#diagnostics.info('Loki takes lines again');
    const critical = this.#critical;
    if (critical === undefined) return;
    critical.failures = 0;
    if (critical.over || !critical.probing) return;
    // The probe has passed: the rest may take the time that it would have had without an outage.
    critical.probing = false;
    critical.expire();
    critical.deadline = critical.fullDeadline;
    critical.retries = this.#options.criticalRetries;
    critical.expire = this.#platform.setTimer(Math.max(0, this.#timeLeft()), this.#expired);
  }

  #failed({ retryAfterMs, denied, hopeless }: Finding & { kind: 'failed' }, began: number): void {
    const counted = this.#pacer.failed(began, retryAfterMs);
    const critical = this.#critical;
    const giveUp = hopeless === true || (denied === true && this.#pacer.failures > 1 && critical?.last !== true);
    if (giveUp) this.#pacer.giveUp();
    if (critical === undefined) return;
    if (counted) critical.failures++;
    if (giveUp) critical.over = true;
  }

  /** A flush has ended with lines left over. */
  #incomplete({ expired }: CriticalFlush, began: number): void {
    this.#paused = true;
    this.#tellProgress(false);
    const now = this.#platform.monotonic();
    const silent = expired && this.#lastPassed < began && now - began >= Math.max(SILENCE_MS, this.#pacer.healthyMs);
    if (silent) this.#pacer.failed(now);
    const busy = this.#lastPassed >= began && now - this.#lastPassed <= Math.max(BUSY_MS, this.#pacer.healthyMs);
    if (!busy && !this.#pacer.isClosed) this.#pacer.giveUp();
    if (!busy)
      this.#diagnostics.warnOnce(
        'outage',
        `${this.#buffer.lines} lines could not be delivered yet; they are kept and sent when Loki takes them`,
      );
  }

  /** `undefined` when the batch was split because its JSON, escapes included, is larger than a push may be. */
  #encode(batch: Batch): EncodedPush | undefined {
    if (!this.#streams.takesMetadata) this.#streams.dropMetadata(batch);
    const { batchBytes } = this.#options;
    const body = pushBody(this.#streams.labelsOf(batch), batch.values);
    if (batch.values.length > 1 && body.length > batchBytes / 3 && this.#platform.utf8Length(body) > batchBytes) {
      this.#buffer.splitTooLarge(batch);
      return undefined;
    }
    return this.#client.encode(body);
  }

  /** Whether a batch waits that a flush has to deliver: at the last chance, whatever there is. */
  #hasMore(last: boolean): boolean {
    if (last) this.#buffer.close();
    return this.#buffer.waiting > 0 || (last && this.#buffer.isAsideDue(this.#platform.monotonic()));
  }

  #waitMs(): number {
    const mostMs = this.#critical?.last === true ? Math.max(SHORTEST_LAST_PAUSE_MS, this.#timeLeft() / 3) : undefined;
    return this.#pacer.waitMs({ mostMs, pressed: this.#buffer.fill >= PRESSED });
  }

  /**
   * Whether a push that begins now would be called off: a function is not held for that. At least one is tried in each
   * flush.
   */
  #isTooLate(): boolean {
    const critical = this.#critical;
    if (critical === undefined) return false;
    const left = this.#timeLeft();
    return (
      left < SHORTEST_FLUSH_MS || (!critical.last && this.#lastPassed > critical.began && left < this.#pacer.usualMs)
    );
  }

  #timeLeft(): number {
    return this.#critical === undefined ? Infinity : this.#critical.deadline - this.#platform.monotonic();
  }

  /** At the last chance: whether there is no time for a push for each stream, or for batches of the usual size. */
  #isHurried(): boolean {
    const { mode, takesMetadata } = this.#streams;
    if (mode === 'label' && takesMetadata && !this.#pacer.hasTimeFor(this.#buffer.waiting, this.#timeLeft())) {
      this.#settlement.leaveRequestIdLabel();
    }
    return !this.#pacer.hasTimeFor(this.#buffer.pushesNeeded, this.#timeLeft());
  }

  /** A regular flush tries again by itself, as often as the settings say. */
  #retryLater(): void {
    if (this.#critical !== undefined || this.#retry !== undefined) return;
    if (this.#pacer.outage || this.#pacer.failures > this.#options.retries) return;
    this.#retry = this.#platform.setTimer(this.#waitMs(), () => {
      this.#retry = undefined;
      this.#pump();
    });
  }

  get #stalledMs(): number {
    return Math.max(STALLED_MS, 2 * this.#pacer.healthyMs);
  }

  /** Whether pushes will begin by themselves when the pacer lets them. */
  #isHeldBack(): boolean {
    return !this.#paused && this.#critical?.over !== true && this.#waitMs() > 0;
  }

  #cancelRetry(): void {
    this.#retry?.();
    this.#retry = undefined;
  }

  #tellProgress(made: boolean): void {
    for (const tell of this.#progress.splice(0)) tell(made);
  }
}
