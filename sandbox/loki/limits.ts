/** What the fake enforces; names as in Loki's `limits_config` and server settings. */
export interface FakeLokiLimits {
  /** Bytes of UTF-8 in a line. Default 262 144. */
  readonly maxLineSize: number;
  /** Labels of a stream, `service_name` not counted. Default 15. */
  readonly maxLabelNamesPerSeries: number;
  /** Bytes. Default 1 024. */
  readonly maxLabelNameLength: number;
  /** Bytes. Default 2 048. */
  readonly maxLabelValueLength: number;
  /** Bytes of all keys and values of one line's structured metadata. Default 65 536. */
  readonly maxStructuredMetadataSize: number;
  /** Entries in one line's structured metadata. Default 128. */
  readonly maxStructuredMetadataEntriesCount: number;
  /** Milliseconds that a line may be in the past. Default 7 days. */
  readonly rejectOldSamplesMaxAge: number;
  /** Milliseconds that a line may be in the future. Default 10 minutes. */
  readonly creationGracePeriod: number;
  /**
   * Milliseconds that a line may be behind the newest one of its stream: half of Loki's `max_chunk_age`. Default 1
   * hour.
   */
  readonly maxBehind: number;
  /** Bytes of one push as protobuf between Loki's own parts. Default 4 194 304. */
  readonly grpcMaxRecvMsgSize: number;
  /** Bytes of a request body as sent; beyond it a gateway in front of Loki answers 413. Default 104 857 600. */
  readonly maxBodyBytes: number;
  /** Streams of a tenant. Default 5 000. */
  readonly maxGlobalStreamsPerUser: number;
  /** Whether lines may have structured metadata at all. Default true. */
  readonly allowStructuredMetadata: boolean;
  /** Bytes per second of a tenant. Default 4 194 304. */
  readonly ingestionRate: number;
  /** Bytes that a tenant may send at once, and so in one push. Default 6 291 456. */
  readonly ingestionBurstSize: number;
  /** Bytes per second of a stream. Default 3 145 728. */
  readonly perStreamRateLimit: number;
  /** Bytes that may come at once for a stream. Default 15 728 640. */
  readonly perStreamRateLimitBurst: number;
}

/** Loki's own defaults: what users have who have set nothing. */
export const DEFAULT_LIMITS: FakeLokiLimits = {
  maxLineSize: 262_144,
  maxLabelNamesPerSeries: 15,
  maxLabelNameLength: 1_024,
  maxLabelValueLength: 2_048,
  maxStructuredMetadataSize: 65_536,
  maxStructuredMetadataEntriesCount: 128,
  rejectOldSamplesMaxAge: 7 * 86_400_000,
  creationGracePeriod: 600_000,
  maxBehind: 3_600_000,
  grpcMaxRecvMsgSize: 4_194_304,
  maxBodyBytes: 104_857_600,
  maxGlobalStreamsPerUser: 5_000,
  allowStructuredMetadata: true,
  ingestionRate: 4 * 1_048_576,
  ingestionBurstSize: 6 * 1_048_576,
  perStreamRateLimit: 3 * 1_048_576,
  perStreamRateLimitBurst: 15 * 1_048_576,
};

/** No limits on rates, for tests of something else that send many megabytes. */
export const NO_RATE_LIMITS = {
  ingestionRate: Infinity,
  ingestionBurstSize: Infinity,
  perStreamRateLimit: Infinity,
  perStreamRateLimitBurst: Infinity,
} as const satisfies Partial<FakeLokiLimits>;
