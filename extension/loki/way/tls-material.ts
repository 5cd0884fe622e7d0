import { type PemKind, pemOf, type PemSource, type TlsSources } from '../../config/tls';
import type { Diagnostics } from '../../diagnostics';
import { isPlatformError, messageOf } from '../../platform/errors';
import type { Platform, PlatformError, TlsOptions } from '../../platform/types';
import { usableRoots } from '../../secrets/usable-roots';

const WITHOUT_ROOTS = 'only the public roots are trusted';
const WITHOUT_CLIENT = 'no client certificate is used';

/**
 * Extra roots and the client certificate, read when the first push needs them. Material that can't be used is left out
 * and logged, with its variable and path and without its content; the server then decides.
 */
export class TlsMaterial {
  readonly #platform: Pick<Platform, 'readTextFile' | 'checkCertificates'>;
  readonly #diagnostics: Diagnostics;
  readonly #sources: TlsSources;
  #options: TlsOptions | undefined;

  constructor(
    platform: Pick<Platform, 'readTextFile' | 'checkCertificates'>,
    diagnostics: Diagnostics,
    sources: TlsSources,
  ) {
    this.#platform = platform;
    this.#diagnostics = diagnostics;
    this.#sources = sources;
  }

  /** This is always the same object, so that connections can be shared. */
  get options(): TlsOptions {
    return (this.#options ??= this.#read());
  }

  /**
   * The platform can't use what it was given: leaves out the client certificate if the error is about that.
   * @param used the options that were passed to the platform.
   * @returns whether something was left out, so that trying again makes sense.
   */
  reject(used: TlsOptions, { about, message }: Pick<PlatformError, 'about' | 'message'>): boolean {
    if (used !== this.#options) return true; // another push has done so already
    const { ca, cert } = used;
    if (cert === undefined || (about !== 'cert' && about !== 'key')) return false;
    const { cert: certSource, key: keySource } = this.#sources;
    const named = message.replace(/tls\.(cert|key)/g, (_, what: 'cert' | 'key') => nameOf(this.#sources[what]));
    this.#diagnostics.warn(`${nameOf(certSource)} and ${nameOf(keySource)} can't be used: ${named}; ${WITHOUT_CLIENT}`);
    this.#options = ca === undefined ? {} : { ca };
    return true;
  }

  #read(): TlsOptions {
    const ca = this.#roots();
    const cert = this.#load(this.#sources.cert, 'certificate', WITHOUT_CLIENT);
    const key = cert === undefined ? undefined : this.#load(this.#sources.key, 'private key', WITHOUT_CLIENT);
    return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) };
  }

  #roots(): string | undefined {
    const source = this.#sources.ca;
    const pem = this.#load(source, 'certificate', WITHOUT_ROOTS);
    return (
      pem && usableRoots(this.#platform, this.#diagnostics, { pem, name: nameOf(source), otherwise: WITHOUT_ROOTS })
    );
  }

  #load(source: PemSource | undefined, kind: PemKind, otherwise: string): string | undefined {
    if (source?.path === undefined) return source?.text;
    let text: string;
    try {
      text = this.#platform.readTextFile(source.path);
    } catch (error) {
      const reason =
        isPlatformError(error) && error.code in REASONS
          ? REASONS[error.code as keyof typeof REASONS]
          : messageOf(error);
      this.#diagnostics.warn(`${nameOf(source)} can't be read: ${reason}; ${otherwise}`);
      return undefined;
    }
    const { pem, problem } = pemOf(kind, text);
    if (problem) this.#diagnostics.warn(`${nameOf(source)} ${problem}; ${otherwise}`);
    return pem;
  }
}

const REASONS = { ENOENT: 'there is no such file', EACCES: 'permission denied' } as const;

function nameOf(source: PemSource | undefined): string {
  return source === undefined
    ? ''
    : source.path === undefined
      ? source.variable
      : `${source.variable} (${source.path})`;
}
