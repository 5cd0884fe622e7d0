import type { Settings } from '../config/settings';
import { messageOf } from '../platform/errors';
import type { Attempt, Extras, Outbound } from '../secrets/outbound';
import { isPlatformError, platformError } from '../platform/errors';
import type { HttpRequest, PendingRequest, Platform } from '../platform/types';
import { VERSION } from '../version';
import type { Latency } from './latency';
import { classify, classifyError, type Outcome } from './classify';

interface Options extends Pick<Settings, 'authorization' | 'tenantId' | 'gzip' | 'compressionThreshold' | 'requestTimeoutMs'> {
  readonly url: string;
  /** Takes secrets out of an answer, which has to be done before it is shortened. */
  readonly redact?: (text: string) => string;
  /** Gives what the push goes through, where there is more to it than the URL and the `authorization`. */
  readonly loadOutbound?: () => Promise<Outbound>;
}

/**
 * A connection that has not been used for so long is not trusted: servers and NAT gateways drop idle ones after 60 s or more, and a frozen
 * process does not notice.
 */
const MAX_IDLE_MS = 45_000;

/**
 * A kept connection that was in use less than this ago is alive. On one that has been idle for longer, silence may mean that it is dead:
 * a freeze may have come in between, so silence is believed to be Loki's for a shorter time.
 */
const ALIVE_MS = 1000;

/** Least time that a push on an idle connection is waited for … */
const SHORTEST_SILENCE_MS = 1000;

/** … and how many times as long as a healthy push takes. */
const SILENCE_FACTOR = 3;

/** A request that ends this much after its timeout was frozen in the meantime: that says nothing about Loki. */
const FROZEN_MS = 1000;

/** Where Loki refuses many lines it names each of them. */
const MAX_ANSWER_BYTES = 65_536;

/** A body ready to be sent, so that a retry sends the same bytes. */
export interface EncodedPush {
  readonly body: string | Uint8Array;
  readonly gzip: boolean;
  /** Size before compression. */
  readonly bytes: number;
}

interface FullAttempt extends Attempt {
  readonly deadConnection?: boolean;
  readonly frozen?: boolean;
}

interface InFlight {
  readonly pending: PendingRequest;
  readonly startedWall: number;
  /** Canceled in order to be sent again. */
  restarted: boolean;
}

/** Sends single pushes to Loki and says what became of them. */
export class LokiClient {
  readonly #platform: Platform;
  readonly #options: Options;
  readonly #latency: Latency;
  readonly #inFlight = new Set<InFlight>();
  #outbound: Outbound | undefined;
  /** How often everything was called off: what began before the last time is not to be sent again. */
  #calledOff = 0;
  /** When an answer last came, by the clock on the wall: the other one may stand still in a freeze. */
  #answeredAt = -Infinity;

  /** @param latency what is known of how long Loki takes; learned elsewhere. */
  constructor(platform: Platform, options: Options, latency: Latency) {
    this.#platform = platform;
    this.#options = options;
    this.#latency = latency;
  }

  encode(body: string): EncodedPush {
    const { gzip, compressionThreshold } = this.#options;
    const bytes = this.#platform.utf8Length(body);
    if (!gzip || bytes <= compressionThreshold) return { body, gzip: false, bytes };
    return { body: this.#platform.gzip(body), gzip: true, bytes };
  }

  /**
   * One push; never rejects. What failed for want of a live connection, dead since a freeze for example, is sent again
   * at once on a fresh one, within the same limit.
   * @param limitMs most time that it may take, if less than the request timeout of the settings.
   */
  async push(push: EncodedPush, limitMs: number): Promise<Outcome> {
    const limit = Math.min(this.#options.requestTimeoutMs, limitMs);
    const { loadOutbound: load, authorization } = this.#options;
    if (load === undefined) return (await this.#send(push, limit, { authorization })).outcome;
    const calledOff = this.#calledOff;
    this.#outbound ??= await load();
    if (calledOff !== this.#calledOff) return { kind: 'canceled' };
    return this.#outbound.push(limit, (left, extras) => this.#send(push, left, extras));
  }

  async #send(push: EncodedPush, limit: number, extras: Extras): Promise<Attempt> {
    const started = this.#platform.monotonic();
    const calledOff = this.#calledOff;
    const first = await this.#attempt(push, extras, Math.min(limit, this.#silenceMs()), limit);
    if (!first.deadConnection) return first;
    if (calledOff !== this.#calledOff) return { outcome: { kind: 'canceled' } };
    const left = first.frozen ? limit : limit - (this.#platform.monotonic() - started);
    if (left <= 0) return first;
    return this.#attempt(push, extras, 0, left);
  }

  /**
   * Sends again, on fresh connections, what has been in flight for longer than a healthy push takes: after a freeze its connection may
   * be dead. What is younger was not frozen for long enough to matter.
   */
  restartStale(): void {
    const oldest = this.#platform.now() - this.#longestSilenceMs();
    for (const one of [...this.#inFlight]) {
      if (one.startedWall > oldest) continue;
      one.restarted = true;
      one.pending.cancel();
    }
  }

  /** Calls off everything in flight. */
  cancelAll(): void {
    this.#calledOff++;
    this.#outbound?.cancelAll();
    for (const { pending } of [...this.#inFlight]) pending.cancel();
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** @param reusedTimeoutMs limit on a kept connection; 0 to use none. */
  async #attempt(push: EncodedPush, extras: Extras, reusedTimeoutMs: number, timeoutMs: number): Promise<FullAttempt> {
    const startedWall = this.#platform.now();
    const pending = this.#platform.request(this.#request(push, extras, reusedTimeoutMs, timeoutMs));
    const inFlight: InFlight = { pending, startedWall, restarted: false };
    this.#inFlight.add(inFlight);
    try {
      const response = await pending.response;
      this.#answeredAt = this.#platform.now();
      const { status, body } = response;
      const answer = status === 204 ? response : { ...response, body: this.#options.redact?.(body) ?? body };
      return { outcome: classify(answer, this.#answeredAt, push.bytes), status };
    } catch (thrown) {
      const error = isPlatformError(thrown) ? thrown : platformError('EIO', messageOf(thrown));
      const restarted = error.code === 'ECANCELED' && inFlight.restarted;
      const frozen = restarted || this.#platform.now() - startedWall > timeoutMs + FROZEN_MS;
      const deadConnection = restarted || (error.code !== 'ECANCELED' && reusedTimeoutMs > 0 && (error.reused === true || frozen));
      return { outcome: classifyError(error), error, deadConnection, frozen };
    } finally {
      this.#inFlight.delete(inFlight);
    }
  }

  #silenceMs(): number {
    return this.#platform.now() - this.#answeredAt < ALIVE_MS ? Infinity : this.#longestSilenceMs();
  }

  #longestSilenceMs(): number {
    return Math.max(SHORTEST_SILENCE_MS, SILENCE_FACTOR * this.#latency.healthyMs);
  }

  #request(push: EncodedPush, { authorization, ...extras }: Extras, reusedTimeoutMs: number, timeoutMs: number): HttpRequest {
    const { url, tenantId } = this.#options;
    const headers: Record<string, string> = { 'content-type': 'application/json', 'user-agent': `lambdawatch/${VERSION}` };
    if (push.gzip) headers['content-encoding'] = 'gzip';
    if (authorization !== undefined) headers.authorization = authorization;
    if (tenantId !== undefined) headers['x-scope-orgid'] = tenantId;
    return {
      method: 'POST', url, headers, body: push.body, timeoutMs, reusedTimeoutMs,
      maxIdleMs: reusedTimeoutMs === 0 ? 0 : MAX_IDLE_MS, maxResponseBytes: MAX_ANSWER_BYTES, ...extras,
    };
  }
}
