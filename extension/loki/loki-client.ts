import type { Settings } from '../config/settings';
import { messageOf, isPlatformError, platformError } from '../platform/errors';
import type { Attempt, Extras, Outbound } from './way/outbound';
import type { HttpRequest, HttpResponse, Platform, TextPart } from '../platform/types';
import { VERSION } from '../version';
import type { Latency } from './latency';
import { Hedge, type Terms } from './hedge';
import { InFlight, type Limits, type Unhurried } from './in-flight';
import { classify, classifyError, type Outcome } from './classify';

interface Options
  extends Pick<Settings, 'authorization' | 'tenantId' | 'gzip' | 'compressionThreshold' | 'requestTimeoutMs'> {
  readonly url: string;
  /** Removes secrets from an answer. This has to be done before it is shortened. */
  readonly redact?: (text: string) => string;
  /** Returns credentials, TLS and proxy for the push, where the URL and `authorization` are not enough. */
  readonly loadOutbound?: () => Promise<Outbound>;
}

/**
 * A connection that was idle for this long is not used: servers and NAT gateways drop idle ones after 60 s or more, and
 * a frozen process doesn't notice.
 */
const MAX_IDLE_MS = 45_000;

/**
 * On a kept connection silence may mean that it is dead, since a freeze perhaps, so less time is lost on it than on a
 * fresh one: this at least …
 */
const SHORTEST_SILENCE_MS = 1000;

/** … and this many times as long as a healthy push takes. */
const SILENCE_FACTOR = 3;

/**
 * In the last flush another try begins after this silence, beside the first: it has to fit into the time that SHUTDOWN
 * leaves.
 */
const LAST_SHORTEST_SILENCE_MS = 500;
const LAST_SILENCE_FACTOR = 1.5;

/** The same for a Loki that has not answered yet, so that it isn't known how long it takes. */
const LAST_SILENCE_OF_UNKNOWN_MS = 800;

/** A request that ends this much after its timeout was frozen in the meantime: that says nothing about Loki. */
const FROZEN_MS = 1000;

/** When Loki refuses many lines, it names each of them. */
const MAX_ANSWER_BYTES = 65_536;

/** A body ready to be sent, so that a retry sends the same bytes. */
export interface EncodedPush {
  readonly body: Uint8Array;
  readonly gzip: boolean;
  /** Size before compression. */
  readonly bytes: number;
}

interface FullAttempt extends Attempt {
  readonly deadConnection?: boolean;
  readonly frozen?: boolean;
}

const CALLED_OFF: Attempt = { outcome: { kind: 'canceled' } };

/** A push, through all its tries. */
interface Sending {
  readonly push: EncodedPush;
  readonly limit: number;
  readonly extras: Extras;
  readonly unhurried: Unhurried | undefined;
  readonly started: number;
  readonly calledOff: number;
  tries: number;
  /** Makes of the attempt that counts what is resolved. */
  readonly conclude: (attempt: Attempt) => unknown;
}

type PushHedge = Hedge<Sending, FullAttempt, unknown>;

const outcomeOf = ({ outcome }: Attempt): Outcome => outcome;
const itself = (attempt: Attempt): Attempt => attempt;

/** The outcome of a try after others whose outcome is not known: Loki may have stored the push before. */
function afterOthers(attempt: Attempt): Attempt {
  const { outcome } = attempt;
  if (outcome.kind !== 'failed' && outcome.kind !== 'denied') return attempt;
  return { ...attempt, outcome: { ...outcome, perhapsStored: true } };
}

/** Sends single pushes to Loki and returns their outcomes. */
export class LokiClient {
  readonly #platform: Platform;
  readonly #options: Options;
  readonly #latency: Latency;
  readonly #inFlight = new Set<InFlight>();
  readonly #hedges = new Set<PushHedge>();
  readonly #terms: Terms<Sending, FullAttempt, unknown> = {
    begin: (hedge, number, previous) => this.#begin(hedge, number, previous),
    isInconclusive: ({ status, deadConnection, outcome }, alone) =>
      deadConnection === true || (!alone && status === undefined && outcome.kind !== 'canceled'),
    conclude: (attempt, hedge) => this.#conclude(attempt, hedge),
  };
  #outbound: Outbound | undefined;
  /** How often everything was canceled: a push that began before the last time must not be sent again. */
  #calledOff = 0;
  /** There has been an answer, so a connection may be kept. */
  #connected = false;
  /** The last push was stored at the first try. */
  #steady = false;

  /** @param latency learns from each push how long Loki takes. */
  constructor(platform: Platform, options: Options, latency: Latency) {
    this.#platform = platform;
    this.#options = options;
    this.#latency = latency;
  }

  /** The length of a body in UTF-8. */
  bytesOf(body: readonly TextPart[]): number {
    let bytes = 0;
    for (const part of body) bytes += typeof part === 'string' ? this.#platform.utf8Length(part) : part.bytes();
    return bytes;
  }

  encode(body: readonly TextPart[], bytes = this.bytesOf(body)): EncodedPush {
    const { gzip, compressionThreshold } = this.#options;
    if (!gzip || bytes <= compressionThreshold) return { body: this.#platform.utf8(body), gzip: false, bytes };
    return { body: this.#platform.gzip(body), gzip: true, bytes };
  }

  /**
   * One push; never rejects. When the connection was dead, since a freeze for example, the push is sent again
   * immediately on a fresh one, within the same limit.
   * @param limitMs the most time that it may take, if less than the request timeout of the settings.
   * @param last whether this is the last flush.
   * @param unhurried given where a freeze may come before the answer: then only time in which the process runs counts.
   */
  push(push: EncodedPush, limitMs: number, last = false, unhurried?: Unhurried): Promise<Outcome> {
    const limit = Math.min(this.#options.requestTimeoutMs, limitMs);
    const { loadOutbound, authorization } = this.#options;
    return loadOutbound === undefined
      ? this.#send(push, limit, last, { authorization }, unhurried, outcomeOf)
      : this.#pushThrough(loadOutbound, push, limit, last, unhurried);
  }

  async #pushThrough(
    load: () => Promise<Outbound>,
    push: EncodedPush,
    limit: number,
    last: boolean,
    unhurried: Unhurried | undefined,
  ): Promise<Outcome> {
    const calledOff = this.#calledOff;
    this.#outbound ??= await load();
    if (calledOff !== this.#calledOff) return { kind: 'canceled' };
    return this.#outbound.push(limit, (left, extras) => this.#send(push, left, last, extras, unhurried, itself));
  }

  /**
   * Whether the last push was stored at the first try and a connection is kept, so that the next push will probably be,
   * too.
   */
  get isSteady(): boolean {
    return this.#steady;
  }

  /** @param conclude turns the conclusive attempt into the result. */
  #send<R>(
    push: EncodedPush,
    limit: number,
    last: boolean,
    extras: Extras,
    unhurried: Unhurried | undefined,
    conclude: (attempt: Attempt) => R,
  ): Promise<R> {
    const started = this.#platform.monotonic();
    const calledOff = this.#calledOff;
    const sending = { push, limit, extras, unhurried, started, calledOff, tries: 0, conclude };
    const hedge: PushHedge = new Hedge(this.#platform, this.#terms, sending);
    this.#hedges.add(hedge);
    if (last) hedge.hurry(this.#lastSilenceMs);
    return hedge.outcome as Promise<R>;
  }

  #begin(hedge: PushHedge, number: number, previous: FullAttempt | undefined): InFlight | undefined {
    const { limit, unhurried, started, calledOff } = hedge.subject;
    const again = previous?.frozen === true ? limit : limit - (this.#platform.monotonic() - started);
    const left = number > 0 && unhurried !== undefined ? this.#options.requestTimeoutMs : again;
    if (number > 0 && (left <= 0 || calledOff !== this.#calledOff)) return undefined;
    hedge.subject.tries++;
    return number === 0
      ? this.#attempt(hedge, { reusedMs: Math.min(limit, this.#silenceMs), fullMs: left }, unhurried)
      : this.#attempt(hedge, { reusedMs: 0, fullMs: left }, unhurried && {});
  }

  #conclude(attempt: FullAttempt, hedge: PushHedge): unknown {
    const { tries, calledOff, conclude } = hedge.subject;
    this.#hedges.delete(hedge);
    this.#steady = tries === 1 && attempt.outcome.kind === 'stored';
    // A push that was canceled at the moment when its connection turned out to be dead.
    if (attempt.deadConnection === true && calledOff !== this.#calledOff) return conclude(CALLED_OFF);
    return conclude(tries > 1 ? afterOthers(attempt) : attempt);
  }

  /**
   * The last flush begins: each push in flight is sent again beside the first try, however it began. Loki stores a line
   * once even if it receives it twice.
   */
  hurry(): void {
    for (const hedge of this.#hedges) hedge.hurry(this.#lastSilenceMs);
  }

  /**
   * The environment may have been frozen. Pushes that have been in flight for longer than a healthy push takes are sent
   * again on fresh connections, because theirs may be dead. Younger ones were not frozen for long enough to matter.
   * Unhurried pushes get time for their answers.
   */
  thawed(): void {
    const oldest = this.#platform.now() - this.#silenceMs;
    for (const one of [...this.#inFlight]) {
      one.thawed(this.#silenceMs);
      if (one.patience !== undefined || one.startedWall > oldest) continue;
      one.restarted = true;
      one.pending.cancel();
    }
  }

  /** Cancels everything in flight. */
  cancelAll(): void {
    this.#calledOff++;
    this.#outbound?.cancelAll();
    for (const { pending } of [...this.#inFlight]) pending.cancel();
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  #attempt(hedge: PushHedge, limits: Limits, unhurried: Unhurried | undefined): InFlight {
    const { push, extras } = hedge.subject;
    const request = this.#request(push, extras, limits, unhurried === undefined);
    const inFlight = new InFlight(this.#platform, request, limits, this.#connected, unhurried);
    void this.#follow(hedge, inFlight, limits);
    return inFlight;
  }

  /** Waits for the end of a try and tells its hedge. */
  async #follow(hedge: PushHedge, inFlight: InFlight, limits: Limits): Promise<void> {
    const started = this.#platform.monotonic();
    const fresh = inFlight.onFresh;
    let attempt: FullAttempt;
    this.#inFlight.add(inFlight);
    try {
      const response = await inFlight.pending.response;
      attempt = this.#answered(hedge.subject.push, inFlight, response, this.#platform.monotonic() - started, fresh);
    } catch (thrown) {
      attempt = this.#unanswered(inFlight, limits, thrown);
    }
    inFlight.patience?.stop();
    this.#inFlight.delete(inFlight);
    hedge.ended(inFlight, attempt);
  }

  /** @param took how long it took, in milliseconds. */
  #answered(push: EncodedPush, inFlight: InFlight, response: HttpResponse, took: number, fresh: boolean): FullAttempt {
    const { status, body } = response;
    const answer = status === 204 ? response : { ...response, body: this.#options.redact?.(body) ?? body };
    const outcome = classify(answer, this.#platform.now(), push.bytes);
    // An answer of any kind shows how long Loki takes.
    if (!inFlight.frozen) this.#latency.note(inFlight.patience?.running(took) ?? took, fresh);
    this.#connected = true;
    return { outcome, status };
  }

  #unanswered(inFlight: InFlight, { reusedMs, fullMs }: Limits, thrown: unknown): FullAttempt {
    const error = isPlatformError(thrown) ? thrown : platformError('EIO', messageOf(thrown));
    if (error.code === 'ECANCELED' && inFlight.outOfTime) {
      const late = platformError('ETIMEDOUT', `no answer from Loki within ${Math.round(fullMs)} ms. ${error.message}`);
      return { outcome: classifyError(late), error: late, deadConnection: !inFlight.onFresh };
    }
    const restarted = error.code === 'ECANCELED' && inFlight.restarted;
    const frozen = restarted || this.#platform.now() - inFlight.startedWall > fullMs + FROZEN_MS;
    const deadConnection =
      restarted || (error.code !== 'ECANCELED' && reusedMs > 0 && (error.reused === true || frozen));
    return { outcome: classifyError(error), error, deadConnection, frozen };
  }

  get #silenceMs(): number {
    return Math.max(SHORTEST_SILENCE_MS, SILENCE_FACTOR * this.#latency.keptMs);
  }

  get #lastSilenceMs(): number {
    const { keptMs } = this.#latency;
    if (keptMs === 0) return LAST_SILENCE_OF_UNKNOWN_MS;
    return Math.max(LAST_SHORTEST_SILENCE_MS, LAST_SILENCE_FACTOR * keptMs);
  }

  /** @param limited whether the request has its own limits of time; otherwise they are watched beside it. */
  #request(
    push: EncodedPush,
    { authorization, tls, proxy }: Extras,
    { reusedMs, fullMs }: Limits,
    limited: boolean,
  ): HttpRequest {
    const { url, tenantId } = this.#options;
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': `lambdawatch/${VERSION}`,
    };
    if (push.gzip) headers['content-encoding'] = 'gzip';
    if (authorization !== undefined) headers.authorization = authorization;
    if (tenantId !== undefined) headers['x-scope-orgid'] = tenantId;
    return {
      method: 'POST',
      url,
      headers,
      body: push.body,
      maxIdleMs: reusedMs > 0 ? MAX_IDLE_MS : 0,
      maxResponseBytes: MAX_ANSWER_BYTES,
      timeoutMs: limited ? fullMs : undefined,
      reusedTimeoutMs: limited ? reusedMs : undefined,
      tls,
      proxy,
    };
  }
}
