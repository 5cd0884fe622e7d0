import { base64 } from './base64';
import { BY_KIND, OUTBOUND_VARIABLES, SECRET_VARIABLES } from './definitions';
import { EXAMPLE, parseEndpoint } from './endpoint';
import { readFlushStrategy } from './flush-strategy';
import { parseLabels } from './labels';
import type { Problem } from './problem';
import { type Env, quote, Reader } from './reader';
import type { ByKind, Settings } from './settings';

/**
 * Turns the environment into settings. Never throws: a value that can't be used gives a {@link Problem} and its
 * default, because a mistake in a setting must not stop the function.
 */
export function readSettings(
  env: Env,
  utf8Length: (text: string) => number,
): { settings: Settings; problems: Problem[] } {
  const read = new Reader(env);
  const endpoint = endpointOf(read);
  const byKind = byKindOf(read);
  const settings: Settings = {
    ...byKind,
    endpoint,
    authorization: read.any(SECRET_VARIABLES) ? undefined : authorizationOf(read, endpoint),
    outbound: read.any(OUTBOUND_VARIABLES),
    tenantId: tenantIdOf(read),
    serviceName: serviceNameOf(read, utf8Length),
    flushStrategy: readFlushStrategy(read),
    labels: labelsOf(read, byKind.requestIdAs, utf8Length),
    metadata: read.text('LOKI_METADATA'),
    rules: read.text('LOKI_RULES'),
    telemetryPort: telemetryPortOf(read, byKind.telemetryPort),
    logLevel: read.text('LOKI_LOG_LEVEL') || read.text('DEBUG_MODE') !== 'true' ? byKind.logLevel : 'debug',
  };
  return { settings, problems: read.problems };
}

function byKindOf(read: Reader): ByKind {
  const values: Record<string, unknown> = {};
  const tables: Record<string, Record<string, readonly unknown[]>> = BY_KIND;
  const readers = read as unknown as Record<string, (...definition: readonly unknown[]) => unknown>;
  for (const kind in tables) for (const field in tables[kind]) values[field] = readers[kind](...tables[kind][field]);
  return values as unknown as ByKind;
}

function endpointOf(read: Reader): Settings['endpoint'] {
  const variable = read.nameOf('LOKI_ENDPOINT', 'LOKI_URL');
  const text = read.text(variable);
  if (text === undefined) {
    read.problem(variable, `is not set, so no logs are shipped; set it to the push URL, like ${EXAMPLE}`, true);
    return undefined;
  }
  const { endpoint, problem } = parseEndpoint(text);
  if (endpoint) {
    if (problem) read.problem(variable, problem);
    return endpoint;
  }
  // The text before an @ may be a password, even where the rest isn't a URL.
  read.problem(variable, `${quote(text.replace(/^.*@/, '…@'))} ${problem}, so no logs are shipped`, true);
  return undefined;
}

function authorizationOf(read: Reader, endpoint: Settings['endpoint']): string | undefined {
  const apiKey = read.credential('LOKI_API_KEY');
  const username = read.credential('LOKI_USERNAME') ?? endpoint?.username;
  const password = read.credential('LOKI_PASSWORD') ?? endpoint?.password;
  read.checkLogin(apiKey !== undefined, username !== undefined, password !== undefined);
  if (apiKey !== undefined) return `Bearer ${apiKey}`;
  return username === undefined && password === undefined
    ? undefined
    : `Basic ${base64(`${username ?? ''}:${password ?? ''}`)}`;
}

function tenantIdOf(read: Reader): string | undefined {
  const text = read.text('LOKI_TENANT_ID');
  if (text === undefined) return undefined;
  // Loki documentation, "Manage tenant isolation": the characters and the length that a tenant ID may have.
  if (/^(?!\.\.?$)[\w!\-.*'()]{1,150}$/.test(text)) return text;
  read.problem(
    'LOKI_TENANT_ID',
    `${quote(text)} is not a tenant ID (at most 150 letters, digits and !-_.*'(), and not . or ..); none is sent`,
  );
  return undefined;
}

function serviceNameOf(read: Reader, utf8Length: (text: string) => number): string | undefined {
  const variable = read.nameOf('LOKI_SERVICE_NAME', 'SERVICE_NAME');
  const text = read.text(variable);
  if (text === undefined || utf8Length(text) <= 2048) return text;
  read.problem(variable, 'is longer than 2048 bytes; using the function name');
  return undefined;
}

function labelsOf(
  read: Reader,
  requestIdAs: Settings['requestIdAs'],
  utf8Length: (text: string) => number,
): Record<string, string> {
  const { labels, problems } = parseLabels(read.text('LOKI_LABELS') ?? '{}', requestIdAs, utf8Length);
  for (const problem of problems) read.problem('LOKI_LABELS', problem);
  return labels;
}

function telemetryPortOf(read: Reader, port: number): number {
  // Port 9001 is Lambda's own (Telemetry API, "Configuring a listener").
  if (port !== 9001) return port;
  const fallback = BY_KIND.number.telemetryPort[3];
  read.problem('LOKI_TELEMETRY_PORT', `9001 is reserved by Lambda; using ${fallback}`);
  return fallback;
}
