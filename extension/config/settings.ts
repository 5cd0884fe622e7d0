import type { LogLevel } from '../diagnostics';
import type { Endpoint } from './endpoint';

export const LOG_TYPES = ['function', 'platform', 'extension'] as const;
/** A telemetry stream of Lambda's (Telemetry API, "types" of a subscription). */
export type TelemetryType = (typeof LOG_TYPES)[number];

export type RequestIdMode = 'label' | 'metadata';

export const SECRET_VARIABLES = ['LOKI_API_KEY_SECRET', 'LOKI_USERNAME_SECRET', 'LOKI_PASSWORD_SECRET'] as const;

/** How Loki is reached, where that is not simply by its URL; `outbound-settings.ts` reads them. */
export const OUTBOUND_VARIABLES = [
  ...SECRET_VARIABLES, 'LOKI_CA_CERT', 'LOKI_CLIENT_CERT', 'LOKI_CLIENT_KEY', 'HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy',
] as const;

/** The settings after validation: every value can be used as it stands. Times are milliseconds, sizes bytes of UTF-8. */
export interface Settings {
  /** Where to push; `undefined` when none was given or it can't be used: then nothing is shipped. */
  readonly endpoint: Endpoint | undefined;
  /** Value of the `Authorization` header, if any; `undefined` as well where secrets have to be fetched for it (see `outbound`). */
  readonly authorization: string | undefined;
  /** Whether any of {@link OUTBOUND_VARIABLES} is set. They are read when the first push needs them, not at the start. */
  readonly outbound: boolean;
  readonly tenantId: string | undefined;
  readonly serviceName: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly extractRequestId: boolean;
  readonly requestIdAs: RequestIdMode;
  readonly logTypes: ReadonlySet<TelemetryType>;
  readonly maxLineBytes: number;

  readonly batchLines: number;
  readonly batchBytes: number;
  readonly gzip: boolean;
  readonly compressionThreshold: number;

  readonly flushIntervalMs: number;
  readonly idleFlushMultiplier: number;
  readonly retries: number;
  readonly criticalRetries: number;
  readonly requestTimeoutMs: number;
  readonly flushTimeoutMs: number;

  readonly bufferLines: number;
  readonly bufferBytes: number;

  readonly telemetryPort: number;
  readonly logLevel: LogLevel;
}

interface WholeNumber {
  readonly variable: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

const number = (variable: string, min: number, max: number, value: number): WholeNumber => ({ variable, min, max, default: value });

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every numeric setting with its range and default. The construct library repeats the ranges; a test holds the two together. */
export const NUMBERS = {
  batchLines: number('LOKI_BATCH_SIZE', 1, 10_000, 100),
  batchBytes: number('LOKI_MAX_BATCH_SIZE_BYTES', KIB, 50 * MIB, 5 * MIB),
  flushIntervalMs: number('LOKI_FLUSH_INTERVAL_MS', 10, 3_600_000, 1000),
  idleFlushMultiplier: number('LOKI_IDLE_FLUSH_MULTIPLIER', 1, 1000, 3),
  retries: number('LOKI_MAX_RETRIES', 0, 100, 3),
  criticalRetries: number('LOKI_CRITICAL_FLUSH_RETRIES', 0, 100, 5),
  compressionThreshold: number('LOKI_COMPRESSION_THRESHOLD', 0, 100 * MIB, KIB),
  maxLineBytes: number('LOKI_MAX_LINE_SIZE', 64, 100 * MIB, 204_800),
  bufferLines: number('BUFFER_SIZE', 1, 10_000_000, 10_000),
  bufferBytes: number('LOKI_BUFFER_MAX_BYTES', KIB, 8 * KIB * MIB, 16 * MIB),
  requestTimeoutMs: number('LOKI_REQUEST_TIMEOUT_MS', 50, 900_000, 3000),
  flushTimeoutMs: number('LOKI_FLUSH_TIMEOUT_MS', 50, 900_000, 4000),
  telemetryPort: number('LOKI_TELEMETRY_PORT', 1024, 65_535, 4327),
} as const satisfies Partial<Record<keyof Settings, WholeNumber>>;
