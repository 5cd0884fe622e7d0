import { Duration, Size } from 'aws-cdk-lib';
import { Certificate } from './certificate';

/**
 * How lines are batched into pushes.
 */
export interface BatchingOptions {
  /**
   * The maximum number of lines in one push, 1 to 10,000. Environment variable `LOKI_BATCH_SIZE`.
   *
   * @default 100
   */
  readonly maxLines?: number;

  /**
   * The maximum size of one push before compression, 1 KiB to 50 MiB. Environment variable `LOKI_MAX_BATCH_SIZE_BYTES`.
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
   * Between invocations the interval is this many times longer, 1 to 1,000. Environment variable
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
   * Pushes of this size or smaller are not compressed, 0 to 100 MiB. Environment variable `LOKI_COMPRESSION_THRESHOLD`.
   *
   * @default Size.kibibytes(1)
   */
  readonly gzipThreshold?: Size;

  /**
   * Lines longer than this are split into parts, 64 bytes to 100 MiB of UTF-8. Loki's own limit is 256 KiB by default.
   * Environment variable `LOKI_MAX_LINE_SIZE`.
   *
   * @default Size.kibibytes(200)
   */
  readonly maxLineSize?: Size;
}

/**
 * What happens when Loki is slow or does not answer.
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
   * The timeout of one HTTP request, including the time to connect, 50 ms to 15 minutes. Environment variable
   * `LOKI_REQUEST_TIMEOUT_MS`.
   *
   * @default Duration.seconds(3)
   */
  readonly requestTimeout?: Duration;

  /**
   * The maximum time that the extension holds the environment after the function has finished, 50 ms to 15 minutes. It
   * never exceeds the function's own timeout. Environment variable `LOKI_FLUSH_TIMEOUT_MS`.
   *
   * @default Duration.seconds(4)
   */
  readonly flushTimeout?: Duration;
}

/**
 * How much is kept in memory while Loki does not accept lines. When either limit is reached, the oldest lines are
 * dropped and counted.
 */
export interface BufferOptions {
  /**
   * The maximum number of lines, 1 to 10,000,000. Environment variable `LOKI_BUFFER_SIZE`.
   *
   * @default 10000
   */
  readonly maxLines?: number;

  /**
   * The maximum memory for lines, 1 KiB to 8 GiB. It is part of the function's memory. Environment variable
   * `LOKI_BUFFER_MAX_BYTES`.
   *
   * @default Size.mebibytes(16)
   */
  readonly maxSize?: Size;
}

/**
 * TLS settings for a private certificate authority and for mutual TLS.
 */
export interface TlsOptions {
  /**
   * Additional trusted root certificates, for a Loki with a certificate from a private certificate authority.
   * Environment variable `LOKI_CA_CERT`.
   *
   * @default - only the public certificate authorities
   */
  readonly ca?: Certificate;

  /**
   * The certificate that the extension presents to Loki (mutual TLS). Requires `clientKeyPath`. Environment variable
   * `LOKI_CLIENT_CERT`.
   *
   * @default - none
   */
  readonly clientCertificate?: Certificate;

  /**
   * Path of the PEM file with the private key of `clientCertificate` in the function's environment: `/opt/…` from your
   * own layer, or `/var/task/…` from the function's package. The key itself can't be passed, because it would be
   * readable in the template. Environment variable `LOKI_CLIENT_KEY`.
   *
   * @default - none
   */
  readonly clientKeyPath?: string;
}

/**
 * An HTTP proxy between the function and Loki. The environment variables have their usual names, so the function's own
 * code may use the proxy too.
 */
export interface ProxyOptions {
  /**
   * URL of the proxy for https endpoints, without user name and password. Environment variable `HTTPS_PROXY`.
   *
   * @default - none
   */
  readonly https?: string;

  /**
   * URL of the proxy for http endpoints, without user name and password. Environment variable `HTTP_PROXY`.
   *
   * @default - none
   */
  readonly http?: string;

  /**
   * Hosts that are connected to without the proxy: names, domain suffixes, addresses or `*`. Environment variable
   * `NO_PROXY`.
   *
   * @default - none
   */
  readonly bypass?: string[];
}
