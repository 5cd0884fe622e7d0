import type { HttpRequest, HttpResponse, Platform } from '../extension/platform/types';
import { type Finding, finding } from './plan/findings';

/** Streams without new lines for this long no longer count. Loki's default is half of it, plus a flush. */
const HOURS = 1;

/** `max_global_streams_per_user`, if Loki doesn't tell it. */
const DEFAULT_LIMIT = 5000;

const NEARLY = 0.8;

/** Room for tens of thousands of streams, each with its labels. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * The number of the tenant's streams, if Loki tells it: a token that may only write gets no answer.
 * @param push the push that Loki has accepted, whose credentials, certificates and proxy are used again
 * @param requestIdIsLabel each invocation is a stream
 */
export async function streamFindings(
  platform: Platform,
  push: HttpRequest,
  requestIdIsLabel: boolean,
): Promise<Finding[]> {
  const ask = (url: string): Promise<HttpResponse> => {
    const { 'content-type': _type, 'content-encoding': _encoding, ...headers } = push.headers;
    // A query takes longer than a push, even on a kept connection.
    const limits = { reusedTimeoutMs: undefined, maxResponseBytes: MAX_ANSWER_BYTES };
    return platform.request({ ...push, method: 'GET', url, headers, body: undefined, ...limits }).response;
  };
  const untold = (why: string): Finding[] => [
    finding('unknown', 'streams', `Loki does not tell how many the tenant has: ${why}`),
  ];
  const base = /^(.*)\/loki\/api\/v1\/push$/.exec(push.url)?.[1];
  if (base === undefined) return untold('the endpoint is not that of Loki itself');
  try {
    const now = platform.now();
    const range = `start=${now - HOURS * 3_600_000}000000&end=${now}000000`;
    // index/stats isn't used: it leaves out what is in the ingesters' memory.
    const match = encodeURIComponent('{service_name=~".+"}');
    const { status, body } = await ask(`${base}/loki/api/v1/series?match%5B%5D=${match}&${range}`);
    if (status === 401 || status === 403) return untold(`status ${status}, so the credentials may only write`);
    const streams = status === 200 ? countIn(body) : undefined;
    if (streams === undefined) return untold(`status ${status}`);
    const limits = await ask(`${base}/config/tenant/v1/limits`);
    const [, told] = /^max_global_streams_per_user: *(\d+)$/m.exec(limits.status === 200 ? limits.body : '') ?? [];
    return [judged(streams, told === undefined ? undefined : Number(told), requestIdIsLabel)];
  } catch (error) {
    return untold((error as Error).message);
  }
}

function countIn(body: string): number | undefined {
  try {
    const { status, data } = JSON.parse(body) as { status?: unknown; data?: readonly unknown[] };
    return status === 'success' ? (data ?? []).length : undefined;
  } catch {
    return undefined;
  }
}

function judged(streams: number, told: number | undefined, requestIdIsLabel: boolean): Finding {
  const limit = told ?? DEFAULT_LIMIT;
  // 0 means no limit.
  const of = told === 0 ? 'with no limit' : `of ${limit}${told === undefined ? ", Loki's default limit" : ''}`;
  const text = `${streams} of the tenant in the last hour, ${of}`;
  if (limit === 0 || streams < NEARLY * limit) return finding('ok', 'streams', text);
  return finding(
    'warning',
    'streams',
    text,
    requestIdIsLabel
      ? 'each invocation is one: attach again with --request-id-as metadata'
      : 'beyond the limit Loki refuses new ones: use fewer labels, or raise max_global_streams_per_user',
  );
}
