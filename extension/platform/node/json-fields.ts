import type { FieldReader } from '../types';

/** A name that a field may have and, if it contains dots, the path of names that it stands for. */
interface Wanted {
  readonly field: number;
  /** Its position among the names of its field. */
  readonly rank: number;
  readonly name: string;
  readonly path: readonly string[];
}

/** The value that was found for a field, and the position of its name: the smallest takes precedence. */
interface Found {
  readonly value: string;
  readonly quality: number;
}

/** `Platform.fieldReader` for Node.js. */
export function fieldReader(fields: readonly (readonly string[])[]): FieldReader {
  const wanted = fields.flatMap((names, field) =>
    names.map((name, rank): Wanted => ({ field, rank, name, path: name.split('.') })),
  );
  return (json) => {
    const found: (Found | undefined)[] = fields.map(() => undefined);
    const at = skipSpace(json, 0);
    if (json[at] === '{') readObject(json, at, wanted, 0, found);
    return found.some((one) => one !== undefined) ? found.map((one) => one?.value) : undefined;
  };
}

/**
 * Reads the members of an object, and those of objects inside that are part of a path. Returns the position of its end,
 * or -1 where the text stops being JSON.
 */
function readObject(
  json: string,
  start: number,
  wanted: readonly Wanted[],
  depth: number,
  found: (Found | undefined)[],
): number {
  let at = skipSpace(json, start + 1);
  if (json[at] === '}') return at + 1;
  for (;;) {
    const keyEnd = json[at] === '"' ? skipString(json, at) : -1;
    if (keyEnd < 0) return -1;
    const key = unescaped(json.slice(at, keyEnd));
    at = skipSpace(json, keyEnd);
    if (json[at] !== ':') return -1;
    at = skipSpace(json, at + 1);
    const inner = wanted.filter(({ path }) => path[depth] === key && path.length > depth + 1);
    const isPath = json[at] === '{' && inner.length > 0;
    const end = isPath ? readObject(json, at, inner, depth + 1, found) : skipValue(json, at);
    if (end < 0) return -1;
    const next = skipSpace(json, end);
    if (next >= json.length) return -1;
    note(key, json.slice(at, end), wanted, depth, found);
    at = next;
    if (json[at] === '}') return at + 1;
    if (json[at] !== ',') return -1;
    at = skipSpace(json, at + 1);
  }
}

function note(
  key: string | undefined,
  json: string,
  wanted: readonly Wanted[],
  depth: number,
  found: (Found | undefined)[],
): void {
  for (const { field, rank, name, path } of wanted) {
    const isLiteral = depth === 0 && name === key;
    if (!isLiteral && !(depth > 0 && depth === path.length - 1 && path[depth] === key)) continue;
    const quality = rank * 2 + (isLiteral ? 0 : 1);
    const best = found[field];
    if (best !== undefined && best.quality <= quality) continue;
    const value = valueOf(json);
    if (value !== undefined) found[field] = { value, quality };
  }
}

function valueOf(json: string): string | undefined {
  if (json[0] === '"') return unescaped(json);
  if (json[0] === '{' || json[0] === '[') {
    return json.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, string?: string) => string ?? '');
  }
  return json === 'null' ? undefined : json;
}

function unescaped(json: string): string | undefined {
  try {
    // Control characters must be escaped in JSON; loggers that concatenate strings by hand forget this.
    // eslint-disable-next-line no-control-regex
    const strict = json.replace(/[\0-\x1f]/g, (character) => JSON.stringify(character).slice(1, -1));
    return (JSON.parse(strict) as string).replace(/\p{Surrogate}/gu, '\ufffd');
  } catch {
    return undefined;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r' || text[at] === '\n') at++;
  return at;
}

function skipString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at++;
  }
  return -1;
}

function skipValue(text: string, start: number): number {
  if (text[start] === '"') return skipString(text, start);
  if (text[start] !== '{' && text[start] !== '[') {
    const word = /[^\s,}\]]*/y;
    word.lastIndex = start;
    const end = start + (word.exec(text)?.[0].length ?? 0);
    return end > start ? end : -1;
  }
  for (let at = start, depth = 0; at < text.length; ) {
    const char = text[at];
    if (char === '"') {
      at = skipString(text, at);
      if (at < 0) return -1;
      continue;
    }
    if (char === '{' || char === '[') depth++;
    if (char === '}' || char === ']') depth--;
    at++;
    if (depth === 0) return at;
  }
  return -1;
}
