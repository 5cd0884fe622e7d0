import type { Settings } from '../config/settings';
import { messageOf } from '../diagnostics';
import { isPlatformError, platformError } from '../platform/errors';
import type { HttpRequest, PendingRequest, Platform } from '../platform/types';
import { VERSION } from '../version';
import { type Outcome, outcomeOf, outcomeOfError } from './outcome';

type Options = Pick<Settings, 'authorization' | 'tenantId' | 'gzip' | 'compressionThreshold' | 'requestTimeoutMs'> & { readonly url: string };

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

/** Sends single pushes to Loki and says what became of them. */
export class LokiClient {
  readonly #platform: Platform;
  readonly #options: Options;
  readonly #inFlight = new Set<PendingRequest>();

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
    const started = this.#platform.monotonic();
    const limit = Math.min(this.#options.requestTimeoutMs, limitMs);
    const first = await this.#attempt(push, Math.min(limit, REUSED_TIMEOUT_MS), limit);
    if (!first.deadConnection) return first.outcome;
    const left = first.frozen ? limit : limit - (this.#platform.monotonic() - started);
    if (left <= 0) return first.outcome;
    return (await this.#attempt(push, 0, left)).outcome;
  }

  /** Calls off everything in flight. */
  cancelAll(): void {
    for (const pending of [...this.#inFlight]) pending.cancel();
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** @param reusedTimeoutMs limit on a kept connection; 0 to use none. */
  async #attempt(push: EncodedPush, reusedTimeoutMs: number, timeoutMs: number): Promise<{ outcome: Outcome; deadConnection?: boolean; frozen?: boolean }> {
    const startedWall = this.#platform.now();
    const pending = this.#platform.request(this.#request(push, reusedTimeoutMs, timeoutMs));
    this.#inFlight.add(pending);
    try {
      return { outcome: outcomeOf(await pending.response, this.#platform.now()) };
    } catch (thrown) {
      const error = isPlatformError(thrown) ? thrown : platformError('EIO', messageOf(thrown));
      const frozen = this.#platform.now() - startedWall > timeoutMs + FROZEN_MS;
      const deadConnection = error.code !== 'ECANCELED' && reusedTimeoutMs > 0 && (error.reused === true || frozen);
      return { outcome: outcomeOfError(error), deadConnection, frozen };
    } finally {
      this.#inFlight.delete(pending);
    }
  }

  #request(push: EncodedPush, reusedTimeoutMs: number, timeoutMs: number): HttpRequest {
    const { url, authorization, tenantId } = this.#options;
    const headers: Record<string, string> = { 'content-type': 'application/json', 'user-agent': `lambdawatch/${VERSION}` };
    if (push.gzip) headers['content-encoding'] = 'gzip';
    if (authorization !== undefined) headers.authorization = authorization;
    if (tenantId !== undefined) headers['x-scope-orgid'] = tenantId;
    return {
      method: 'POST', url, headers, body: push.body, timeoutMs, reusedTimeoutMs,
      maxIdleMs: reusedTimeoutMs === 0 ? 0 : MAX_IDLE_MS, maxResponseBytes: 16_384,
    };
  }
}
