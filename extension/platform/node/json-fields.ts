/** A field that is asked for: its name as it stands, and the names that lead to it where it has dots. */
interface Wanted {
  readonly index: number;
  readonly name: string;
  readonly path: readonly string[];
}

type Values = (string | undefined)[];

/**
 * Reads fields of JSON objects (see `Platform.fieldReader`): a scanner that goes once over the text, builds no objects,
 * and keeps what it has found when the text goes on differently from JSON.
 */
export function fieldReader(names: readonly string[]): (json: string) => readonly (string | undefined)[] | undefined {
  const wanted = names.map((name, index): Wanted => ({ index, name, path: name.split('.') }));
  return (json) => {
    const values: Values = new Array<string | undefined>(names.length).fill(undefined);
    const literal = new Set<number>();
    const at = skipSpace(json, 0);
    if (json[at] === '{') readObject(json, at, wanted, 0, values, literal);
    return values.some((value) => value !== undefined) ? values : undefined;
  };
}

/** Goes over the members of an object; returns where it ends, or -1 where the text is not JSON any more. */
function readObject(
  json: string,
  start: number,
  wanted: readonly Wanted[],
  depth: number,
  values: Values,
  literal: Set<number>,
): number {
  let at = skipSpace(json, start + 1);
  if (json[at] === '}') return at + 1;
  for (;;) {
    if (json[at] !== '"') return -1;
    const keyEnd = skipString(json, at);
    const key = keyEnd < 0 ? undefined : unescaped(json.slice(at, keyEnd));
    at = skipSpace(json, keyEnd);
    if (key === undefined || json[at] !== ':') return -1;
    at = skipSpace(json, at + 1);
    const inner = wanted.filter(({ path }) => depth < path.length - 1 && path[depth] === key);
    const end =
      json[at] === '{' && inner.length > 0
        ? readObject(json, at, inner, depth + 1, values, literal)
        : skipValue(json, at);
    if (end < 0) return -1;
    for (const { index, name, path } of wanted) {
      const isLiteral = depth === 0 && name === key;
      if (!isLiteral && !(depth === path.length - 1 && path[depth] === key)) continue;
      // The name as it stands counts more than a path, and of equal ones the first.
      if (values[index] !== undefined && (!isLiteral || literal.has(index))) continue;
      const value = valueOf(json.slice(at, end));
      if (value === undefined) continue;
      values[index] = value;
      if (isLiteral) literal.add(index);
    }
    at = skipSpace(json, end);
    if (json[at] === '}') return at + 1;
    if (json[at] !== ',') return -1;
    at = skipSpace(json, at + 1);
  }
}

/** The content of a string, the text of a number, `true` or `false`, JSON without white space of what has members. */
function valueOf(text: string): string | undefined {
  if (text[0] === '"') return unescaped(text);
  if (text[0] === '{' || text[0] === '[')
    return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, string?: string) => string ?? '');
  return text === 'null' ? undefined : text;
}

function unescaped(text: string): string | undefined {
  try {
    return (JSON.parse(text) as string).replace(/\p{Surrogate}/gu, '\ufffd');
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
    return end > start && end < text.length ? end : -1;
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
