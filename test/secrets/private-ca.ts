import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its private key: as PEM text, and as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certification authority of the test's own, made with the `openssl` program. */
export class PrivateCa {
  readonly folder = mkdtempSync(join(tmpdir(), 'private-ca-'));
  /** Its own certificate. */
  readonly root: Issued;
  #count = 0;

  constructor(name = 'Test root') {
    this.root = this.#selfSigned(name, [
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
    ]);
  }

  /**
   * @param names subject alternative names as openssl writes them, `DNS:localhost,IP:127.0.0.1`. @param days validity
   * from now; negative for one that is over.
   */
  issue(name: string, names = '', days = 30): Issued {
    const issued = this.#files();
    const request = join(this.folder, `${this.#count}.csr`);
    const extensions = join(this.folder, `${this.#count}.ext`);
    writeFileSync(
      extensions,
      `basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n${names && `subjectAltName=${names}\n`}`,
    );
    openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      issued.keyFile,
      '-out',
      request,
      '-subj',
      `/CN=${name}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.root.certFile,
      '-CAkey',
      this.root.keyFile,
      '-CAcreateserial',
      '-days',
      String(days),
      '-extfile',
      extensions,
      '-out',
      issued.certFile,
    );
    return withText(issued);
  }

  /** A server's certificate that nobody but itself has signed. */
  selfSigned(name: string, names: string): Issued {
    return this.#selfSigned(name, [
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-addext',
      `subjectAltName=${names}`,
    ]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #selfSigned(name: string, extra: readonly string[]): Issued {
    const issued = this.#files();
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      issued.keyFile,
      '-out',
      issued.certFile,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-config',
      '/dev/null',
      ...extra,
    );
    return withText(issued);
  }

  #files(): { certFile: string; keyFile: string } {
    this.#count++;
    return { certFile: join(this.folder, `${this.#count}.crt`), keyFile: join(this.folder, `${this.#count}.key`) };
  }
}

function withText({ certFile, keyFile }: { certFile: string; keyFile: string }): Issued {
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
