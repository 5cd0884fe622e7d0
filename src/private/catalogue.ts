// Written from extension/config/catalogue.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

/** A setting of the extension that has a property. */
export interface Setting {
  readonly variable: string;
  /** A variable that the extension reads where `variable` is not set. */
  readonly alias?: string;
  /** Path of the property. */
  readonly property: string;
  /** Numbers only: milliseconds, bytes or a count. */
  readonly min?: number;
  readonly max?: number;
}

export const SETTINGS: readonly Setting[] = [
  { variable: 'LOKI_ENDPOINT', alias: 'LOKI_URL', property: 'endpoint' },
  { variable: 'LOKI_USERNAME', property: 'auth' },
  { variable: 'LOKI_USERNAME_SECRET', property: 'auth' },
  { variable: 'LOKI_PASSWORD_SECRET', property: 'auth' },
  { variable: 'LOKI_API_KEY_SECRET', property: 'auth' },
  { variable: 'LOKI_TENANT_ID', property: 'tenantId' },
  { variable: 'LOKI_SERVICE_NAME', alias: 'SERVICE_NAME', property: 'serviceName' },
  { variable: 'LOKI_LABELS', property: 'labels' },
  { variable: 'LOKI_EXTRACT_REQUEST_ID', property: 'requestId' },
  { variable: 'LOKI_REQUEST_ID_AS', property: 'requestId' },
  { variable: 'LOKI_LOG_TYPES', property: 'logTypes' },
  { variable: 'LOKI_RULES', property: 'rules' },
  { variable: 'LOKI_MIN_LEVEL', property: 'minLevel' },
  { variable: 'LOKI_KEEP_ON_ERROR', property: 'keepOnError' },
  { variable: 'LOKI_METADATA_DEFAULT', property: 'defaultMetadata' },
  { variable: 'LOKI_METADATA', property: 'metadata' },
  { variable: 'LOKI_UNWRAP_JSON', property: 'unwrapJson' },
  { variable: 'LOKI_PLATFORM_LINES', property: 'platformLines' },
  { variable: 'LOKI_BATCH_SIZE', property: 'batching.maxLines', min: 1, max: 10000 },
  { variable: 'LOKI_MAX_BATCH_SIZE_BYTES', property: 'batching.maxSize', min: 1024, max: 52428800 },
  { variable: 'LOKI_FLUSH_STRATEGY', property: 'flushStrategy' },
  { variable: 'LOKI_FLUSH_INTERVAL_MS', property: 'batching.flushInterval', min: 10, max: 3600000 },
  { variable: 'LOKI_IDLE_FLUSH_MULTIPLIER', property: 'batching.idleFlushMultiplier', min: 1, max: 1000 },
  { variable: 'LOKI_ENABLE_GZIP', property: 'batching.gzip' },
  { variable: 'LOKI_COMPRESSION_THRESHOLD', property: 'batching.gzipThreshold', min: 0, max: 104857600 },
  { variable: 'LOKI_MAX_LINE_SIZE', property: 'batching.maxLineSize', min: 64, max: 104857600 },
  { variable: 'LOKI_MAX_RETRIES', property: 'retry.maxRetries', min: 0, max: 100 },
  { variable: 'LOKI_CRITICAL_FLUSH_RETRIES', property: 'retry.criticalRetries', min: 0, max: 100 },
  { variable: 'LOKI_REQUEST_TIMEOUT_MS', property: 'retry.requestTimeout', min: 50, max: 900000 },
  { variable: 'LOKI_FLUSH_TIMEOUT_MS', property: 'retry.flushTimeout', min: 50, max: 900000 },
  { variable: 'LOKI_BUFFER_SIZE', alias: 'BUFFER_SIZE', property: 'buffer.maxLines', min: 1, max: 10000000 },
  { variable: 'LOKI_BUFFER_MAX_BYTES', property: 'buffer.maxSize', min: 1024, max: 8589934592 },
  { variable: 'LOKI_CA_CERT', property: 'tls.ca' },
  { variable: 'LOKI_CLIENT_CERT', property: 'tls.clientCertificate' },
  { variable: 'LOKI_CLIENT_KEY', property: 'tls.clientKeyPath' },
  { variable: 'HTTPS_PROXY', alias: 'https_proxy', property: 'proxy.https' },
  { variable: 'HTTP_PROXY', alias: 'http_proxy', property: 'proxy.http' },
  { variable: 'NO_PROXY', alias: 'no_proxy', property: 'proxy.bypass' },
  { variable: 'LOKI_TELEMETRY_PORT', property: 'telemetryPort', min: 1024, max: 65535 },
  { variable: 'LOKI_LOG_LEVEL', property: 'diagnostics' },
];
