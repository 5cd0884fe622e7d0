import type { Setting } from './catalogue';

const SIZES = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;
const TIMES = [
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const;

const FORMS: Partial<Record<Setting['kind'], string>> = {
  boolean: '`true` or `false`',
  url: 'URL',
  hosts: 'hosts, separated by commas',
  object: 'JSON object of strings',
  rules: 'JSON array of rules',
  fields: '`field` or `field:name`, separated by commas, at most 16',
  'secret ARN': 'ARN of a secret or an SSM parameter, optionally with `#field`',
  PEM: 'PEM text or absolute path',
  path: 'absolute path',
  'flush strategy': '`end`, `handoff`, `next`, `adaptive` or `periodically,<ms>`',
};

/** A number in a form that is easy to read: `10,000`, `5 MiB`, `15 minutes`. */
export function amount(value: number, unit: Setting['unit']): string {
  if (unit === 'bytes') {
    const [size, name] = SIZES.find(([one]) => value >= one && value % one === 0) ?? [1, 'bytes'];
    return value === 0 ? '0' : `${value / size} ${name}`;
  }
  if (unit === 'ms') {
    const [time, name] = TIMES.find(([one]) => value >= one && value % one === 0) ?? [];
    if (time !== undefined) return `${value / time} ${name}${value === time ? '' : 's'}`;
    return value >= 1000 && value % 1000 === 0 ? `${value / 1000} s` : `${value} ms`;
  }
  return unit === 'port' ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The range of a number: `1 KiB to 50 MiB`. */
export function range({ min, max, unit }: Setting): string | undefined {
  return min === undefined || max === undefined ? undefined : `${amount(min, unit)} to ${amount(max, unit)}`;
}

/** What a variable may be set to. */
export function values(setting: Setting): string {
  const { kind, unit, words = [] } = setting;
  if (kind === 'number') {
    const name = unit === 'bytes' ? 'bytes, ' : unit === 'ms' ? 'milliseconds, ' : '';
    return `${name}${range(setting)}`;
  }
  const quoted = words.map((one) => `\`${one}\``);
  if (kind === 'word') return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  if (kind === 'words') return `${quoted.join(', ')}, separated by commas`;
  return FORMS[kind] ?? '';
}
