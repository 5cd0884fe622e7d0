import { platformError } from '../errors';
import type { PlatformError, PlatformErrorSubject } from '../types';

/** The error of a connection that could not be made. @param place its host and port. */
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

/** The error of a proxy that refuses. @param status with the reason phrase. */
export function proxyRefusal(proxyHost: string, status: string): PlatformError {
  // Some proxies answer 401 or 403 instead of 407.
  const about = /^40[137]\b/.test(status) ? 'login' : undefined;
  return platformError('EPROXY', `the proxy ${proxyHost} refused: ${status}`, { about });
}

/** Node.js's codes for a certificate whose issuer is not trusted. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** OpenSSL's codes for the alerts by which a peer asks for a client certificate or turns one down. */
const ABOUT_CLIENT =
  /ALERT_(CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|CERTIFICATE_EXPIRED|HANDSHAKE_FAILURE)$/;

function subjectOf(code: string): PlatformErrorSubject | undefined {
  if (UNTRUSTED.has(code)) return 'issuer';
  return ABOUT_CLIENT.test(code) ? 'cert' : undefined;
}

/** The error of a TLS handshake. */
export function handshakeFailure({ code = '', message }: NodeJS.ErrnoException, place: string): PlatformError {
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return platformError('ECONNRESET', `${place} broke the connection during the TLS handshake`);
  }
  return platformError('ETLS', `the TLS handshake with ${place} failed: ${message}`, { about: subjectOf(code) });
}

/** The error of an existing connection. @param reused see `PlatformError.reused`. */
export function exchangeFailure(
  { code = '', message }: NodeJS.ErrnoException,
  place: string,
  reused: boolean,
): PlatformError {
  // With TLS 1.3 a peer reports only after the handshake that it refuses the client's certificate.
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return platformError('ETLS', `${place} ended TLS: ${message.trim()}`, { about: subjectOf(code), reused });
  }
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
    return platformError('EPROTO', `${place} does not speak HTTP/1.1: ${message}`, { reused });
  }
  return platformError('ECONNRESET', `${place} broke the connection: ${message || code}`, { reused });
}
