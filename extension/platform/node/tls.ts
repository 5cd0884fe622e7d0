import { X509Certificate } from 'node:crypto';
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
  if (ca !== undefined) checkCertificates('tls.ca', ca);
  if (cert !== undefined) checkCertificates('tls.cert', cert);
  if (cert !== undefined && key === undefined) throw platformError('EINVAL', 'tls.cert needs tls.key');
  if (cert === undefined && key !== undefined) throw platformError('EINVAL', 'tls.key needs tls.cert');
  try {
    return createSecureContext({ cert, key, ca: ca === undefined ? undefined : [...rootCertificates, ca] });
  } catch (error) {
    throw platformError('EINVAL', `the TLS settings can't be used: ${(error as Error).message}`);
  }
}

function checkCertificates(name: string, pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]*?(?:-----END CERTIFICATE-----|$)/g);
  if (blocks === null) throw platformError('EINVAL', `${name} has no certificate in PEM`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw platformError('EINVAL', `${name} has a certificate that can't be used`);
    }
  }
}
