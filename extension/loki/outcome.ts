import type { HttpResponse, PlatformError } from '../platform/types';

/** What became of one push, and so what to do next. */
export type Outcome =
  /** Loki has it. */
  | { readonly kind: 'stored' }
  /** It may well pass later: rate limit, server or network trouble. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number; readonly told?: Told }
  /** Too much in one push; halves may pass. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** The tenant may have no further stream, and this push would open one. */
  | { readonly kind: 'stream-limit'; readonly reason: string }
  /** These lines will never be taken, or those of them that could be are; another try is of no use. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing at all is taken from this sender as it is set up: wrong credentials, tenant or path. The lines themselves are fine. */
  | { readonly kind: 'denied'; readonly reason: string; readonly told?: Told }
  /** The extension itself called it off. */
  | { readonly kind: 'canceled' };

/** What lies behind it has had its own line on stderr. */
export type Told = true;

/** Loki answers this, with 200-like success, when ingestion is blocked for the tenant: the data is discarded. */
const INGESTION_BLOCKED = 260;

/**
 * Reads Loki's answer to a push (Loki documentation, "Request validation and rate limits"; the texts are those of Loki 3).
 * @param now milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function outcomeOf(response: HttpResponse, now: number): Outcome {
  const { status, headers, body } = response;
  const reason = describe(status, body);
  if (status === INGESTION_BLOCKED) return { kind: 'refused', reason };
  if (status >= 200 && status < 300) return { kind: 'stored' };
  if (status === 413) return { kind: 'too-large', reason };
  if (status >= 500) {
    // A push over the ingesters' gRPC limit (4 MiB by default) comes back as 500 and never passes as it is.
    if (/ResourceExhausted|larger than max/.test(body)) return { kind: 'too-large', reason };
    return { kind: 'failed', reason, retryAfterMs: retryAfter(headers['retry-after'], now) };
  }
  switch (status) {
    case 429:
      if (/maximum active stream limit/i.test(body)) return { kind: 'stream-limit', reason };
      return { kind: 'failed', reason, retryAfterMs: retryAfter(headers['retry-after'], now) };
    case 408:
    case 425:
      return { kind: 'failed', reason };
    case 400:
    case 422:
      return { kind: 'refused', reason };
    default:
      return { kind: 'denied', reason: status < 400 && headers.location ? `${reason}: a redirect to ${headers.location}` : reason };
  }
}

/** Reads what went wrong below HTTP. */
export function outcomeOfError(error: PlatformError): Outcome {
  if (error.code === 'ECANCELED') return { kind: 'canceled' };
  // What can't be sent as it is set up will not be sent by trying again.
  if (error.code === 'EINVAL') return { kind: 'denied', reason: error.message };
  return { kind: 'failed', reason: error.message };
}

/** Status and the first words of the answer; of an HTML error page its text alone. */
function describe(status: number, body: string): string {
  const text = (/<html|<!doctype/i.test(body) ? body.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ') : body).replace(/\s+/g, ' ').trim();
  return text === '' ? `status ${status}` : `status ${status}: ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`;
}

/** Milliseconds to wait, from seconds or an HTTP date (RFC 9110 §10.2.3). */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return ms > 0 ? ms : undefined;
}
