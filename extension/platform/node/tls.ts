import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { platformError } from '../errors';
import type { TlsOptions } from '../types';

/** TLS settings made ready, with a number that tells whether two connections were made with the same ones. */
export interface TlsContext {
  readonly id: number;
  readonly secure: SecureContext;
}

/** Makes contexts when they are first needed, as each of them parses all the public roots. The function throws `EINVAL`. */
export function createTlsContexts(): (options: TlsOptions | undefined) => TlsContext {
  const contexts = new Map<string, TlsContext>();
  return ({ ca, cert, key } = {}) => {
    const settings = JSON.stringify([ca, cert, key]);
    let context = contexts.get(settings);
    if (context === undefined) contexts.set(settings, (context = { id: contexts.size, secure: make({ ca, cert, key }) }));
    return context;
  };
}

function make({ ca, cert, key }: TlsOptions): SecureContext {
  // OpenSSL passes over what is not PEM.
  if (ca !== undefined) checkCertificates('ca', ca);
  if (cert !== undefined) checkCertificates('cert', cert);
  if (cert !== undefined && key === undefined) throw platformError('EINVAL', 'tls.cert needs tls.key', { about: 'cert' });
  if (cert === undefined && key !== undefined) throw platformError('EINVAL', 'tls.key needs tls.cert', { about: 'key' });
  if (key !== undefined) checkKey(key);
  try {
    return createSecureContext({ cert, key, ca: ca === undefined ? undefined : [...rootCertificates, ca] });
  } catch (error) {
    // All but this has been looked at.
    throw platformError('EINVAL', `tls.cert and tls.key can't be used: ${(error as Error).message}`, { about: 'cert' });
  }
}

function checkCertificates(about: 'ca' | 'cert', pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]*?(?:-----END CERTIFICATE-----|$)/g);
  if (blocks === null) throw platformError('EINVAL', `tls.${about} has no certificate in PEM`, { about });
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw platformError('EINVAL', `tls.${about} has a certificate that can't be used`, { about });
    }
  }
}

function checkKey(pem: string): void {
  try {
    createPrivateKey(pem);
  } catch {
    throw platformError('EINVAL', 'tls.key has no private key in PEM (PKCS#8, PKCS#1 or SEC1, not encrypted)', { about: 'key' });
  }
}
