import { SECRET_VARIABLES } from './definitions';
import type { Endpoint } from './endpoint';
import type { Problem } from './problem';
import { parseNoProxy, parseProxy, type Proxies } from './proxy';
import { type Env, Reader } from './reader';
import { type ParsedSecretRef, parseSecretRef, type SecretRef } from './secret-ref';
import { type PemKind, parsePemSource, type PemSource, type TlsSources } from './tls';

/** One credential: its value in the environment, the secret that holds it, or both. The secret takes precedence. */
export interface Credential {
  readonly plain?: string;
  readonly secret?: SecretRef;
}

/** The credentials that Loki requires: the API key or, without one, user name and password. */
export interface CredentialSettings {
  readonly apiKey: Credential;
  readonly username: Credential;
  readonly password: Credential;
}

/** How Loki is reached, where the URL alone isn't enough. */
export interface OutboundSettings {
  /**
   * Present only where a variable names a secret, even one that can't be used: otherwise `Settings.authorization` is
   * enough.
   */
  readonly credentials?: CredentialSettings;
  readonly tls?: TlsSources;
  readonly proxies?: Proxies;
}

const NO_CLIENT_CERT = 'no client certificate is used';

/**
 * Reads the variables about the way to Loki: `OUTBOUND_VARIABLES`. Never throws: values that can't be used are left out
 * and reported, without anything that may be a secret.
 */
export function readOutboundSettings(
  env: Env,
  endpoint: Endpoint | undefined,
): { settings: OutboundSettings; problems: Problem[] } {
  const read = new Reader(env);
  const [credentials, tls, proxies] = [credentialsOf(read, endpoint), tlsOf(read), proxiesOf(read)];
  const settings = { ...(credentials && { credentials }), ...(tls && { tls }), ...(proxies && { proxies }) };
  return { settings, problems: read.problems };
}

function credentialsOf(read: Reader, endpoint: Endpoint | undefined): CredentialSettings | undefined {
  if (!read.any(SECRET_VARIABLES)) return undefined;
  const apiKey = withSecret(read, 'LOKI_API_KEY');
  const username = withSecret(read, 'LOKI_USERNAME', endpoint?.username);
  const password = withSecret(read, 'LOKI_PASSWORD', endpoint?.password);
  const [hasKey, hasUsername, hasPassword] = [apiKey, username, password].map(
    (one) => (one.plain ?? one.secret) !== undefined,
  );
  read.checkLogin(hasKey, hasUsername, hasPassword);
  // User name and password need not be fetched where an API key is sure to take precedence.
  if (apiKey.plain !== undefined && apiKey.secret === undefined) return { apiKey, username: {}, password: {} };
  return { apiKey, username, password };
}

function withSecret(read: Reader, plainVariable: string, otherwise?: string): Credential {
  const plain = read.credential(plainVariable) ?? otherwise;
  const variable = `${plainVariable}_SECRET`;
  const text = read.text(variable);
  const { ref, problem } = text === undefined ? ({} as ParsedSecretRef) : parseSecretRef(variable, text);
  if (problem !== undefined)
    read.problem(variable, `${problem}; ${plain === undefined ? 'it is not used' : `${plainVariable} is used`}`);
  return { ...(plain !== undefined && { plain }), ...(ref && { secret: ref }) };
}

function tlsOf(read: Reader): TlsSources | undefined {
  const ca = pemOf(read, 'LOKI_CA_CERT', 'certificate', 'only the public roots are trusted');
  const cert = pemOf(read, 'LOKI_CLIENT_CERT', 'certificate', NO_CLIENT_CERT);
  const key = pemOf(read, 'LOKI_CLIENT_KEY', 'private key', NO_CLIENT_CERT);
  for (const [one, other] of [
    ['LOKI_CLIENT_CERT', 'LOKI_CLIENT_KEY'],
    ['LOKI_CLIENT_KEY', 'LOKI_CLIENT_CERT'],
  ]) {
    if (read.text(one) === undefined && read.text(other) !== undefined)
      read.problem(one, `is not set though ${other} is; ${NO_CLIENT_CERT}`);
  }
  const client = cert !== undefined && key !== undefined ? { cert, key } : undefined;
  return ca === undefined && client === undefined ? undefined : { ...(ca && { ca }), ...client };
}

function pemOf(read: Reader, variable: string, kind: PemKind, otherwise: string): PemSource | undefined {
  const text = read.text(variable);
  if (text === undefined) return undefined;
  const parsed = parsePemSource(variable, kind, text);
  if ('source' in parsed) return parsed.source;
  read.problem(variable, `${parsed.problem}; ${otherwise}`);
  return undefined;
}

function proxiesOf(read: Reader): Proxies | undefined {
  const [https, http] = [proxyOf(read, 'HTTPS_PROXY'), proxyOf(read, 'HTTP_PROXY')];
  if (https === undefined && http === undefined) return undefined;
  const exceptions = parseNoProxy(read.text(read.nameOf('NO_PROXY', 'no_proxy')) ?? '');
  return { ...(https && { https }), ...(http && { http }), exceptions };
}

/** Many programs know only the lower-case name. */
function proxyOf(read: Reader, name: string): string | undefined {
  const variable = read.nameOf(name, name.toLowerCase());
  const text = read.text(variable);
  if (text === undefined) return undefined;
  const parsed = parseProxy(text);
  if ('url' in parsed) return parsed.url;
  read.problem(variable, parsed.problem);
  return undefined;
}
