import { compareTimestamps } from '../../sandbox/loki/timestamps';
import type { StoredLine } from '../../sandbox/loki/types';

export interface LokiQuery {
  /** LogQL stream selector or log query. Default: all streams. */
  readonly selector?: string;
  /** Nanoseconds since 1970, inclusive. Default: eight days ago. */
  readonly from?: bigint;
  /** Nanoseconds since 1970, exclusive. Default: one hour from now. */
  readonly to?: bigint;
  /** Most lines to return, the oldest ones. Default: all. */
  readonly limit?: number;
  /** Sent as `X-Scope-OrgID`. */
  readonly tenant?: string;
  /** Keep the `detected_level` that Loki adds to the structured metadata. Default false. */
  readonly detectedLevel?: boolean;
}

interface QueryRangeResponse {
  readonly data: {
    readonly result: readonly {
      readonly stream: Record<string, string>;
      readonly values: readonly [
        timestamp: string,
        line: string,
        categories?: { structuredMetadata?: Record<string, string> },
      ][];
    }[];
  };
}

const HOUR_NS = 3_600_000_000_000n;
const PAGE_LINES = 5_000;

/** All lines that match, by ascending timestamp; lines of one stream and timestamp stay in Loki's order. */
export async function queryRange(baseUrl: string, query: LokiQuery = {}): Promise<StoredLine[]> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const to = query.to ?? now + HOUR_NS;
  const limit = query.limit ?? Infinity;
  const lines: StoredLine[] = [];
  let from = query.from ?? now - 192n * HOUR_NS;
  let pageLines = PAGE_LINES;
  while (lines.length < limit) {
    const page = await fetchPage(baseUrl, query, from, to, pageLines);
    if (page.length < pageLines) {
      lines.push(...page);
      break;
    }
    // More lines of the page's last timestamp may come: take that timestamp as a whole with the next page.
    const last = page[page.length - 1]!.timestamp;
    const complete = page.filter(({ timestamp }) => timestamp !== last);
    lines.push(...complete);
    if (complete.length === 0) {
      pageLines *= 2;
    }
    from = BigInt(last);
  }
  return lines.slice(0, limit);
}

async function fetchPage(
  baseUrl: string,
  query: LokiQuery,
  from: bigint,
  to: bigint,
  limit: number,
): Promise<StoredLine[]> {
  const parameters = new URLSearchParams({
    query: query.selector ?? '{service_name=~".+"}',
    start: String(from),
    end: String(to),
    limit: String(limit),
    direction: 'forward',
  });
  const response = await fetch(`${baseUrl}/loki/api/v1/query_range?${parameters}`, {
    headers: {
      // Without it Loki merges structured metadata into the labels.
      'X-Loki-Response-Encoding-Flags': 'categorize-labels',
      ...(query.tenant && { 'X-Scope-OrgID': query.tenant }),
    },
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`query_range answered ${response.status}: ${text.trim()}`);
  }
  const { data } = JSON.parse(text) as QueryRangeResponse;
  return data.result
    .flatMap(({ stream, values }) =>
      values.map(([timestamp, line, categories]) => {
        const metadata = { ...categories?.structuredMetadata };
        if (!query.detectedLevel) {
          delete metadata.detected_level;
        }
        return { labels: stream, timestamp, line, metadata };
      }),
    )
    .sort((a, b) => compareTimestamps(a.timestamp, b.timestamp));
}
