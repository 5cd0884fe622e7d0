import type { JsonRows } from '../types';

/** The position of a value in a JSON text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Any escape; a whole surrogate pair is in a group. */
const ESCAPED_UNITS = /(\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\(?:u[0-9a-f]{4}|.)/gi;

/** The table of members of a JSON text (see `ServeOptions.members`); `undefined` if it is not that of an array. */
export function rowsOf(text: string, members: readonly string[]): JsonRows | undefined {
  if (!isArray(text)) return undefined;
  return new Rows(
    members.map((member) => memberSpans(text, member).map((span) => span && text.slice(span.start, span.end))),
  );
}

export class Rows implements JsonRows {
  /** JSON texts, by column and row. */
  readonly #columns: readonly (readonly (string | undefined)[])[];

  constructor(columns: readonly (readonly (string | undefined)[])[]) {
    this.#columns = columns;
  }

  count(): number {
    return this.#columns[0].length;
  }

  text(row: number, column: number): string | undefined {
    const json = this.#columns[column][row];
    return json?.startsWith('"') ? stringOf(json) : undefined;
  }

  json(row: number, column: number): string | undefined {
    const json = this.#columns[column][row];
    return json === undefined || json.startsWith('"') ? undefined : compact(json);
  }

  /** See `JsonList.pushRows`. */
  areAlike(row: number, other: number): boolean {
    if (other >= this.count()) return false;
    const others = this.#columns.slice(0, -1);
    return row === other || others.every((column) => column[row]?.startsWith('"') && column[row] === column[other]);
  }

  /** The string in the last column, if it only has the usual escapes. */
  lastText(row: number): string | undefined {
    const column = this.#columns.length - 1;
    const unusual = /(?<!\\)(?:\\\\)*\\[u/]/.test(this.#columns[column][row] ?? '');
    return unusual ? undefined : this.text(row, column);
  }
}

/** Whether a text is JSON with an array at the top. (V8's parser takes any depth.) */
function isArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The value of a string in JSON, with U+FFFD in place of each lone surrogate. */
function stringOf(json: string): string {
  const whole = json.replace(
    ESCAPED_UNITS,
    (escape, pair?: string) => pair ?? (/^\\ud[89a-f]/i.test(escape) ? '\\ufffd' : escape),
  );
  return JSON.parse(whole) as string;
}

/**
 * The position of the member in each element; the last one if an object has several. `text` is valid JSON with an array
 * at the top.
 */
function memberSpans(text: string, member: string): (Span | undefined)[] {
  const spans: (Span | undefined)[] = [];
  let at = skipSpace(text, 0) + 1;
  for (;;) {
    at = skipSpace(text, at);
    if (text[at] === ']' || at >= text.length) return spans;
    if (text[at] === ',') {
      at++;
      continue;
    }
    const end = skipValue(text, at);
    spans.push(text[at] === '{' ? memberOf(text, at, member) : undefined);
    at = end;
  }
}

function memberOf(text: string, objectStart: number, member: string): Span | undefined {
  let found: Span | undefined;
  let at = objectStart + 1;
  for (;;) {
    at = skipSpace(text, at);
    if (text[at] === '}') return found;
    if (text[at] === ',') {
      at++;
      continue;
    }
    const keyEnd = skipString(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    at = skipValue(text, start);
    if (key === member) found = { start, end: at };
  }
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && ' \t\r\n'.includes(text[at])) at++;
  return at;
}

function skipString(text: string, at: number): number {
  for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
  return at + 1;
}

function skipValue(text: string, at: number): number {
  if (text[at] === '"') return skipString(text, at);
  if (text[at] !== '{' && text[at] !== '[') {
    while (at < text.length && !',]} \t\r\n'.includes(text[at])) at++;
    return at;
  }
  for (let depth = 0; ; ) {
    const char = text[at];
    if (char === '"') {
      at = skipString(text, at);
      continue;
    }
    if (char === '{' || char === '[') depth++;
    if (char === '}' || char === ']') depth--;
    at++;
    if (depth === 0) return at;
  }
}

/** Removes white space outside strings. */
function compact(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, string?: string) => string ?? '');
}
