import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { platformError } from '../errors';
import type { CertificateCount, TlsOptions } from '../types';

/** Prepared TLS settings. Two connections have the same number if they were made with the same settings. */
export interface TlsContext {
  readonly id: number;
  readonly secure: SecureContext;
}

/**
 * Makes contexts when they are first needed, because each one parses all public roots. The function throws `EINVAL`.
 */
export function createTlsContexts(): (options: TlsOptions | undefined) => TlsContext {
  const contexts = new Map<string, TlsContext>();
  return ({ ca, cert, key } = {}) => {
    const settings = JSON.stringify([ca, cert, key]);
    let context = contexts.get(settings);
    if (context === undefined)
      contexts.set(settings, (context = { id: contexts.size, secure: make({ ca, cert, key }) }));
    return context;
  };
}

function make({ ca, cert, key }: TlsOptions): SecureContext {
  const roots = ca === undefined ? undefined : usableRoots(ca);
  // OpenSSL ignores text that isn't PEM.
  if (cert !== undefined && blocksIn(cert).length === 0) {
    throw platformError('EINVAL', 'tls.cert has no certificate in PEM', { about: 'cert' });
  }
  if (cert !== undefined && key === undefined)
    throw platformError('EINVAL', 'tls.cert needs tls.key', { about: 'cert' });
  if (cert === undefined && key !== undefined)
    throw platformError('EINVAL', 'tls.key needs tls.cert', { about: 'key' });
  if (key !== undefined) checkKey(key);
  try {
    return createSecureContext({ cert, key, ca: roots && [...rootCertificates, ...roots] });
  } catch (error) {
    // Everything else has been checked.
    throw platformError('EINVAL', `tls.cert and tls.key can't be used: ${(error as Error).message}`, { about: 'cert' });
  }
}

/** See `Platform.checkCertificates`. */
export function checkCertificates(pem: string): CertificateCount {
  const blocks = blocksIn(pem);
  const usable = blocks.filter(isUsable).length;
  return { usable, unusable: blocks.length - usable };
}

function usableRoots(pem: string): string[] {
  const blocks = blocksIn(pem);
  const roots = blocks.filter(isUsable);
  if (roots.length > 0) return roots;
  const problem = blocks.length === 0 ? 'no certificate in PEM' : 'no certificate that can be used';
  throw platformError('EINVAL', `tls.ca has ${problem}`, { about: 'ca' });
}

/** Each certificate, up to where the next one begins: one may lack its end. */
function blocksIn(pem: string): string[] {
  return pem
    .split(/^(?=-----BEGIN CERTIFICATE-----)/m)
    .filter((block) => block.startsWith('-----BEGIN CERTIFICATE-----'));
}

function isUsable(block: string): boolean {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}

function checkKey(pem: string): void {
  try {
    createPrivateKey(pem);
  } catch {
    throw platformError('EINVAL', 'tls.key has no private key in PEM (PKCS#8, PKCS#1 or SEC1, not encrypted)', {
      about: 'key',
    });
  }
}
