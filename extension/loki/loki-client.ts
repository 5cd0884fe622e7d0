import type { Settings } from '../config/settings';
import { messageOf } from '../diagnostics';
import type { Attempt, Extras, Outbound } from '../secrets/outbound';
import { isPlatformError, platformError } from '../platform/errors';
import type { HttpRequest, PendingRequest, Platform } from '../platform/types';
import { VERSION } from '../version';
import { type Outcome, outcomeOf, outcomeOfError } from './outcome';

interface Options extends Pick<Settings, 'authorization' | 'tenantId' | 'gzip' | 'compressionThreshold' | 'requestTimeoutMs'> {
  readonly url: string;
  /** Gives what the push goes through, where there is more to it than the URL and the `authorization`. */
  readonly loadOutbound?: () => Promise<Outbound>;
}

/**
 * A connection that has not been used for so long is not trusted: servers and NAT gateways drop idle ones after 60 s or more, and a frozen
 * process does not notice.
 */
const MAX_IDLE_MS = 45_000;

/** On a kept connection silence may mean that it is dead, so less time is lost on it than on a fresh one. */
const REUSED_TIMEOUT_MS = 1000;

/** A request that ends this much after its timeout was frozen in the meantime: that says nothing about Loki. */
const FROZEN_MS = 1000;

/** A body ready to be sent, so that a retry sends the same bytes. */
export interface EncodedPush {
  readonly body: string | Uint8Array;
  readonly gzip: boolean;
}

interface FullAttempt extends Attempt {
  readonly deadConnection?: boolean;
  readonly frozen?: boolean;
}

/** Sends single pushes to Loki and says what became of them. */
export class LokiClient {
  readonly #platform: Platform;
  readonly #options: Options;
  readonly #inFlight = new Set<PendingRequest>();
  #outbound: Outbound | undefined;
  /** How often everything was called off: what began before the last time is not to be sent again. */
  #calledOff = 0;
  #restarts = 0;

  constructor(platform: Platform, options: Options) {
    this.#platform = platform;
    this.#options = options;
  }

  encode(body: string): EncodedPush {
    const { gzip, compressionThreshold } = this.#options;
    if (!gzip || this.#platform.utf8Length(body) <= compressionThreshold) return { body, gzip: false };
    return { body: this.#platform.gzip(body), gzip: true };
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
    const first = await this.#attempt(push, extras, Math.min(limit, REUSED_TIMEOUT_MS), limit);
    if (!first.deadConnection) return first;
    if (calledOff !== this.#calledOff) return { outcome: { kind: 'canceled' } };
    const left = first.frozen ? limit : limit - (this.#platform.monotonic() - started);
    if (left <= 0) return first;
    return this.#attempt(push, extras, 0, left);
  }

  /** Sends everything that is in flight again, on fresh connections: after a freeze the ones in use may be dead. */
  restartAll(): void {
    this.#restarts++;
    for (const pending of [...this.#inFlight]) pending.cancel();
  }

  /** Calls off everything in flight. */
  cancelAll(): void {
    this.#calledOff++;
    this.#outbound?.cancelAll();
    for (const pending of [...this.#inFlight]) pending.cancel();
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** @param reusedTimeoutMs limit on a kept connection; 0 to use none. */
  async #attempt(push: EncodedPush, extras: Extras, reusedTimeoutMs: number, timeoutMs: number): Promise<FullAttempt> {
    const startedWall = this.#platform.now();
    const restarts = this.#restarts;
    const pending = this.#platform.request(this.#request(push, extras, reusedTimeoutMs, timeoutMs));
    this.#inFlight.add(pending);
    try {
      const response = await pending.response;
      return { outcome: outcomeOf(response, this.#platform.now()), status: response.status };
    } catch (thrown) {
      const error = isPlatformError(thrown) ? thrown : platformError('EIO', messageOf(thrown));
      const restarted = error.code === 'ECANCELED' && restarts !== this.#restarts;
      const frozen = restarted || this.#platform.now() - startedWall > timeoutMs + FROZEN_MS;
      const deadConnection = restarted || (error.code !== 'ECANCELED' && reusedTimeoutMs > 0 && (error.reused === true || frozen));
      return { outcome: outcomeOfError(error), error, deadConnection, frozen };
    } finally {
      this.#inFlight.delete(pending);
    }
  }

  #request(push: EncodedPush, { authorization, ...extras }: Extras, reusedTimeoutMs: number, timeoutMs: number): HttpRequest {
    const { url, tenantId } = this.#options;
    const headers: Record<string, string> = { 'content-type': 'application/json', 'user-agent': `lambdawatch/${VERSION}` };
    if (push.gzip) headers['content-encoding'] = 'gzip';
    if (authorization !== undefined) headers.authorization = authorization;
    if (tenantId !== undefined) headers['x-scope-orgid'] = tenantId;
    return {
      method: 'POST', url, headers, body: push.body, timeoutMs, reusedTimeoutMs,
      maxIdleMs: reusedTimeoutMs === 0 ? 0 : MAX_IDLE_MS, maxResponseBytes: 16_384, ...extras,
    };
  }
}
