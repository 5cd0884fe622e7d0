import { platformError } from '../errors';
import type { PlatformError } from '../types';

/** What went wrong before there was a connection. @param place host and port that the connection was to. */
export function connectFailure(error: NodeJS.ErrnoException, place: string): PlatformError {
  const what = error.message || error.code || 'unknown error';
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return platformError('ENOTFOUND', `the name in ${place} can't be resolved: ${what}`);
    case 'ECONNREFUSED':
      return platformError('ECONNREFUSED', `${place} refused the connection`);
    case 'ECONNRESET':
      return platformError('ECONNRESET', `${place} broke the connection: ${what}`);
    default:
      return platformError('ECONNECT', `no connection to ${place}: ${what}`);
  }
}

/** What went wrong in the TLS handshake. */
export function handshakeFailure(error: NodeJS.ErrnoException, place: string): PlatformError {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return platformError('ECONNRESET', `${place} broke the connection during the TLS handshake`);
  return platformError('ETLS', `the TLS handshake with ${place} failed: ${error.message}`);
}

/** What went wrong on a connection. @param reused see `PlatformError.reused`. */
export function exchangeFailure({ code = '', message }: NodeJS.ErrnoException, place: string, reused: boolean): PlatformError {
  // With TLS 1.3 a peer that refuses the client's certificate says so only after the handshake.
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return platformError('ETLS', `${place} ended TLS: ${message.trim()}`, reused);
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') return platformError('EPROTO', `${place} does not speak HTTP/1.1: ${message}`, reused);
  return platformError('ECONNRESET', `${place} broke the connection: ${message || code}`, reused);
}
