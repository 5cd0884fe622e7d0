import { LOG_LEVELS } from '../diagnostics';
import { base64 } from './base64';
import { parseEndpoint } from './endpoint';
import { parseLabels } from './labels';
import { LOG_TYPES, NUMBERS, OUTBOUND_VARIABLES, SECRET_VARIABLES, type Settings, type TelemetryType } from './settings';

/** Something wrong with one variable, in words for the operator; never contains a secret. */
export interface Problem {
  readonly variable: string;
  readonly message: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Turns the environment into settings. Never throws: a value that can't be used gives a {@link Problem} and its default,
 * because a mistake in a setting must not stop the function.
 */
export function readSettings(env: Env, utf8Length: (text: string) => number): { settings: Settings; problems: Problem[] } {
  const problems: Problem[] = [];
  const read = new Reader(env, problems);

  const requestIdAs = read.word('LOKI_REQUEST_ID_AS', ['label', 'metadata'] as const, 'label');
  const endpoint = read.endpoint();
  const settings: Settings = {
    endpoint,
    authorization: read.any(SECRET_VARIABLES) ? undefined : read.authorization(endpoint),
    outbound: read.any(OUTBOUND_VARIABLES),
    tenantId: read.tenantId(),
    serviceName: read.serviceName(utf8Length),
    labels: read.labels(requestIdAs, utf8Length),
    extractRequestId: read.boolean('LOKI_EXTRACT_REQUEST_ID', true),
    requestIdAs,
    logTypes: read.logTypes(),
    gzip: read.boolean('LOKI_ENABLE_GZIP', true),
    logLevel: read.word('LOKI_LOG_LEVEL', LOG_LEVELS, 'warn'),
    maxLineBytes: read.number('maxLineBytes'),
    batchLines: read.number('batchLines'),
    batchBytes: read.number('batchBytes'),
    compressionThreshold: read.number('compressionThreshold'),
    flushIntervalMs: read.number('flushIntervalMs'),
    idleFlushMultiplier: read.number('idleFlushMultiplier'),
    retries: read.number('retries'),
    criticalRetries: read.number('criticalRetries'),
    requestTimeoutMs: read.number('requestTimeoutMs'),
    flushTimeoutMs: read.number('flushTimeoutMs'),
    bufferLines: read.number('bufferLines'),
    bufferBytes: read.number('bufferBytes'),
    telemetryPort: read.telemetryPort(),
  };
  return { settings, problems };
}

class Reader {
  constructor(private readonly env: Env, private readonly problems: Problem[]) {}

  /** The trimmed value, or `undefined` when the variable is absent or blank. */
  text(variable: string): string | undefined {
    const value = this.env[variable]?.trim();
    return value === '' ? undefined : value;
  }

  any(variables: readonly string[]): boolean {
    return variables.some((variable) => this.text(variable) !== undefined);
  }

  problem(variable: string, message: string): void {
    this.problems.push({ variable, message });
  }

  number(name: keyof typeof NUMBERS): number {
    const { variable, min, max, default: fallback } = NUMBERS[name];
    const text = this.text(variable);
    if (text === undefined) return fallback;
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    this.problem(variable, `${quote(text)} is not a whole number from ${min} to ${max}; using ${fallback}`);
    return fallback;
  }

  boolean(variable: string, fallback: boolean): boolean {
    const text = this.text(variable)?.toLowerCase();
    if (text === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(text)) return true;
    if (['false', '0', 'no', 'off'].includes(text)) return false;
    this.problem(variable, `${quote(text)} is neither true nor false; using ${fallback}`);
    return fallback;
  }

  word<const T extends string>(variable: string, words: readonly T[], fallback: T): T {
    const text = this.text(variable);
    if (text === undefined) return fallback;
    const found = words.find((word) => word === text.toLowerCase());
    if (found === undefined) this.problem(variable, `${quote(text)} is none of ${words.join(', ')}; using ${fallback}`);
    return found ?? fallback;
  }

  endpoint(): Settings['endpoint'] {
    const text = this.text('LOKI_ENDPOINT');
    if (text === undefined) {
      this.problem('LOKI_ENDPOINT', 'is not set, so no logs are shipped; set it to the push URL, like https://logs.example.com/loki/api/v1/push');
      return undefined;
    }
    const { endpoint, problem } = parseEndpoint(text);
    if (problem) this.problem('LOKI_ENDPOINT', endpoint ? problem : `${quote(withoutUserInfo(text))} ${problem}, so no logs are shipped`);
    return endpoint;
  }

  authorization(endpoint: Settings['endpoint']): string | undefined {
    const apiKey = this.credential('LOKI_API_KEY');
    if (apiKey !== undefined) return `Bearer ${apiKey}`;
    const username = this.credential('LOKI_USERNAME') ?? endpoint?.username;
    const password = this.credential('LOKI_PASSWORD') ?? endpoint?.password;
    if (username === undefined && password === undefined) return undefined;
    if (username === undefined) this.problem('LOKI_USERNAME', 'is not set though LOKI_PASSWORD is; an empty user name is sent');
    if (password === undefined) this.problem('LOKI_PASSWORD', 'is not set though LOKI_USERNAME is; an empty password is sent');
    return `Basic ${base64(`${username ?? ''}:${password ?? ''}`)}`;
  }

  /** A secret: its value appears in no message. */
  credential(variable: string): string | undefined {
    const text = this.text(variable);
    if (text === undefined || !hasControlCharacter(text)) return text;
    this.problem(variable, 'has a line break or another control character inside; it is not used');
    return undefined;
  }

  tenantId(): string | undefined {
    const text = this.text('LOKI_TENANT_ID');
    if (text === undefined) return undefined;
    // Loki documentation, "Manage tenant isolation": the characters and the length that a tenant ID may have.
    if (/^[0-9A-Za-z!\-_.*'()]{1,150}$/.test(text) && text !== '.' && text !== '..') return text;
    this.problem('LOKI_TENANT_ID', `${quote(text)} is not a tenant ID (at most 150 letters, digits and !-_.*'(), and not . or ..); none is sent`);
    return undefined;
  }

  serviceName(utf8Length: (text: string) => number): string | undefined {
    const text = this.text('SERVICE_NAME');
    if (text === undefined || utf8Length(text) <= 2048) return text;
    this.problem('SERVICE_NAME', 'is longer than 2048 bytes; using the function name');
    return undefined;
  }

  labels(requestIdAs: Settings['requestIdAs'], utf8Length: (text: string) => number): Record<string, string> {
    const { labels, problems } = parseLabels(this.text('LOKI_LABELS') ?? '{}', requestIdAs, utf8Length);
    for (const problem of problems) this.problem('LOKI_LABELS', problem);
    return labels;
  }

  logTypes(): ReadonlySet<TelemetryType> {
    const fallback: TelemetryType[] = ['function', 'platform'];
    const text = this.text('LOKI_LOG_TYPES');
    if (text === undefined) return new Set(fallback);
    const types = new Set<TelemetryType>();
    for (const word of text.toLowerCase().split(/[\s,]+/).filter(Boolean)) {
      const type = LOG_TYPES.find((known) => known === word);
      if (type) types.add(type);
      else this.problem('LOKI_LOG_TYPES', `${quote(word)} is none of ${LOG_TYPES.join(', ')}; it is left out`);
    }
    if (types.size > 0) return types;
    this.problem('LOKI_LOG_TYPES', `names no type; using ${fallback.join(',')}`);
    return new Set(fallback);
  }

  telemetryPort(): number {
    const port = this.number('telemetryPort');
    // Port 9001 is Lambda's own (Telemetry API, "Configuring a listener").
    if (port !== 9001) return port;
    this.problem(NUMBERS.telemetryPort.variable, `9001 is reserved by Lambda; using ${NUMBERS.telemetryPort.default}`);
    return NUMBERS.telemetryPort.default;
  }
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

/** What stands before an @ may be a password, even where the rest is no URL. */
function withoutUserInfo(url: string): string {
  const at = url.lastIndexOf('@');
  return at < 0 ? url : `…${url.slice(at)}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
