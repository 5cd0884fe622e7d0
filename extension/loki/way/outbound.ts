import type { Outcome } from '../classify';
import type { PlatformError, TlsOptions } from '../../platform/types';

/** What a request to Loki has beside what the settings say at once. */
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

/** Makes one attempt, within so many milliseconds. */
export type Send = (limitMs: number, extras: Extras) => Promise<Attempt>;

/** Credentials that are fetched, TLS settings, a proxy: what stands between the client and a Loki that is not simply reached by its URL. */
export interface Outbound {
  /** Starts what takes time. Nothing waits for it. */
  start(): void;
  /** Makes a push by means of `send`, when all that it needs is there. Takes `limitMs` at most, waiting included. */
  push(limitMs: number, send: Send): Promise<Outcome>;
  /** Ends the waiting of all pushes; they are `canceled`. */
  cancelAll(): void;
}
