import type { IncomingHttpHeaders } from 'node:http';
import type { PushedStream } from './push-json';

/** What is known of a request before its body has come. */
export interface RequestHead {
  /** 0 for the first request since the start. */
  readonly index: number;
  /** Milliseconds since 1970 at which the head arrived. */
  readonly receivedAt: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Number of the connection, counted from 1. */
  readonly connectionId: number;
  /** Port from which the connection came: a proxy's, if there is one. */
  readonly clientPort: number;
  /** Which request on its connection this is, counted from 1: 2 and more came on a reused connection. */
  readonly requestOnConnection: number;
}

/**
 * How far a request got:
 * `receiving` its body is coming; `received` it is complete and not answered; `answered`;
 * `cut` the fake ended the connection without a whole answer; `aborted` the client did.
 */
export type PushState = 'receiving' | 'received' | 'answered' | 'cut' | 'aborted';

/** One request to the fake, from its head on; filled in as things happen. */
export interface PushRecord extends RequestHead {
  state: PushState;
  /** The status answered, or that would have been. */
  status?: number;
  /** The text answered. */
  answer?: string;
  /** Milliseconds since 1970 at which the answer was out, or the connection was ended. */
  settledAt?: number;
  tenant?: string;
  /** The body as it was on the wire; empty unless `keepBodies`. */
  body: Buffer;
  wireBytes: number;
  /** Bytes of the body after decompression. */
  uncompressedBytes: number;
  /** Number of streams sent. */
  streams: number;
  /** Number of lines sent. */
  lines: number;
  /** What was sent, when it could be read; `undefined` unless `keepBodies`. */
  content?: readonly PushedStream[];
  /** Lines newly stored. */
  stored: number;
  /** Lines that were stored before already. */
  duplicates: number;
  /** Lines lost behind a 204. */
  silentlyLost: number;
  /** Name of the scripted fault that took this request. */
  fault?: string;
}
