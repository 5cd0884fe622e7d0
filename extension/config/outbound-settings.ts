import type { Endpoint } from './endpoint';
import { parseNoProxy, parseProxy, type Proxies } from './proxy';
import type { Problem } from './read-settings';
import { type ParsedSecretRef, parseSecretRef, type SecretRef } from './secret-ref';
import { SECRET_VARIABLES } from './settings';
import { type PemKind, parsePemSource, type PemSource, type TlsSources } from './tls';

/** One credential: as it stands in the environment, as it is kept elsewhere, or both; then the one kept elsewhere goes first. */
export interface Credential {
  readonly plain?: string;
  readonly secret?: SecretRef;
}

/** What Loki wants to see: the API key or, without one, user name and password. */
export interface CredentialSettings {
  readonly apiKey: Credential;
  readonly username: Credential;
  readonly password: Credential;
}

/** How Loki is reached, where that is not simply by its URL. */
export interface OutboundSettings {
  /** Only where a variable names a secret, be it one that can't be used: otherwise `Settings.authorization` says it all. */
  readonly credentials?: CredentialSettings;
  readonly tls?: TlsSources;
  readonly proxies?: Proxies;
}

const NO_CLIENT_CERT = 'no client certificate is used';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that are of no use before the first push, and that stand in `OUTBOUND_VARIABLES`. Never throws: what can't be used
 * is left out and said, without showing anything that may be a secret.
 */
export function readOutboundSettings(env: Env, endpoint: Endpoint | undefined): { settings: OutboundSettings; problems: Problem[] } {
  const problems: Problem[] = [];
  const read = new Reader(env, (variable, message) => problems.push({ variable, message }));
  const [credentials, tls, proxies] = [read.credentials(endpoint), read.tls(), read.proxies()];
  return { settings: { ...(credentials && { credentials }), ...(tls && { tls }), ...(proxies && { proxies }) }, problems };
}

class Reader {
  constructor(private readonly env: Env, private readonly problem: (variable: string, message: string) => void) {}

  /** The trimmed value, or `undefined` when the variable is absent or blank. */
  text(variable: string): string | undefined {
    return this.env[variable]?.trim() || undefined;
  }

  credentials(endpoint: Endpoint | undefined): CredentialSettings | undefined {
    if (SECRET_VARIABLES.every((variable) => this.text(variable) === undefined)) return undefined;
    const apiKey = this.credential('LOKI_API_KEY');
    // An API key wins over user name and password, which then need not be fetched.
    if (apiKey.plain !== undefined && apiKey.secret === undefined) return { apiKey, username: {}, password: {} };
    const username = this.credential('LOKI_USERNAME', endpoint?.username);
    const password = this.credential('LOKI_PASSWORD', endpoint?.password);
    const [hasUsername, hasPassword] = [username, password].map(({ plain, secret }) => plain !== undefined || secret !== undefined);
    if (hasPassword && !hasUsername) this.problem('LOKI_USERNAME', 'is not set though LOKI_PASSWORD is; an empty user name is sent');
    if (hasUsername && !hasPassword) this.problem('LOKI_PASSWORD', 'is not set though LOKI_USERNAME is; an empty password is sent');
    return { apiKey, username, password };
  }

  credential(plainVariable: string, otherwise?: string): Credential {
    const plain = this.plain(plainVariable) ?? otherwise;
    const variable = `${plainVariable}_SECRET`;
    const text = this.text(variable);
    const { ref, problem } = text === undefined ? {} as ParsedSecretRef : parseSecretRef(variable, text);
    if (problem !== undefined) this.problem(variable, `${problem}; ${plain === undefined ? 'it is not used' : `${plainVariable} is used`}`);
    return { ...(plain !== undefined && { plain }), ...(ref && { secret: ref }) };
  }

  plain(variable: string): string | undefined {
    const text = this.text(variable);
    // eslint-disable-next-line no-control-regex
    if (text === undefined || !/[\u0000-\u001f\u007f]/.test(text)) return text;
    this.problem(variable, 'has a line break or another control character inside; it is not used');
    return undefined;
  }

  tls(): TlsSources | undefined {
    const ca = this.pem('LOKI_CA_CERT', 'certificate', 'only the public roots are trusted');
    const cert = this.pem('LOKI_CLIENT_CERT', 'certificate', NO_CLIENT_CERT);
    const key = this.pem('LOKI_CLIENT_KEY', 'private key', NO_CLIENT_CERT);
    for (const [one, other] of [['LOKI_CLIENT_CERT', 'LOKI_CLIENT_KEY'], ['LOKI_CLIENT_KEY', 'LOKI_CLIENT_CERT']]) {
      if (this.text(one) === undefined && this.text(other) !== undefined) this.problem(one, `is not set though ${other} is; ${NO_CLIENT_CERT}`);
    }
    const client = cert !== undefined && key !== undefined ? { cert, key } : undefined;
    return ca === undefined && client === undefined ? undefined : { ...(ca && { ca }), ...client };
  }

  pem(variable: string, kind: PemKind, otherwise: string): PemSource | undefined {
    const text = this.text(variable);
    if (text === undefined) return undefined;
    const parsed = parsePemSource(variable, kind, text);
    if ('source' in parsed) return parsed.source;
    this.problem(variable, `${parsed.problem}; ${otherwise}`);
    return undefined;
  }

  proxies(): Proxies | undefined {
    const [https, http] = [this.proxy('HTTPS_PROXY'), this.proxy('HTTP_PROXY')];
    if (https === undefined && http === undefined) return undefined;
    return { ...(https && { https }), ...(http && { http }), exceptions: parseNoProxy(this.text('NO_PROXY') ?? this.text('no_proxy') ?? '') };
  }

  /** In capitals or, as many programs know it, in small letters. */
  proxy(name: string): string | undefined {
    const variable = this.text(name) === undefined ? name.toLowerCase() : name;
    const text = this.text(variable);
    if (text === undefined) return undefined;
    const parsed = parseProxy(text);
    if ('url' in parsed) return parsed.url;
    this.problem(variable, parsed.problem);
    return undefined;
  }
}
