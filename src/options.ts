import { Duration, Size } from 'aws-cdk-lib';
import { Certificate } from './certificate';

/**
 * How lines are gathered into pushes.
 */
export interface BatchingOptions {
  /**
   * Most lines in one push, 1 to 10,000. Environment variable `LOKI_BATCH_SIZE`.
   *
   * @default 100
   */
  readonly maxLines?: number;

  /**
   * Most uncompressed bytes in one push, 1 KiB to 50 MiB. Environment variable `LOKI_MAX_BATCH_SIZE_BYTES`.
   *
   * @default Size.mebibytes(5)
   */
  readonly maxSize?: Size;

  /**
   * Time between pushes while an invocation runs, 10 ms to 1 hour. Environment variable `LOKI_FLUSH_INTERVAL_MS`.
   *
   * @default Duration.seconds(1)
   */
  readonly flushInterval?: Duration;

  /**
   * The interval is this many times longer between invocations, 1 to 1,000. Environment variable
   * `LOKI_IDLE_FLUSH_MULTIPLIER`.
   *
   * @default 3
   */
  readonly idleFlushMultiplier?: number;

  /**
   * Whether pushes are compressed. Environment variable `LOKI_ENABLE_GZIP`.
   *
   * @default true
   */
  readonly gzip?: boolean;

  /**
   * Pushes of this size or smaller go uncompressed, 0 to 100 MiB. Environment variable `LOKI_COMPRESSION_THRESHOLD`.
   *
   * @default Size.kibibytes(1)
   */
  readonly gzipThreshold?: Size;

  /**
   * Longer lines are split into parts, 64 bytes to 100 MiB of UTF-8. Loki's own limit is 256 KiB unless its operator
   * changed it. Environment variable `LOKI_MAX_LINE_SIZE`.
   *
   * @default Size.kibibytes(200)
   */
  readonly maxLineSize?: Size;
}

/**
 * What happens when Loki is slow, or does not answer.
 */
export interface RetryOptions {
  /**
   * Retries of a push while an invocation runs, 0 to 100. Environment variable `LOKI_MAX_RETRIES`.
   *
   * @default 3
   */
  readonly maxRetries?: number;

  /**
   * Retries of a push at the end of an invocation and at shutdown, 0 to 100. Environment variable
   * `LOKI_CRITICAL_FLUSH_RETRIES`.
   *
   * @default 5
   */
  readonly criticalRetries?: number;

  /**
   * Most time for one HTTP attempt, connecting included, 50 ms to 15 minutes. Environment variable
   * `LOKI_REQUEST_TIMEOUT_MS`.
   *
   * @default Duration.seconds(3)
   */
  readonly requestTimeout?: Duration;

  /**
   * Most time that pushing may hold the environment after the function is done, 50 ms to 15 minutes. It never goes
   * beyond the function's own timeout. Environment variable `LOKI_FLUSH_TIMEOUT_MS`.
   *
   * @default Duration.seconds(4)
   */
  readonly flushTimeout?: Duration;
}

/**
 * How much is held in memory while Loki can't take it. When either limit is reached the oldest lines go first, and are
 * counted.
 */
export interface BufferOptions {
  /**
   * Most lines, 1 to 10,000,000. Environment variable `LOKI_BUFFER_SIZE`.
   *
   * @default 10000
   */
  readonly maxLines?: number;

  /**
   * Most bytes of lines, 1 KiB to 8 GiB. The memory is the function's own. Environment variable
   * `LOKI_BUFFER_MAX_BYTES`.
   *
   * @default Size.mebibytes(16)
   */
  readonly maxSize?: Size;
}

/**
 * TLS beyond the public certification authorities.
 */
export interface TlsOptions {
  /**
   * Further trusted roots, for a Loki behind a private certification authority. Environment variable `LOKI_CA_CERT`.
   *
   * @default - the public ones alone
   */
  readonly ca?: Certificate;

  /**
   * The certificate that the extension shows to Loki (mutual TLS). Goes with `clientKeyPath`.
   * Environment variable `LOKI_CLIENT_CERT`.
   *
   * @default - none
   */
  readonly clientCertificate?: Certificate;

  /**
   * Where the private key of `clientCertificate` lies inside the function's environment, as PEM: `/opt/…` from a layer
   * of yours, or `/var/task/…` from the function's package. The key itself can't be given, because it would stand in
   * the template. Environment variable `LOKI_CLIENT_KEY`.
   *
   * @default - none
   */
  readonly clientKeyPath?: string;
}

/**
 * An HTTP proxy between the function and Loki. These variables have their usual names, so the function's own code may
 * follow them too.
 */
export interface ProxyOptions {
  /**
   * URL of the proxy for https endpoints, without user and password. Environment variable `HTTPS_PROXY`.
   *
   * @default - none
   */
  readonly https?: string;

  /**
   * URL of the proxy for http endpoints, without user and password. Environment variable `HTTP_PROXY`.
   *
   * @default - none
   */
  readonly http?: string;

  /**
   * Hosts that are reached without the proxy: names, domain suffixes, addresses or `*`. Environment variable
   * `NO_PROXY`.
   *
   * @default - none
   */
  readonly bypass?: string[];
}
