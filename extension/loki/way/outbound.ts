import type { Outcome } from '../classify';
import type { PlatformError, TlsOptions } from '../../platform/types';

/** What a request to Loki needs in addition to the settings that are known at the start. */
export interface Extras {
  readonly authorization?: string;
  readonly tls?: TlsOptions;
  readonly proxy?: string;
}

/** How one push went. */
export interface Attempt {
  readonly outcome: Outcome;
  /** Of the answer, if there was one. */
  readonly status?: number;
  /** If there was none. */
  readonly error?: PlatformError;
}

/** Makes one attempt, in `limitMs` at most. */
export type Send = (limitMs: number, extras: Extras) => Promise<Attempt>;

/** Fetched credentials, TLS settings, a proxy: what a push needs where its URL alone is not enough. */
export interface Outbound {
  /** Starts what takes time. Nothing waits for it. */
  start(): void;
  /** Makes a push by means of `send`, when all that it needs is there. Takes `limitMs` at most, waiting included. */
  push(limitMs: number, send: Send): Promise<Outcome>;
  /** Ends the waiting of all pushes; they are `canceled`. */
  cancelAll(): void;
}
