import { Refusal } from './refusal';
import { texts } from './texts';

/**
 * Structured metadata as Loki stores it: names normalised, empty values dropped, sorted by name.
 * @throws Refusal 500 for a name of which nothing but underscores is left: Loki then loses the whole push.
 */
export function normalizeMetadata(metadata: readonly (readonly [name: string, value: string])[]): [string, string][] {
  const stored = new Map<string, string>(metadata.filter(([, value]) => value !== ''));
  for (const [name, value] of metadata) {
    const normalized = normalizeName(name);
    if (normalized === name) {
      continue;
    }
    stored.delete(name);
    if (value !== '') {
      stored.set(normalized, value);
    }
  }
  return [...stored].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/** Bytes of names and values, as Loki counts them for its limits. */
export function metadataSize(metadata: readonly (readonly [name: string, value: string])[]): number {
  let size = 0;
  for (const [name, value] of metadata) {
    if (name !== 'detected_level') {
      size += Buffer.byteLength(name) + Buffer.byteLength(value);
    }
  }
  return size;
}

function normalizeName(name: string): string {
  if (name === '') {
    throw new Refusal(500, texts.metadataNameEmpty);
  }
  const reserved = name.length >= 4 && name.startsWith('__') && name.endsWith('__');
  const inner = (reserved ? name.slice(2, -2) : name).replace(/[^a-zA-Z0-9]+/gu, '_');
  const joined = reserved ? `__${inner}__` : inner;
  const normalized = /^\d/.test(joined) ? `key_${joined}` : joined;
  if (/^_+$/.test(normalized)) {
    throw new Refusal(500, texts.metadataNameInvalid(name, normalized));
  }
  return normalized;
}
