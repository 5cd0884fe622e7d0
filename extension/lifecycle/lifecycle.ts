import type { LineBuffer } from '../buffer/line-buffer';
import type { Losses } from '../buffer/losses';
import type { Settings } from '../config/settings';
import type { Diagnostics } from '../diagnostics';
import type { InvokeEvent, ShutdownEvent } from '../lambda/events';
import type { ExtensionsApi } from '../lambda/extensions-api';
import type { Delivery } from '../loki/delivery';
import { delay } from '../platform/delay';
import { messageOf } from '../platform/errors';
import type { Platform } from '../platform/types';
import type { Receiver } from '../telemetry/receiver';
import type { RequestIds } from '../telemetry/request-ids';
import { flushBudget, marginOf } from './budget';
import type { InvocationEnd, Invocations } from './invocations';
import type { Course, Strategy } from './strategy';
import { Ticker } from './ticker';

/** The part of SHUTDOWN's time that is reserved for ending the process. */
const SHUTDOWN_MARGIN_MS = 120;

/**
 * The longest wait at SHUTDOWN for the last telemetry of an invocation, its REPORT for example. Lambda usually sends it
 * within 40 ms.
 */
const LAST_REPORT_MS = 1000;

/**
 * The wait for telemetry at SHUTDOWN when nothing is known to be missing: the function's SIGTERM handler may log, for
 * example. At a spin-down nobody waits for the end, and it isn't billed; after a time-out or a crash the next
 * invocation waits for it.
 */
const LAST_TELEMETRY_MS = 300;
const LAST_TELEMETRY_OF_RESET_MS = 150;

/**
 * During that wait, lines that have arrived are pushed at this interval, so that a slow Loki has all the time there is.
 */
const LAST_TICK_MS = 20;

/**
 * The time for a flush when Lambda resets the environment after it: as long as a healthy push takes, within these
 * bounds, because only the rest of 2 s is left for SHUTDOWN.
 */
const SHORTEST_RESET_FLUSH_MS = 500;
const LONGEST_RESET_FLUSH_MS = 1200;

/**
 * An environment that is frozen right after its Init (provisioned concurrency, SnapStart) is kept from freezing until
 * the lines of Init are in Loki. Nobody waits for such an Init, and Lambda allows it 130 s and more. Without news of
 * the runtime, the wait ends after the time that an ordinary Init may take.
 */
const INIT_MS = 10_000;

/**
 * How often losses are reported where invocations don't end one by one; elsewhere they are reported at the end of an
 * invocation.
 */
const TELL_LOSSES_MS = 60_000;

type Options = Pick<Settings, 'flushIntervalMs' | 'idleFlushMultiplier' | 'flushTimeoutMs'>;

/**
 * Follows the environment through its life and decides when lines are pushed. No other class knows the states:
 *
 * - ACTIVE, while an invocation runs: full batches are pushed immediately, the rest at each interval;
 * - FLUSHING, after `runtimeDone`: everything is pushed, and `/next` is called when Loki has stored it, when it has
 *   arrived there, or when the time is up. The {@link Strategy} decides which of these applies, and for which
 *   invocations `/next` is called without a flush;
 * - IDLE, after `/next`: the environment is usually frozen; while it isn't, lines are pushed at a longer interval;
 * - SHUTDOWN: the last telemetry arrives, everything is pushed, and the process ends.
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
  readonly #takeWaiting: () => Promise<void>;
  readonly #inUse: () => string;
  readonly #invoked: (event: InvokeEvent) => void;
  readonly #ticker: Ticker;
  readonly #lossTeller: Ticker;
  readonly #strategy: Strategy;
  /** The request id of the invocation that began last. */
  #course: Course = 'wait';
  #seenOne = false;
  /**
   * An invocation that was not waited for has failed, or one has printed an error, and no decision has taken this into
   * account yet.
   */
  #trouble = false;

  constructor(parts: {
    platform: Platform;
    diagnostics: Diagnostics;
    options: Options;
    strategy: Strategy;
    api: Pick<ExtensionsApi, 'next'>;
    buffer: LineBuffer;
    delivery: Delivery;
    losses: Losses;
    invocations: Invocations;
    requestIds: RequestIds;
    receiver: Receiver;
    /** Puts lines that waited for the end of their invocation into the buffer. */
    takeWaiting?: () => Promise<void>;
    /** The settings in use, for the operator. */
    inUse: () => string;
    /** Called for each INVOKE. */
    invoked?: (event: InvokeEvent) => void;
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
    this.#inUse = parts.inUse;
    this.#invoked = parts.invoked ?? (() => undefined);
    this.#takeWaiting = parts.takeWaiting ?? (() => Promise.resolve());
    this.#strategy = parts.strategy;
    this.#invocations.onUnawaited = (end) => this.#endedUnawaited(end);
    this.#ticker = new Ticker(parts.platform, () => {
      if (!this.#buffer.isEmpty) this.#delivery.flushInBackground();
    });
    this.#lossTeller = new Ticker(parts.platform, () =>
      this.#losses.tell(this.#diagnostics, this.#platform.monotonic()),
    );
  }

  /**
   * Delivers the lines of Init. It is called before the first `/next` where Lambda freezes the environment after it:
   * the freeze may last for an hour, after which Loki would refuse those lines as too old.
   */
  async init(): Promise<void> {
    await this.#invocations.whenInitDone(INIT_MS);
    await this.#delivery.flush(this.#options.flushTimeoutMs);
  }

  /** The invocation in progress has printed an error. */
  errorPrinted(): void {
    this.#trouble = true;
  }

  /** Runs until SHUTDOWN. @param invokeEvents whether the platform announces invocations. */
  async run(invokeEvents: boolean): Promise<void> {
    this.#diagnostics.debug(
      `flush strategy: ${invokeEvents ? this.#strategy.name : 'at the interval, on Managed Instances'}`,
    );
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
        // `/next` must be called whatever happens here.
        this.#diagnostics.warnOnce(
          'lifecycle',
          `an event of type ${event.eventType} could not be handled: ${messageOf(error)}`,
        );
        if (event.eventType === 'SHUTDOWN') return;
      }
    }
  }

  async #invocation(event: InvokeEvent): Promise<void> {
    const { requestId, deadlineMs } = event;
    this.#delivery.thawed();
    const margin = marginOf(deadlineMs - this.#platform.now());
    this.#invocations.begun(requestId);
    this.#requestIds.invoked(requestId);
    this.#invoked(event);
    this.#ticker.every(this.#strategy.intervalMs ?? this.#options.flushIntervalMs);
    // While the function runs, it costs nothing to try whether Loki is back.
    if (this.#delivery.outage || this.#delivery.backlog) this.#delivery.flushInBackground();
    this.#course = this.#begins();
    if (this.#course !== 'wait') return;

    const end = await this.#invocations.whenDone(requestId, deadlineMs - margin - this.#platform.now());
    this.#ticker.pause();
    const { flushTimeoutMs } = this.#options;
    const limit = flushBudget({
      now: this.#platform.now(),
      deadline: deadlineMs,
      margin,
      flushTimeout: flushTimeoutMs,
      done: end?.time,
    });
    const brief = Math.min(LONGEST_RESET_FLUSH_MS, Math.max(SHORTEST_RESET_FLUSH_MS, this.#delivery.healthyMs));
    await this.#delivery.flush(end?.resets === true ? Math.min(limit, brief) : limit, { arrived: this.#ends(end) });
    this.#losses.tell(this.#diagnostics, this.#platform.monotonic());
    // A function that is about to time out may still succeed, and the environment may freeze: then no push must be in
    // flight.
    if (end !== undefined) this.#idle();
  }

  #begins(): Course {
    const first = !this.#seenOne;
    this.#seenOne = true;
    const { fill } = this.#buffer;
    const course = this.#strategy.begins({ now: this.#platform.now(), first, trouble: this.#trouble, fill });
    this.#trouble = false;
    if (course !== 'wait') this.#diagnostics.debug(`flush strategy ${this.#strategy.name}: nothing is waited for`);
    return course;
  }

  /** Whether it is enough that the lines of an invocation have arrived at Loki. */
  #ends(end: InvocationEnd | undefined): boolean {
    const resets = end?.resets !== false;
    const trouble = resets || this.#trouble;
    this.#trouble = false;
    return this.#strategy.ends({ trouble, resets, fill: this.#buffer.fill }) === 'arrived';
  }

  /** Its lines are here, and are pushed while the next invocation runs. */
  #endedUnawaited({ resets }: InvocationEnd): void {
    if (resets) this.#trouble = true;
    if (this.#course !== 'wait') this.#losses.tell(this.#diagnostics, this.#platform.monotonic());
    if (this.#course === 'send') this.#delivery.flushInBackground();
  }

  #idle(): void {
    this.#ticker.every(this.#options.flushIntervalMs * this.#options.idleFlushMultiplier);
  }

  async #shutdown({ deadlineMs, shutdownReason }: ShutdownEvent): Promise<void> {
    const end = this.#platform.monotonic() + (deadlineMs - this.#platform.now()) - SHUTDOWN_MARGIN_MS;
    const left = (): number => Math.max(0, end - this.#platform.monotonic());
    this.#diagnostics.debug(`SHUTDOWN, reason ${shutdownReason}, ${Math.round(left())} ms left`);
    this.#lossTeller.stop();

    this.#delivery.thawed();
    // Lines that are here are pushed while the last telemetry arrives; later lines are pushed as they arrive.
    const flushed = this.#delivery.flush(left(), { last: true });
    flushed.catch(() => undefined); // looked at below; until then it is not unhandled
    this.#ticker.every(LAST_TICK_MS);
    const quiet = shutdownReason === 'spindown' ? LAST_TELEMETRY_MS : LAST_TELEMETRY_OF_RESET_MS;
    await delay(this.#platform, Math.min(quiet, left()));
    await this.#invocations.whenReported(Math.min(LAST_REPORT_MS, left() / 2));
    // With a full buffer and a Loki that hangs, lines may still wait for room.
    await Promise.race([this.#receiver.settled(), delay(this.#platform, left())]);
    await this.#takeWaiting();
    this.#ticker.stop();
    await flushed;
    if (!this.#buffer.isEmpty && left() > 0) await this.#delivery.flush(left(), { last: true });

    this.#losses.tell(this.#diagnostics, Infinity);
    if (!this.#buffer.isEmpty) this.#tellOfRest();
    const { lines, pushes } = this.#buffer.stored;
    this.#diagnostics.info(
      `the environment ends: Loki has stored ${lines} lines in ${pushes} pushes; ${this.#inUse()}`,
    );
    this.#receiver.close();
  }

  #tellOfRest(): void {
    const { lines, uncertainLines } = this.#buffer;
    const perhaps =
      uncertainLines === 0 ? '' : `, but for what Loki has of the ${uncertainLines} whose push was not answered`;
    this.#diagnostics.warn(`the environment ends with ${lines} lines that Loki did not take; they are lost${perhaps}`);
  }
}
