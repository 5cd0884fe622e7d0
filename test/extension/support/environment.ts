import { delivery as deliveryOf, pushOf, settingsOf } from './builders';
import { FakePlatform } from './fake-platform';
import { Diagnostics } from '../../../extension/diagnostics';
import type { LifecycleEvent } from '../../../extension/lambda/events';
import type { LineBuffer } from '../../../extension/buffer/line-buffer';
import type { Delivery } from '../../../extension/loki/delivery';
import { createPipeline } from '../../../extension/pipeline';
import { createLineRules } from '../../../extension/rules';
import type { Intake } from '../../../extension/telemetry/intake';

/** One call of `/next`. */
export interface NextCall {
  readonly at: number;
  /** Pushes in flight at that moment. */
  readonly inFlight: number;
}

export interface EnvironmentOptions {
  readonly env?: Record<string, string>;
  /** False for Managed Instances. */
  readonly invokeEvents?: boolean;
  /** Provisioned concurrency or SnapStart. */
  readonly frozenAfterInit?: boolean;
}

/**
 * The extension without its sockets, in virtual time: a Lambda environment that the test plays (`invoke`, `shutdown`,
 * `telemetry`) and a Loki that is `platform.onRequest`.
 */
export class FakeEnvironment {
  readonly platform = new FakePlatform();
  readonly diagnostics: Diagnostics;
  readonly buffer: LineBuffer;
  readonly delivery: Delivery;
  readonly nextCalls: NextCall[] = [];
  /** Resolves when the lifecycle has ended. */
  readonly ended: Promise<void>;
  hasEnded = false;
  receiverClosed = false;
  /** Line and moment of each line that a push brought which was answered 2xx. */
  readonly stored: { readonly line: string; readonly requestId: string | undefined; readonly at: number }[] = [];

  readonly #intake: Intake;
  #telemetry: Promise<void> = Promise.resolve();
  #answerNext: ((event: LifecycleEvent) => void) | undefined;

  constructor({ env = {}, invokeEvents = true, frozenAfterInit = false }: EnvironmentOptions = {}) {
    const { platform } = this;
    platform.env = { AWS_REGION: 'eu-west-1' };
    const settings = settingsOf({ LOKI_ENABLE_GZIP: 'false', ...env });
    const receiver = { port: 4327, close: () => void (this.receiverClosed = true), settled: () => this.#telemetry };
    const { intake, lifecycle, buffer, delivery } = createPipeline({
      platform,
      diagnostics: (this.diagnostics = new Diagnostics(platform)),
      settings,
      url: settings.endpoint!.url,
      receiver,
      next: () => this.#next(),
      registration: { functionName: 'orders', functionVersion: '7', invokeEvents },
      rules:
        env.LOKI_RULES !== undefined || env.LOKI_MIN_LEVEL !== undefined
          ? createLineRules(platform, this.diagnostics, settings, !invokeEvents)
          : undefined,
    });
    this.buffer = buffer;
    this.delivery = delivery;
    this.#intake = intake;
    const ready = frozenAfterInit ? lifecycle.init() : Promise.resolve();
    this.ended = ready.then(() => lifecycle.run(invokeEvents)).then(() => void (this.hasEnded = true));
  }

  /** Loki answers everything so from now on, and what it answers 2xx is {@link stored}. */
  loki(status: number, afterMs = 20, body = ''): void {
    this.platform.onRequest = (request) => {
      if (status < 300) {
        this.platform.setTimer(afterMs, () => {
          const { stream, values } = pushOf(request);
          const at = this.platform.monotonic();
          for (const [, line, metadata] of values)
            this.stored.push({ line, requestId: stream.request_id ?? metadata?.request_id, at });
        });
      }
      return { status, body, afterMs };
    };
  }

  lokiHangs(): void {
    this.platform.onRequest = () => ({ hangs: true });
  }

  /** Answers the pending `/next`; fails when there is none, because then Lambda would still wait for the extension. */
  async event(event: LifecycleEvent): Promise<void> {
    await this.platform.settle();
    const answer = this.#answerNext;
    if (answer === undefined) throw new Error('the extension has not called /next');
    this.#answerNext = undefined;
    answer(event);
    await this.platform.settle();
  }

  async invoke(requestId: string, timeoutMs = 30_000): Promise<void> {
    await this.event({ eventType: 'INVOKE', requestId, deadlineMs: this.platform.now() + timeoutMs });
  }

  async shutdown(shutdownReason = 'spindown', deadlineMs = 2000): Promise<void> {
    await this.event({ eventType: 'SHUTDOWN', deadlineMs: this.platform.now() + deadlineMs, shutdownReason });
  }

  /**
   * One delivery of the Telemetry API. Not awaited until it is answered: that may take its time when the buffer is
   * full.
   */
  async telemetry(...events: readonly [type: string, record: unknown][]): Promise<void> {
    return this.telemetryOf(this.platform.now(), ...events);
  }

  /** The same, of events that are older than their delivery. */
  async telemetryOf(millis: number, ...events: readonly [type: string, record: unknown][]): Promise<void> {
    const time = new Date(millis).toISOString();
    const delivery = this.#telemetry.then(() =>
      this.#intake.accept(deliveryOf(events.map(([type, record]) => ({ time, type, record })))),
    );
    this.#telemetry = delivery;
    await this.platform.settle();
  }

  start = (requestId: string): Promise<void> => this.telemetry(['platform.start', { requestId, version: '7' }]);
  log = (...lines: string[]): Promise<void> =>
    this.telemetry(...lines.map((line): [string, unknown] => ['function', line]));
  done = (requestId: string, status = 'success'): Promise<void> =>
    this.telemetry(['platform.runtimeDone', { requestId, status }]);
  report = (requestId: string): Promise<void> =>
    this.telemetry(['platform.report', { requestId, status: 'success', metrics: { durationMs: 1 } }]);

  /** Whether the extension waits in `/next`, so that Lambda may freeze the environment. */
  get waits(): boolean {
    return this.#answerNext !== undefined;
  }

  /** Lets time pass until `/next` is called, and says how long that took. Fails after `limitMs`. */
  async untilNext(limitMs = 60_000): Promise<number> {
    const before = this.platform.monotonic();
    const calls = this.nextCalls.length;
    await this.platform.settle();
    if (this.waits) return 0;
    while (this.nextCalls.length === calls) {
      if (this.platform.monotonic() - before > limitMs) throw new Error(`/next was not called within ${limitMs} ms`);
      await this.platform.advance(1);
    }
    return this.nextCalls.at(-1)!.at - before;
  }

  get lines(): string[] {
    return this.stored.map(({ line }) => line);
  }

  #next(): Promise<LifecycleEvent> {
    this.nextCalls.push({ at: this.platform.monotonic(), inFlight: this.platform.inFlight });
    return new Promise((resolve) => (this.#answerNext = resolve));
  }
}
