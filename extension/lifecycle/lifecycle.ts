import type { LineBuffer } from '../buffer/line-buffer';
import type { Losses } from '../buffer/losses';
import type { Settings } from '../config/settings';
import { type Diagnostics, messageOf } from '../diagnostics';
import type { InvokeEvent, ShutdownEvent } from '../lambda/events';
import type { ExtensionsApi } from '../lambda/extensions-api';
import type { Delivery } from '../loki/delivery';
import { delay } from '../platform/delay';
import type { Platform } from '../platform/types';
import type { Receiver } from '../telemetry/receiver';
import type { RequestIds } from '../telemetry/request-ids';
import { flushBudget, marginOf } from './budget';
import type { Invocations } from './invocations';
import { Ticker } from './ticker';

/** Kept back of the time that SHUTDOWN leaves, for ending the process. */
const SHUTDOWN_MARGIN_MS = 120;

/** Longest wait for the REPORT of the last invocation, which Lambda sends only after SHUTDOWN, mostly within 40 ms. */
const LAST_REPORT_MS = 250;

/** Wait for telemetry that comes with SHUTDOWN although no REPORT is missing. */
const LAST_TELEMETRY_MS = 30;

/** Where no invocation ends, which is when losses are told elsewhere, they are told so often. */
const TELL_LOSSES_MS = 60_000;

type Options = Pick<Settings, 'flushIntervalMs' | 'idleFlushMultiplier' | 'flushTimeoutMs'>;

/**
 * Follows the environment through its life and decides when lines are pushed. Alone in knowing of time and states:
 *
 * - ACTIVE, while an invocation runs: full batches at once, the rest at each interval;
 * - FLUSHING, after `runtimeDone`: everything, and `/next` is called when it is in Loki or the time is up;
 * - IDLE, after `/next`: the environment is usually frozen; while it is not, at a longer interval;
 * - SHUTDOWN: the last telemetry, everything out, the end.
 *
 * Where the platform offers no INVOKE (Managed Instances), it is ACTIVE from the start.
 */
export class Lifecycle {
  readonly #platform: Platform;
  readonly #diagnostics: Diagnostics;
  readonly #options: Options;
  readonly #api: Pick<ExtensionsApi, 'next'>;
  readonly #buffer: LineBuffer;
  readonly #delivery: Delivery;
  readonly #losses: Losses;
  readonly #invocations: Invocations;
  readonly #requestIds: RequestIds;
  readonly #receiver: Receiver;
  readonly #ticker: Ticker;
  readonly #lossTeller: Ticker;

  constructor(parts: {
    platform: Platform; diagnostics: Diagnostics; options: Options; api: Pick<ExtensionsApi, 'next'>; buffer: LineBuffer; delivery: Delivery;
    losses: Losses; invocations: Invocations; requestIds: RequestIds; receiver: Receiver;
  }) {
    this.#platform = parts.platform;
    this.#diagnostics = parts.diagnostics;
    this.#options = parts.options;
    this.#api = parts.api;
    this.#buffer = parts.buffer;
    this.#delivery = parts.delivery;
    this.#losses = parts.losses;
    this.#invocations = parts.invocations;
    this.#requestIds = parts.requestIds;
    this.#receiver = parts.receiver;
    this.#ticker = new Ticker(parts.platform, () => {
      if (!this.#buffer.isEmpty) this.#delivery.flushInBackground();
    });
    this.#lossTeller = new Ticker(parts.platform, () => this.#losses.tell(this.#diagnostics));
  }

  /** Runs until SHUTDOWN. @param invokeEvents whether the platform announces invocations. */
  async run(invokeEvents: boolean): Promise<void> {
    if (invokeEvents) {
      this.#idle();
    } else {
      this.#ticker.every(this.#options.flushIntervalMs);
      this.#lossTeller.every(TELL_LOSSES_MS);
    }
    for (;;) {
      const event = await this.#api.next();
      try {
        if (event.eventType === 'SHUTDOWN') return await this.#shutdown(event);
        if (event.eventType === 'INVOKE') await this.#invocation(event);
      } catch (error) {
        // Lambda must get its `/next` whatever happens here.
        this.#diagnostics.warnOnce('lifecycle', `an event of type ${event.eventType} could not be handled: ${messageOf(error)}`);
        if (event.eventType === 'SHUTDOWN') return;
      }
    }
  }

  async #invocation({ requestId, deadlineMs }: InvokeEvent): Promise<void> {
    const arrived = this.#platform.monotonic();
    this.#delivery.thawed();
    const margin = marginOf(deadlineMs - this.#platform.now());
    this.#requestIds.invoked(requestId);
    this.#ticker.every(this.#options.flushIntervalMs);
    // While the function runs, seeing whether Loki is back costs nobody anything.
    if (this.#delivery.outage) this.#delivery.flushInBackground();

    const done = await this.#invocations.whenDone(requestId, deadlineMs - margin - this.#platform.now());
    this.#ticker.stop();
    const limit = flushBudget({ now: this.#platform.now(), deadline: deadlineMs, margin, flushTimeout: this.#options.flushTimeoutMs, done });
    await this.#delivery.flush(limit, { since: arrived });
    this.#losses.tell(this.#diagnostics);
    // A function that is about to time out may still end well, and the environment freeze: then nothing must be in flight.
    if (done !== undefined) this.#idle();
  }

  #idle(): void {
    this.#ticker.every(this.#options.flushIntervalMs * this.#options.idleFlushMultiplier);
  }

  async #shutdown({ deadlineMs, shutdownReason }: ShutdownEvent): Promise<void> {
    const end = this.#platform.monotonic() + (deadlineMs - this.#platform.now()) - SHUTDOWN_MARGIN_MS;
    const left = (): number => Math.max(0, end - this.#platform.monotonic());
    this.#diagnostics.debug(`SHUTDOWN, reason ${shutdownReason}, ${Math.round(left())} ms left`);
    this.#ticker.stop();
    this.#lossTeller.stop();

    this.#delivery.thawed();
    // What is here goes out while the last telemetry comes in.
    const flushed = this.#delivery.flush(left(), { last: true });
    flushed.catch(() => undefined); // looked at below; until then it is not unhandled
    await delay(this.#platform, Math.min(LAST_TELEMETRY_MS, left()));
    await this.#invocations.whenReported(Math.min(LAST_REPORT_MS, left()));
    // With a full buffer and a Loki that hangs, lines may still wait for room.
    await Promise.race([this.#receiver.settled(), delay(this.#platform, left())]);
    await flushed;
    if (!this.#buffer.isEmpty && left() > 0) await this.#delivery.flush(left(), { last: true });

    this.#losses.tell(this.#diagnostics);
    if (!this.#buffer.isEmpty) this.#diagnostics.warn(`the environment ends with ${this.#buffer.lines} lines that Loki did not take; they are lost`);
    this.#receiver.close();
  }
}
