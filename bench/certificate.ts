import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files of a server on 127.0.0.1, and of the authority that a client has to trust for it. */
export interface Certificate {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Made with the `openssl` program, in a folder. @throws Error where there is none */
export function makeCertificate(folder: string): Certificate {
  const [authority, authorityKey, certificate, key, request, extensions] = [
    'ca.crt',
    'ca.key',
    'loki.crt',
    'loki.key',
    'loki.csr',
    'loki.ext',
  ].map((name) => join(folder, name));
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-config', '/dev/null'];
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  writeFileSync(extensions, 'basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n');
  openssl('req', '-x509', ...elliptic, '-keyout', authorityKey, '-out', authority, '-subj', '/CN=bench', ...ca);
  openssl('req', '-new', ...elliptic, '-keyout', key, '-out', request, '-subj', '/CN=loki');
  const signer = ['-CA', authority, '-CAkey', authorityKey, '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...signer, '-days', '2', '-extfile', extensions, '-out', certificate);
  return { authority, certificate, key };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
