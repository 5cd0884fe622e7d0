// Written from extension/config/catalogue.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

/** The settings that are read by their kind alone. */
export const BY_KIND = {
  /** Variable, smallest and largest value, default, and the variable that is read where that is not set. */
  number: {
    batchLines: ['LOKI_BATCH_SIZE', 1, 10000, 100],
    batchBytes: ['LOKI_MAX_BATCH_SIZE_BYTES', 1024, 52428800, 5242880],
    flushIntervalMs: ['LOKI_FLUSH_INTERVAL_MS', 10, 3600000, 1000],
    idleFlushMultiplier: ['LOKI_IDLE_FLUSH_MULTIPLIER', 1, 1000, 3],
    compressionThreshold: ['LOKI_COMPRESSION_THRESHOLD', 0, 104857600, 1024],
    maxLineBytes: ['LOKI_MAX_LINE_SIZE', 64, 104857600, 204800],
    retries: ['LOKI_MAX_RETRIES', 0, 100, 3],
    criticalRetries: ['LOKI_CRITICAL_FLUSH_RETRIES', 0, 100, 5],
    requestTimeoutMs: ['LOKI_REQUEST_TIMEOUT_MS', 50, 900000, 3000],
    flushTimeoutMs: ['LOKI_FLUSH_TIMEOUT_MS', 50, 900000, 4000],
    bufferLines: ['LOKI_BUFFER_SIZE', 1, 10000000, 10000, 'BUFFER_SIZE'],
    bufferBytes: ['LOKI_BUFFER_MAX_BYTES', 1024, 8589934592, 16777216],
    telemetryPort: ['LOKI_TELEMETRY_PORT', 1024, 65535, 4327],
  },
  /** Variable and default. */
  boolean: {
    extractRequestId: ['LOKI_EXTRACT_REQUEST_ID', true],
    keepOnError: ['LOKI_KEEP_ON_ERROR', false],
    metadataDefault: ['LOKI_METADATA_DEFAULT', true],
    unwrapJson: ['LOKI_UNWRAP_JSON', false],
    gzip: ['LOKI_ENABLE_GZIP', true],
    shipDiagnostics: ['LOKI_SHIP_DIAGNOSTICS', false],
  },
  /** Variable, words and default. */
  word: {
    requestIdAs: ['LOKI_REQUEST_ID_AS', ['label', 'metadata'], 'label'],
    minLevel: ['LOKI_MIN_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'trace'],
    logLevel: ['LOKI_LOG_LEVEL', ['error', 'warn', 'info', 'debug'], 'warn'],
  },
  /** Variable, words and default. */
  list: {
    logTypes: ['LOKI_LOG_TYPES', ['function', 'platform', 'extension'], 'function,platform'],
    platformLines: ['LOKI_PLATFORM_LINES', ['all', 'start', 'end', 'report', 'timeout', 'init', 'restore', 'fault', 'extension', 'dropped'], 'all'],
  },
} as const;

/** Variables with the ARN of a secret. */
export const SECRET_VARIABLES = [
  'LOKI_USERNAME_SECRET', 'LOKI_PASSWORD_SECRET', 'LOKI_API_KEY_SECRET',
] as const;

/** Variables about the way to Loki. They are read when the first push needs them, not at the start. */
export const OUTBOUND_VARIABLES = [
  ...SECRET_VARIABLES,
  'LOKI_CA_CERT', 'LOKI_CLIENT_CERT', 'LOKI_CLIENT_KEY', 'HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy',
] as const;
