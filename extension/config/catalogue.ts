/**
 * Every setting of LambdaWatch. The extension's validation, the construct's validation and environment, the command
 * line's flags, the table of README and the ranges in API.md are written from this list or checked against it.
 *
 * After a change here run `npx tsx build/settings.ts`. The extension itself doesn't load this file, because text costs
 * time at the start: it loads `definitions.ts`, which that command writes.
 */

import { LOG_LEVELS } from '../diagnostics';

/** What a value may look like. */
export type Kind =
  | 'number'
  | 'boolean'
  /** One of `words`. */
  | 'word'
  /** Some of `words`, separated by commas. */
  | 'words'
  | 'text'
  | 'url'
  /** Hosts, separated by commas. */
  | 'hosts'
  /** A JSON object of strings. */
  | 'object'
  /** Fields of JSON lines, separated by commas, each with a name behind a colon; see `metadata-fields.ts`. */
  | 'fields'
  /** A JSON array of rules; see `rules/read-rules.ts`. */
  | 'rules'
  /** A credential in plain text. */
  | 'secret'
  /** The ARN of a secret of Secrets Manager or of an SSM parameter, optionally with `#field`. */
  | 'secret ARN'
  /** A certificate or a key: PEM text or an absolute path. */
  | 'PEM'
  | 'path'
  /** What `flush-strategy.ts` reads. */
  | 'flush strategy';

export type Unit = 'ms' | 'bytes' | 'count' | 'port';

export interface Setting {
  readonly variable: string;
  /** A variable that is read where `variable` is not set. */
  readonly alias?: string;
  readonly kind: Kind;
  /** What the variable does, as a sentence without a full stop. */
  readonly meaning: string;
  /** The field of `Settings` that has the value, where the value is read by its kind alone. */
  readonly field?: string;
  /** Numbers only. */
  readonly unit?: Unit;
  readonly min?: number;
  readonly max?: number;
  readonly words?: readonly string[];
  /** The value that stands for an unset variable. A list of words is written as in the variable. */
  readonly default?: number | boolean | string;
  /** What applies where there is no default value. */
  readonly otherwise?: string;
  /**
   * Whether the setting is about the way to Loki. Nothing needs such a setting before the first push, so it is read
   * only then.
   */
  readonly outbound?: true;
  /** Path of the construct's property, such as `batching.maxLines`. */
  readonly property?: string;
  /** The flag of the command line, where it doesn't follow from the variable; `false` for none. */
  readonly flag?: string | false;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** In the order of README's table. */
export const CATALOGUE: readonly Setting[] = [
  {
    variable: 'LOKI_ENDPOINT',
    alias: 'LOKI_URL',
    flag: '--endpoint',
    property: 'endpoint',
    kind: 'url',
    otherwise: 'required',
    meaning: 'Push URL of Loki, `https://…/loki/api/v1/push`',
  },
  {
    variable: 'LOKI_USERNAME',
    property: 'auth',
    kind: 'text',
    meaning: 'User name for basic authentication',
  },
  {
    variable: 'LOKI_PASSWORD',
    flag: false,
    kind: 'secret',
    meaning: 'Password for basic authentication',
  },
  {
    variable: 'LOKI_API_KEY',
    flag: false,
    kind: 'secret',
    meaning: 'Bearer token; takes precedence over basic authentication',
  },
  {
    variable: 'LOKI_USERNAME_SECRET',
    property: 'auth',
    kind: 'secret ARN',
    outbound: true,
    meaning:
      'The secret in Secrets Manager or SSM that contains the user name; takes precedence over `LOKI_USERNAME`, ' +
      'which is used if the secret contains no usable value',
  },
  {
    variable: 'LOKI_PASSWORD_SECRET',
    property: 'auth',
    kind: 'secret ARN',
    outbound: true,
    meaning: 'The secret that contains the password; takes precedence over `LOKI_PASSWORD` in the same way',
  },
  {
    variable: 'LOKI_API_KEY_SECRET',
    property: 'auth',
    kind: 'secret ARN',
    outbound: true,
    meaning: 'The secret that contains the bearer token; takes precedence over `LOKI_API_KEY` in the same way',
  },
  {
    variable: 'LOKI_TENANT_ID',
    property: 'tenantId',
    kind: 'text',
    meaning: 'The tenant, sent as `X-Scope-OrgID`',
  },
  {
    variable: 'LOKI_SERVICE_NAME',
    alias: 'SERVICE_NAME',
    property: 'serviceName',
    kind: 'text',
    otherwise: "the function's name",
    meaning: 'The label `service_name`',
  },
  {
    variable: 'LOKI_LABELS',
    property: 'labels',
    kind: 'object',
    default: '{}',
    meaning: 'Additional labels of all lines',
  },
  {
    variable: 'LOKI_EXTRACT_REQUEST_ID',
    field: 'extractRequestId',
    property: 'requestId',
    kind: 'boolean',
    default: true,
    meaning: 'Whether each line gets the request id of its invocation',
  },
  {
    variable: 'LOKI_REQUEST_ID_AS',
    field: 'requestIdAs',
    property: 'requestId',
    kind: 'word',
    words: ['label', 'metadata'],
    default: 'label',
    meaning:
      'Whether request ids are a label or structured metadata; the construct and the command line set `metadata` ' +
      'by default',
  },
  {
    variable: 'LOKI_LOG_TYPES',
    field: 'logTypes',
    property: 'logTypes',
    kind: 'words',
    words: ['function', 'platform', 'extension'],
    default: 'function,platform',
    meaning: 'Which log streams are shipped; `extension` is the output of other extensions',
  },
  {
    variable: 'LOKI_RULES',
    property: 'rules',
    kind: 'rules',
    meaning: 'Rules that drop, mask and sample lines, applied in order',
  },
  {
    variable: 'LOKI_MIN_LEVEL',
    field: 'minLevel',
    property: 'minLevel',
    kind: 'word',
    words: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    default: 'trace',
    meaning: 'Lines with a lower level are not shipped; lines without a level are shipped',
  },
  {
    variable: 'LOKI_KEEP_ON_ERROR',
    field: 'keepOnError',
    property: 'keepOnError',
    kind: 'boolean',
    default: false,
    meaning:
      'Whether lines below `LOKI_MIN_LEVEL`, and lines of invocations that sampling excludes, wait in memory and are ' +
      'shipped if their invocation fails, times out, crashes or logs an error',
  },
  {
    variable: 'LOKI_METADATA_DEFAULT',
    field: 'metadataDefault',
    property: 'defaultMetadata',
    kind: 'boolean',
    default: true,
    meaning:
      'Whether level, trace, tenant, durable execution and `cold_start` of a line, and the figures of REPORT, become ' +
      'structured metadata',
  },
  {
    variable: 'LOKI_METADATA',
    property: 'metadata',
    kind: 'fields',
    meaning: 'Fields of JSON lines that become structured metadata, for example `userId:user_id,http.status:status`',
  },
  {
    variable: 'LOKI_UNWRAP_JSON',
    field: 'unwrapJson',
    property: 'unwrapJson',
    kind: 'boolean',
    default: false,
    meaning:
      "With Lambda's JSON log format: whether the `message` of a record becomes the line, and the other fields become " +
      'structured metadata',
  },
  {
    variable: 'LOKI_PLATFORM_LINES',
    field: 'platformLines',
    property: 'platformLines',
    kind: 'words',
    words: ['all', 'start', 'end', 'report', 'timeout', 'init', 'restore', 'fault', 'extension', 'dropped'],
    default: 'all',
    meaning: 'Which platform lines are shipped',
  },
  {
    variable: 'LOKI_BATCH_SIZE',
    field: 'batchLines',
    property: 'batching.maxLines',
    kind: 'number',
    unit: 'count',
    min: 1,
    max: 10_000,
    default: 100,
    meaning: 'Maximum number of lines in one push',
  },
  {
    variable: 'LOKI_MAX_BATCH_SIZE_BYTES',
    field: 'batchBytes',
    property: 'batching.maxSize',
    kind: 'number',
    unit: 'bytes',
    min: KIB,
    max: 50 * MIB,
    default: 5 * MIB,
    meaning: 'Maximum size of one push before compression; a push never contains more than 1 MiB of lines',
  },
  {
    variable: 'LOKI_FLUSH_STRATEGY',
    property: 'flushStrategy',
    kind: 'flush strategy',
    default: 'end',
    meaning: 'When lines are sent, and what an invocation waits for',
  },
  {
    variable: 'LOKI_FLUSH_INTERVAL_MS',
    field: 'flushIntervalMs',
    property: 'batching.flushInterval',
    kind: 'number',
    unit: 'ms',
    min: 10,
    max: 3_600_000,
    default: 1000,
    meaning: 'Time between pushes while an invocation runs',
  },
  {
    variable: 'LOKI_IDLE_FLUSH_MULTIPLIER',
    field: 'idleFlushMultiplier',
    property: 'batching.idleFlushMultiplier',
    kind: 'number',
    unit: 'count',
    min: 1,
    max: 1000,
    default: 3,
    meaning: 'Between invocations the interval is this many times longer',
  },
  {
    variable: 'LOKI_ENABLE_GZIP',
    flag: '--gzip',
    field: 'gzip',
    property: 'batching.gzip',
    kind: 'boolean',
    default: true,
    meaning: 'Whether pushes are compressed',
  },
  {
    variable: 'LOKI_COMPRESSION_THRESHOLD',
    field: 'compressionThreshold',
    property: 'batching.gzipThreshold',
    kind: 'number',
    unit: 'bytes',
    min: 0,
    max: 100 * MIB,
    default: KIB,
    meaning: 'Pushes of this size or smaller are not compressed',
  },
  {
    variable: 'LOKI_MAX_LINE_SIZE',
    field: 'maxLineBytes',
    property: 'batching.maxLineSize',
    kind: 'number',
    unit: 'bytes',
    min: 64,
    max: 100 * MIB,
    default: 200 * KIB,
    meaning: 'Lines longer than this are split into parts (bytes of UTF-8)',
  },
  {
    variable: 'LOKI_MAX_RETRIES',
    field: 'retries',
    property: 'retry.maxRetries',
    kind: 'number',
    unit: 'count',
    min: 0,
    max: 100,
    default: 3,
    meaning: 'Retries of a push while an invocation runs',
  },
  {
    variable: 'LOKI_CRITICAL_FLUSH_RETRIES',
    field: 'criticalRetries',
    property: 'retry.criticalRetries',
    kind: 'number',
    unit: 'count',
    min: 0,
    max: 100,
    default: 5,
    meaning: 'Retries of a push at the end of an invocation and at shutdown',
  },
  {
    variable: 'LOKI_REQUEST_TIMEOUT_MS',
    field: 'requestTimeoutMs',
    property: 'retry.requestTimeout',
    kind: 'number',
    unit: 'ms',
    min: 50,
    max: 900_000,
    default: 3000,
    meaning: 'Timeout of one HTTP request, including the time to connect',
  },
  {
    variable: 'LOKI_FLUSH_TIMEOUT_MS',
    field: 'flushTimeoutMs',
    property: 'retry.flushTimeout',
    kind: 'number',
    unit: 'ms',
    min: 50,
    max: 900_000,
    default: 4000,
    meaning: 'Maximum time that the extension holds the environment after the function has finished',
  },
  {
    variable: 'LOKI_BUFFER_SIZE',
    alias: 'BUFFER_SIZE',
    field: 'bufferLines',
    property: 'buffer.maxLines',
    kind: 'number',
    unit: 'count',
    min: 1,
    max: 10_000_000,
    default: 10_000,
    meaning: 'Maximum number of lines in memory',
  },
  {
    variable: 'LOKI_BUFFER_MAX_BYTES',
    field: 'bufferBytes',
    property: 'buffer.maxSize',
    kind: 'number',
    unit: 'bytes',
    min: KIB,
    max: 8 * KIB * MIB,
    default: 16 * MIB,
    meaning: 'Maximum memory for lines',
  },
  {
    variable: 'LOKI_CA_CERT',
    property: 'tls.ca',
    kind: 'PEM',
    otherwise: 'public CAs',
    outbound: true,
    meaning: 'Additional trusted roots for a Loki behind a private CA',
  },
  {
    variable: 'LOKI_CLIENT_CERT',
    property: 'tls.clientCertificate',
    kind: 'PEM',
    outbound: true,
    meaning: 'Client certificate, or chain, for mutual TLS',
  },
  {
    variable: 'LOKI_CLIENT_KEY',
    property: 'tls.clientKeyPath',
    kind: 'PEM',
    outbound: true,
    meaning: 'Its unencrypted private key: PKCS#8, PKCS#1 or SEC1',
  },
  {
    variable: 'HTTPS_PROXY',
    alias: 'https_proxy',
    property: 'proxy.https',
    kind: 'url',
    outbound: true,
    meaning: 'Forward proxy for `https:` URLs, `http://[user:password@]host:port`',
  },
  {
    variable: 'HTTP_PROXY',
    alias: 'http_proxy',
    property: 'proxy.http',
    kind: 'url',
    outbound: true,
    meaning: 'Forward proxy for `http:` URLs',
  },
  {
    variable: 'NO_PROXY',
    alias: 'no_proxy',
    property: 'proxy.bypass',
    kind: 'hosts',
    meaning: 'Hosts that are connected to without a proxy: names, suffixes, addresses, CIDR ranges or `*`',
  },
  {
    variable: 'LOKI_TELEMETRY_PORT',
    field: 'telemetryPort',
    property: 'telemetryPort',
    kind: 'number',
    unit: 'port',
    min: 1024,
    max: 65_535,
    default: 4327,
    meaning: 'Port on which telemetry is received, not 9001; if it is in use, a free one is taken',
  },
  {
    variable: 'LOKI_LOG_LEVEL',
    field: 'logLevel',
    property: 'diagnostics',
    kind: 'word',
    words: LOG_LEVELS,
    default: 'warn',
    meaning: "Verbosity of the extension's own log on stderr",
  },
  {
    variable: 'LOKI_SHIP_DIAGNOSTICS',
    field: 'shipDiagnostics',
    kind: 'boolean',
    default: false,
    meaning:
      "Whether the extension's own warnings and errors are sent to Loki as well, at most five per minute; for functions " +
      "that don't write to CloudWatch",
  },
  {
    variable: 'DEBUG_MODE',
    flag: false,
    kind: 'boolean',
    default: false,
    meaning: '`true` means `LOKI_LOG_LEVEL=debug` if `LOKI_LOG_LEVEL` is not set',
  },
  {
    variable: 'AWS_CA_BUNDLE',
    flag: false,
    kind: 'path',
    meaning: "Additional trusted roots for AWS's own endpoints, if a middlebox re-signs TLS",
  },
  {
    variable: 'AWS_USE_FIPS_ENDPOINT',
    flag: false,
    kind: 'boolean',
    default: false,
    meaning: 'As in the AWS SDKs: secrets are read from FIPS endpoints',
  },
  {
    variable: 'AWS_ENDPOINT_URL',
    flag: false,
    kind: 'url',
    meaning: 'As in the AWS SDKs: the endpoint from which secrets are read',
  },
  {
    variable: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
    flag: false,
    kind: 'url',
    meaning: 'The same, for Secrets Manager only',
  },
  {
    variable: 'AWS_ENDPOINT_URL_SSM',
    flag: false,
    kind: 'url',
    meaning: 'The same, for SSM only',
  },
];

/** The command line's flag for a setting: `--batch-size` for `LOKI_BATCH_SIZE`. */
export function flagOf({ variable, flag }: Setting): string | undefined {
  if (flag !== undefined) return flag === false ? undefined : flag;
  return `--${variable
    .replace(/^LOKI_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}
