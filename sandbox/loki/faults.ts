import type { Fault } from './script';
import { texts } from './texts';

type Answer = Extract<Fault, { kind: 'answer' }>;
type Headers = Readonly<Record<string, string>>;

const PLAIN: Headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

function loki(status: number, text: string, headers: Headers = {}): Answer {
  return { kind: 'answer', status, body: `${text}\n`, headers: { ...PLAIN, ...headers } };
}

/** A page as a gateway or load balancer in front of Loki serves it. */
function gateway(status: number, reason: string, headers: Headers = {}): Answer {
  const body = `<html>\r\n<head><title>${status} ${reason}</title></head>\r\n<body>\r\n<center><h1>${status} ${reason}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { kind: 'answer', status, body, headers: { 'content-type': 'text/html', ...headers } };
}

function retryAfterHeader(retryAfter: number | string | undefined): Headers {
  return retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
}

const STREAM = '{service_name="orders"}';

/** Answers that Loki and what stands in front of it give on a bad day. `retryAfter`: seconds, or an HTTP date. */
export const faults = {
  ingestionRate: (retryAfter?: number | string) =>
    loki(429, texts.ingestionRate('fake', 4_194_304, 100, 12_000), retryAfterHeader(retryAfter)),
  perStreamRate: (retryAfter?: number | string) =>
    loki(
      429,
      `entry with timestamp 2026-01-02 03:04:05.006 +0000 UTC ignored, reason: '${texts.perStreamRate(STREAM, 3_145_728, 120)}',\n` +
        `user 'fake', total ignored: 1 out of 1 for stream: ${STREAM}`,
      retryAfterHeader(retryAfter),
    ),
  streamLimit: (retryAfter?: number | string) =>
    loki(429, texts.streamLimit('fake', STREAM), retryAfterHeader(retryAfter)),
  resourceExhausted: (bytes = 5_001_283) => loki(500, texts.grpcTooLarge(bytes, 4_194_304)),
  internalError: () => loki(500, 'empty ring'),
  badGateway: () => gateway(502, 'Bad Gateway'),
  unavailable: (retryAfter?: number | string) =>
    gateway(503, 'Service Temporarily Unavailable', retryAfterHeader(retryAfter)),
  gatewayTimeout: () => gateway(504, 'Gateway Time-out'),
  unauthorized: () => loki(401, texts.noOrgId),
  forbidden: () => gateway(403, 'Forbidden'),
  notFound: () => loki(404, '404 page not found'),
  tooLarge: () => gateway(413, 'Request Entity Too Large'),
  noStreams: () => loki(422, texts.noStreams),
  ingestionBlocked: () =>
    loki(260, "ingestion blocked for user 'fake' until '2030-01-01T00:00:00Z' with status code '260'"),
  badRequest: () => loki(400, texts.labelSyntax("unexpected character inside braces: '-'")),
  /** Part of the push was refused; the rest is stored with `store`. */
  partial: () => ({ ...loki(400, texts.lineTooLong(STREAM, 262_144, 300_000)), store: true }),
  redirect: (location: string) => ({ ...gateway(302, 'Found', { location }) }),
} as const;
