import type { Outcome } from '../classify';
import type { PlatformError, TlsOptions } from '../../platform/types';

/** What a request to Loki needs in addition to the settings that are known at the start. */
export interface Extras {
  readonly authorization?: string;
  readonly tls?: TlsOptions;
  readonly proxy?: string;
}

/** The result of one push. */
export interface Attempt {
  readonly outcome: Outcome;
  /** The answer's, if there was one. */
  readonly status?: number;
  /** The error, if there was no answer. */
  readonly error?: PlatformError;
}

/** Makes one attempt, in `limitMs` at most. */
export type Send = (limitMs: number, extras: Extras) => Promise<Attempt>;

/** Fetched credentials, TLS settings, a proxy: what a push needs where its URL alone is not enough. */
export interface Outbound {
  /** Starts whatever takes time. Nothing waits for it. */
  start(): void;
  /**
   * Makes a push with `send` as soon as everything that it needs is available. Takes `limitMs` at most, waiting
   * included.
   */
  push(limitMs: number, send: Send): Promise<Outcome>;
  /** Ends the wait of all pushes; they are `canceled`. */
  cancelAll(): void;
}
