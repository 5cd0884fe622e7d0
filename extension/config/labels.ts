import type { RequestIdMode } from './settings';

/** Labels that the extension sets itself and that custom labels can't override. */
export const FIXED_LABELS = ['function_name', 'function_version', 'region', 'source'] as const;

/**
 * Loki's default limits (`limits_config`: max_label_names_per_series, max_label_value_length). `service_name` is not
 * counted.
 */
const MAX_LABELS = 15;
const MAX_VALUE_BYTES = 2048;

export interface ParsedLabels {
  readonly labels: Record<string, string>;
  readonly problems: string[];
}

/**
 * Reads `LOKI_LABELS`, a JSON object of strings. Entries that can't be used are left out and reported. Loki would
 * refuse every push because of one invalid label, so its rules are applied here.
 */
export function parseLabels(
  text: string,
  requestIdAs: RequestIdMode,
  utf8Length: (text: string) => number,
): ParsedLabels {
  const labels: Record<string, string> = {};
  const problems: string[] = [];
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { labels, problems: ['is not valid JSON; no custom labels are used'] };
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { labels, problems: ['is not a JSON object of strings; no custom labels are used'] };
  }

  const reserved = new Set<string>(FIXED_LABELS);
  if (requestIdAs === 'label') reserved.add('request_id');
  let room = MAX_LABELS - reserved.size;
  const surplus: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const problem = reserved.has(name) ? 'is set by the extension itself' : whyInvalid(name, value, utf8Length);
    if (problem) {
      problems.push(`label ${JSON.stringify(name)} ${problem}; it is left out`);
    } else if (name !== 'service_name' && room-- <= 0) {
      surplus.push(JSON.stringify(name));
    } else {
      labels[name] = value as string;
    }
  }
  if (surplus.length > 0) {
    const names = surplus.join(', ');
    problems.push(`has ${surplus.length} labels too many, as Loki allows ${MAX_LABELS} in all; left out: ${names}`);
  }
  return { labels, problems };
}

function whyInvalid(name: string, value: unknown, utf8Length: (text: string) => number): string | undefined {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
    return 'is not a label name (letters, digits and _, not starting with a digit)';
  if (name.startsWith('__')) return 'starts with __, which Loki keeps for itself';
  if (name.length > 1024) return 'has a name longer than 1024 bytes';
  if (typeof value !== 'string') return `has a value of type ${value === null ? 'null' : typeof value}, not a string`;
  if (/[\ud800-\udfff]/u.test(value)) return 'has half a surrogate pair in its value';
  if (value === '') return 'has an empty value, which Loki drops';
  if (utf8Length(value) > MAX_VALUE_BYTES) return `has a value longer than ${MAX_VALUE_BYTES} bytes`;
  return undefined;
}
