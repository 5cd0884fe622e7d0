import type { HttpResponse, PlatformError } from '../platform/types';
import { firstWords } from './answer-text';

/** The outcome of one push, which decides what to do next. */
export type Outcome =
  /** Loki has stored it. */
  | { readonly kind: 'stored' }
  /** It may succeed later: rate limit, or trouble with a server or the network. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly retryAfterMs?: number;
      readonly told?: Told;
      readonly perhapsContent?: PerhapsContent;
      readonly notStored?: NotStored;
      readonly perhapsStored?: PerhapsStored;
    }
  /** The push is too large; its halves may succeed. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** The tenant is at its limit of streams, and this push would open another one. */
  | { readonly kind: 'stream-limit'; readonly reason: string }
  /** This Loki doesn't accept structured metadata. */
  | { readonly kind: 'no-metadata'; readonly reason: string }
  /**
   * Some lines will never be accepted; the others have been stored. Another try is of no use. `lines` is how many were
   * refused, or `undefined` for all of the push.
   */
  | { readonly kind: 'refused'; readonly reason: string; readonly lines?: number }
  /**
   * Loki accepts nothing from this sender with its settings (credentials, tenant, path). The lines themselves are fine.
   */
  | {
      readonly kind: 'denied';
      readonly reason: string;
      readonly told?: Told;
      readonly perhapsContent?: PerhapsContent;
      readonly perhapsStored?: PerhapsStored;
    }
  /** The extension itself canceled it. */
  | { readonly kind: 'canceled' };

/** The cause has already been logged. */
export type Told = true;

/**
 * Loki has certainly not stored the lines: there was no connection, or Loki said so. Otherwise it may have stored them.
 */
export type NotStored = true;

/** Whatever this answer says, the same push was sent before, and nobody knows what became of it. */
export type PerhapsStored = true;

/** Something in between, such as a web application firewall, may reject these particular lines and let others pass. */
export type PerhapsContent = true;

/** Loki answers this when ingestion is blocked for the tenant. It looks like a success, but the data is discarded. */
const INGESTION_BLOCKED = 260;

/** A push smaller than this is not refused for its size, whatever the answer says. */
const SMALLEST_TOO_LARGE = 4096;

/** How much of an answer is examined: Loki's message is at the beginning. */
const LOOKED_AT = 4096;

/**
 * Reads Loki's answer to a push (Loki documentation, "Request validation and rate limits"; the texts are those of Loki
 * 2.9 and 3).
 * @param now milliseconds since the epoch, for a `Retry-After` that is a date.
 * @param bodyBytes size of the push, uncompressed.
 */
export function classify(response: HttpResponse, now: number, bodyBytes: number): Outcome {
  const { status, headers } = response;
  const body = response.body.slice(0, LOOKED_AT);
  if (status === 204) return { kind: 'stored' };
  const reason = `status ${status}${firstWords(body)}`;
  if (status === INGESTION_BLOCKED) return { kind: 'refused', reason };
  if (status >= 200 && status < 300) {
    // Loki never answers with HTML: the sign-in page of a proxy in between received the lines.
    return isHtml(headers, body)
      ? { kind: 'denied', reason: `${reason} (an HTML page, so not from Loki)` }
      : { kind: 'stored' };
  }
  const retryAfterMs = retryAfter(headers['retry-after'], now);
  const mayBeSize = bodyBytes >= SMALLEST_TOO_LARGE;
  if (status >= 500) {
    // A push over the ingesters' gRPC limit (4 MiB by default) is answered with 500 and never succeeds unless it is
    // split. The code of that answer, ResourceExhausted, isn't enough to recognise it: every quota has the same code.
    if (mayBeSize && body.includes('message larger than max')) return { kind: 'too-large', reason };
    return {
      kind: 'failed',
      reason,
      retryAfterMs,
      ...(status === 500 && PERHAPS),
      ...(status === 503 && { notStored: true }),
    };
  }
  switch (status) {
    case 413:
      return mayBeSize ? { kind: 'too-large', reason } : { kind: 'denied', reason, ...PERHAPS };
    case 429:
      return /maximum active stream limit/i.test(body)
        ? { kind: 'stream-limit', reason }
        : { kind: 'failed', reason, retryAfterMs, notStored: true };
    case 408:
    case 425:
      return { kind: 'failed', reason, retryAfterMs };
    case 400:
    case 422:
      if (body.includes(REFUSES_METADATA)) return { kind: 'no-metadata', reason };
      // An answer that Loki didn't write says nothing about the lines themselves.
      return isHtml(headers, body)
        ? { kind: 'denied', reason, ...PERHAPS }
        : { kind: 'refused', reason, lines: refusedLines(response.body) };
    default:
      if (status < 400)
        return { kind: 'denied', reason: headers.location ? `${reason}: a redirect to ${headers.location}` : reason };
      return { kind: 'denied', reason, ...(status === 401 || status === 404 ? undefined : PERHAPS) };
  }
}

/** Classifies a failure below HTTP. */
export function classifyError(error: PlatformError): Outcome {
  if (error.code === 'ECANCELED') return { kind: 'canceled' };
  // A request that can't be sent because of its settings will not succeed in another try.
  if (error.code === 'EINVAL') return { kind: 'denied', reason: error.message };
  return NOT_CONNECTED.has(error.code)
    ? { kind: 'failed', reason: error.message, notStored: true }
    : { kind: 'failed', reason: error.message };
}

const NOT_CONNECTED = new Set<PlatformError['code']>(['ENOTFOUND', 'ECONNREFUSED', 'ECONNECT', 'ETLS', 'EPROXY']);

const PERHAPS = { perhapsContent: true } as const;

/** The answer where `limits_config.allow_structured_metadata` is false, which schemas before v13 require. */
const REFUSES_METADATA = 'structured metadata, but this feature is disallowed';

/**
 * The distributor's messages about a single entry. Its other messages, about labels for example, concern the whole
 * stream.
 */
const OF_ONE_LINE =
  /^(?:max entry size |(?:entry for )?stream .{0,3000}(?:has timestamp too |has structured metadata too large|has too many structured metadata))/is;

const COUNTED = ' errors like: ';

/**
 * How many lines of a push of one stream Loki has refused; the others are stored. `undefined` when the whole push is
 * refused, for example because of JSON or labels that Loki can't read. The ingester gives a total; the distributor
 * counts equal errors, and gives no number for a single one.
 */
function refusedLines(body: string): number | undefined {
  const total = body.lastIndexOf('total ignored: ');
  if (total >= 0) return Number.parseInt(body.slice(total + 15, total + 30), 10) || undefined;
  let lines = 0;
  for (let at = body.indexOf(COUNTED); at >= 0; at = body.indexOf(COUNTED, at + 1)) {
    lines += Number(/\d+$/.exec(body.slice(Math.max(0, at - 10), at))?.[0] ?? 0);
  }
  if (lines > 0) return lines;
  return OF_ONE_LINE.test(body.slice(0, LOOKED_AT)) ? 1 : undefined;
}

function isHtml(headers: HttpResponse['headers'], body: string): boolean {
  return headers['content-type']?.includes('text/html') === true || /^\s*<(?:!doctype|html)/i.test(body);
}

/** Milliseconds to wait, from seconds or an HTTP date (RFC 9110 §10.2.3). */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return ms > 0 ? ms : undefined;
}
