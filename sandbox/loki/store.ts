import { compareTimestamps } from './timestamps';
import type { StoredLine } from './types';
import { grpcSize } from './grpc-size';
import type { FakeLokiLimits } from './limits';
import { Refusal } from './refusal';
import { groupErrors, ignoredEntries, texts } from './texts';
import { TokenBucket } from './token-bucket';
import type { ValidEntry, Validated, ValidStream } from './validate';

interface Stream {
  readonly labels: Record<string, string>;
  readonly lines: StoredLine[];
  readonly seen: Set<string>;
  readonly bucket: TokenBucket;
  newest: bigint;
}

interface Tenant {
  readonly bucket: TokenBucket;
  readonly streams: Map<string, Stream>;
}

/** What became of a push. */
export interface Stored {
  /** Lines that are now stored and weren't before. */
  readonly lines: number;
  /** Lines that were there already: same stream, timestamp, text and structured metadata. */
  readonly duplicates: number;
  /** Lines that Loki threw away although it answered 204. */
  readonly silentlyLost: number;
  /** Loki's answer when it isn't 204. */
  readonly refusal?: Refusal;
}

/** The lines of all tenants, with the rules of Loki's ingester about what may be added to them. */
export class Store {
  readonly #tenants = new Map<string, Tenant>();

  constructor(private readonly limits: FakeLokiLimits) {}

  /**
   * All lines of a tenant, by ascending timestamp; those of one timestamp in the order in which they came in their
   * stream.
   */
  lines(tenant: string): StoredLine[] {
    return [...(this.#tenants.get(tenant)?.streams.values() ?? [])]
      .flatMap((stream) => stream.lines)
      .sort((a, b) => compareTimestamps(a.timestamp, b.timestamp));
  }

  /** Number of lines of a tenant. */
  count(tenant: string): number {
    let count = 0;
    for (const { lines } of this.#tenants.get(tenant)?.streams.values() ?? []) {
      count += lines.length;
    }
    return count;
  }

  /** Adds what passed the checks. @param now milliseconds since 1970 */
  add(tenantName: string, { streams, errors }: Validated, now: number): Stored {
    const result = { lines: 0, duplicates: 0, silentlyLost: 0 };
    const invalid = errors.length > 0 ? new Refusal(400, groupErrors(errors)) : undefined;
    if (streams.length === 0) {
      return { ...result, refusal: invalid };
    }

    const { limits } = this;
    const tenant = this.#tenant(tenantName, now);
    const entries = streams.flatMap((stream) => stream.entries);
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    if (!tenant.bucket.take(bytes, now)) {
      return {
        ...result,
        refusal: new Refusal(429, texts.ingestionRate(tenantName, limits.ingestionRate, entries.length, bytes)),
      };
    }
    const messageBytes = grpcSize(streams);
    if (messageBytes > limits.grpcMaxRecvMsgSize) {
      return { ...result, refusal: new Refusal(500, texts.grpcTooLarge(messageBytes, limits.grpcMaxRecvMsgSize)) };
    }

    // As in Loki, each stream's outcome takes the place of the one before: only the last one's is answered.
    let last: { refusal?: Refusal; lost: number } = { lost: 0 };
    for (const stream of streams) {
      if (last.refusal) {
        result.silentlyLost += last.lost;
      }
      const outcome = this.#addToStream(tenantName, tenant, stream, now);
      result.lines += outcome.lines;
      result.duplicates += outcome.duplicates;
      last = { refusal: outcome.refusal, lost: stream.entries.length - outcome.lines - outcome.duplicates };
    }
    const refusal = last.refusal ?? invalid;
    return { ...result, silentlyLost: refusal ? 0 : result.silentlyLost, refusal };
  }

  #addToStream(
    tenantName: string,
    tenant: Tenant,
    { key, labels, entries }: ValidStream,
    now: number,
  ): Omit<Stored, 'silentlyLost'> {
    let stream = tenant.streams.get(key);
    if (!stream) {
      if (tenant.streams.size >= this.limits.maxGlobalStreamsPerUser) {
        return { lines: 0, duplicates: 0, refusal: new Refusal(429, texts.streamLimit(tenantName, key)) };
      }
      const { perStreamRateLimit, perStreamRateLimitBurst } = this.limits;
      const bucket = new TokenBucket(perStreamRateLimit, perStreamRateLimitBurst, now);
      stream = { labels: Object.fromEntries(labels), lines: [], seen: new Set(), bucket, newest: 0n };
      tenant.streams.set(key, stream);
    }

    const behind = BigInt(this.limits.maxBehind) * 1_000_000n;
    let { newest } = stream;
    const accepted: ValidEntry[] = [];
    const tooFarBehind: { timestamp: bigint; reason: string }[] = [];
    for (const entry of entries) {
      if (newest > 0n && entry.timestamp < newest - behind) {
        tooFarBehind.push({ timestamp: entry.timestamp, reason: texts.tooFarBehind(entry.timestamp, newest - behind) });
        continue;
      }
      accepted.push(entry);
      if (entry.timestamp > newest) {
        newest = entry.timestamp;
      }
    }
    // All or nothing: a stream over its rate keeps none of its lines, not even those that would have fitted.
    if (
      !stream.bucket.take(
        accepted.reduce((sum, { size }) => sum + size, 0),
        now,
      )
    ) {
      const limited = accepted.map(({ timestamp, size }) => ({
        timestamp,
        reason: texts.perStreamRate(key, this.limits.perStreamRateLimit, size),
      }));
      return {
        lines: 0,
        duplicates: 0,
        refusal: new Refusal(429, ignoredEntries(tenantName, key, entries.length, limited)),
      };
    }

    let lines = 0;
    for (const entry of accepted) {
      lines += Number(keep(stream, entry));
    }
    stream.newest = newest;
    const refusal =
      tooFarBehind.length > 0
        ? new Refusal(400, ignoredEntries(tenantName, key, entries.length, tooFarBehind))
        : undefined;
    return { lines, duplicates: accepted.length - lines, refusal };
  }

  #tenant(name: string, now: number): Tenant {
    let tenant = this.#tenants.get(name);
    if (!tenant) {
      tenant = {
        bucket: new TokenBucket(this.limits.ingestionRate, this.limits.ingestionBurstSize, now),
        streams: new Map(),
      };
      this.#tenants.set(name, tenant);
    }
    return tenant;
  }
}

/** Adds the entry unless the very same one is there; tells whether it did. */
function keep(stream: Stream, { timestamp, line, metadata }: ValidEntry): boolean {
  const identity = `${timestamp} ${JSON.stringify(metadata)} ${line}`;
  if (stream.seen.has(identity)) {
    return false;
  }
  stream.seen.add(identity);
  const visible = metadata.filter(([name]) => name !== 'detected_level');
  stream.lines.push({
    labels: stream.labels,
    timestamp: String(timestamp),
    line,
    metadata: Object.fromEntries(visible),
  });
  return true;
}
