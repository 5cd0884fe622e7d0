import { Duration, Size, Token, Tokenization } from 'aws-cdk-lib';

/** Property and range of a number; times are milliseconds, sizes bytes. */
export interface NumberRule {
  readonly property: string;
  readonly min: number;
  readonly max: number;
}

/** Loki's default limits. They include the extension's own labels. */
const MAX_LABELS = 15;
const MAX_LABEL_NAME_LENGTH = 1024;
const MAX_LABEL_VALUE_BYTES = 2048;
const FIXED_LABELS = ['function_name', 'function_version', 'region', 'source'];

/** Collects all problems, so that one error can list them. Values that are only known at deployment are accepted. */
export class Validation {
  public readonly problems: string[] = [];

  public problem(property: string, value: unknown, whatAndWayOut: string): void {
    this.problems.push(`${property} is ${show(value)}; ${whatAndWayOut}`);
  }

  /** The number as text, or `undefined` if it is invalid. */
  public number({ property, min, max }: NumberRule, given: number | Duration | Size): string | undefined {
    const value = this.amount(property, given);
    if (value === undefined) return undefined;
    if (Token.isUnresolved(value)) return Tokenization.stringifyNumber(value);
    if (Number.isInteger(value) && value >= min && value <= max) return String(value);
    const unit = typeof given === 'number' ? '' : isSize(given) ? ' bytes' : ' milliseconds';
    this.problems.push(`${property} is ${value}${unit}; it must be a whole number from ${min} to ${max}${unit}.`);
    return undefined;
  }

  private amount(property: string, given: number | Duration | Size): number | undefined {
    if (typeof given === 'number') return given;
    try {
      return isSize(given) ? given.toBytes() : given.toMilliseconds();
    } catch {
      const unit = isSize(given) ? 'Size.bytes' : 'Duration.millis';
      // A token with another unit would appear as its placeholder number.
      const what = given.isUnresolved()
        ? 'is only known at deployment, where units are not converted'
        : `is ${given.toString()}, which can't be converted exactly`;
      this.problems.push(`${property} ${what}; give it with ${unit}.`);
      return undefined;
    }
  }

  public endpoint(value: string): void {
    const url = this.url('endpoint', value, 'authentication goes into `auth`');
    if (!url) return;
    if (url.pathname === '/' || url.pathname === '') {
      this.problem('endpoint', value, `it has no path; give the full push URL, ${url.origin}/loki/api/v1/push.`);
    } else if (url.pathname.endsWith('/')) {
      this.problem('endpoint', value, 'it ends in a slash, which Loki answers with 404; leave the slash out.');
    } else if (/\/loki(\/api(\/v1)?)?$/.test(url.pathname)) {
      this.problem('endpoint', value, 'Loki takes pushes at /loki/api/v1/push; give the full push URL.');
    }
  }

  /** A value of an enumeration. Languages without static types accept any value. */
  public word(property: string, value: string | undefined, words: Record<string, string>): void {
    if (value === undefined || Object.values(words).includes(value)) return;
    this.problem(property, value, `it must be one of ${Object.values(words).map(show).join(', ')}.`);
  }

  /** An absolute http(s) URL without credentials. */
  public url(property: string, value: string, wayOut: string): URL | undefined {
    if (Token.isUnresolved(value)) return undefined;
    if (/^([^/?#]*:)?(\/\/)?[^/?#]*@/.test(value)) {
      // The value is not shown, because it contains a password.
      this.problems.push(
        `${property} has a user or password in it, which would stand in the template in plain text; ${wayOut}.`,
      );
      return undefined;
    }
    const url = /^https?:\/\/[^\s]+$/i.test(value) && URL.canParse(value) ? new URL(value) : undefined;
    const example = property === 'endpoint' ? ', like https://logs.example.com/loki/api/v1/push' : '';
    if (!url) this.problem(property, value, `it must be a URL that begins with https:// or http://${example}.`);
    return url;
  }

  /** Loki documentation, "Manage tenant isolation". */
  public tenantId(value: string): void {
    if (Token.isUnresolved(value)) return;
    if (/^[0-9A-Za-z!\-_.*'()]{1,150}$/.test(value) && value !== '.' && value !== '..') return;
    this.problem(
      'tenantId',
      value,
      "a tenant is 1 to 150 letters, digits and !-_.*'() not . or ..; leave it out for a Loki with one tenant.",
    );
  }

  public serviceName(value: string): void {
    if (Token.isUnresolved(value)) return;
    if (value.trim() === '' || bytes(value) > MAX_LABEL_VALUE_BYTES) {
      this.problem(
        'serviceName',
        value,
        `it must have 1 to ${MAX_LABEL_VALUE_BYTES} bytes; leave it out to use each function's name.`,
      );
    }
  }

  public labels(labels: Record<string, string>, requestIdIsLabel: boolean): void {
    const reserved = requestIdIsLabel ? [...FIXED_LABELS, 'request_id'] : FIXED_LABELS;
    for (const [name, value] of Object.entries(labels)) {
      if (!Token.isUnresolved(name)) this.labelName(name, reserved);
      if (Token.isUnresolved(value)) continue;
      if (typeof value !== 'string') {
        this.problem(`labels.${name}`, value, 'label values are strings; put it in quotes.');
      } else if (value === '') {
        this.problem(`labels.${name}`, value, 'Loki drops labels without a value; leave it out.');
      } else if (bytes(value) > MAX_LABEL_VALUE_BYTES) {
        this.problem(
          `labels.${name}`,
          value,
          `it has ${bytes(value)} bytes and Loki allows ${MAX_LABEL_VALUE_BYTES}; shorten it.`,
        );
      }
    }
    const room = MAX_LABELS - reserved.length;
    const count = Object.keys(labels).length;
    if (count > room) {
      this.problems.push(
        `labels has ${count} entries; Loki allows ${MAX_LABELS} labels in all and the extension sets ` +
          `${reserved.join(', ')} itself, so at most ` +
          `${room} are left.` +
          `${requestIdIsLabel ? ' With requestId METADATA, the default, there is room for one more.' : ''}`,
      );
    }
  }

  private labelName(name: string, reserved: string[]): void {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.length > MAX_LABEL_NAME_LENGTH) {
      this.problems.push(
        `labels has the name ${show(name)}; names are letters, digits and _, at most ${MAX_LABEL_NAME_LENGTH}, and ` +
          "don't " +
          'begin with a digit.',
      );
    } else if (name.startsWith('__')) {
      this.problems.push(
        `labels has the name ${show(name)}; Loki keeps names that begin with __ for itself, choose another.`,
      );
    } else if (reserved.includes(name)) {
      this.problems.push(`labels has the name ${show(name)}, which the extension sets itself; choose another.`);
    } else if (name === 'service_name') {
      this.problems.push('labels has the name "service_name"; use the property serviceName.');
    }
  }
}

/** Not `instanceof`: the object may come from a second copy of aws-cdk-lib. */
function isSize(given: Duration | Size): given is Size {
  return 'toBytes' in given;
}

/** A value in a form that fits into a message. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
