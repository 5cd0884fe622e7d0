/** One line of a diff. */
export interface Change {
  /** `layer`, the name of a variable, or `alias …`. */
  readonly subject: string;
  readonly before?: string;
  readonly after?: string;
}

/** A new state of a function's configuration, and how it differs from the present one. */
export interface ConfigurationChange {
  readonly layers: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly changes: readonly Change[];
}

/** Parts of a value that must not be shown: credentials, keys, user and password in a URL. */
export function masked(name: string, value: string): string {
  if (/(PASSWORD|API_KEY|TOKEN|SECRET|CLIENT_KEY)$/.test(name) && !/^arn:/.test(value))
    return name.endsWith('_KEY') && value.startsWith('/') ? value : '***';
  return value.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1***@');
}

const LONGEST_VALUE = 120;

/** A value as it is shown in a diff or a table. */
export function shown(name: string, value: string): string {
  const text = masked(name, value).replace(/\s*[\r\n]+\s*/g, ' ');
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

export function variableChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({
      subject: name,
      ...(before[name] === undefined ? {} : { before: shown(name, before[name]) }),
      ...(after[name] === undefined ? {} : { after: shown(name, after[name]) }),
    }));
}

export function layerChanges(before: readonly string[], after: readonly string[]): Change[] {
  const gone = before.filter((arn) => !after.includes(arn));
  const come = after.filter((arn) => !before.includes(arn));
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, i) => ({
    subject: 'layer',
    ...(gone[i] === undefined ? {} : { before: gone[i] }),
    ...(come[i] === undefined ? {} : { after: come[i] }),
  }));
}
