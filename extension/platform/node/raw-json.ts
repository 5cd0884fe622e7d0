/** A value's place in a JSON text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * For each object that stands directly in the top-level array of `json`, sets `raw` to the JSON text of its member
 * `member` where that is not a string (see `ServeOptions.rawMember`). `json` must be the parsed form of `text`.
 */
export function attachRaw(text: string, json: unknown, member: string): void {
  if (!Array.isArray(json)) return;
  memberSpans(text, member).forEach((span, i) => {
    if (span !== undefined && text[span.start] !== '"')
      (json[i] as Record<string, unknown>).raw = compact(text.slice(span.start, span.end));
  });
}

/**
 * Where the member stands in each element; the last one where an object has several. `text` is valid JSON with an array
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

/** Leaves out white space that stands outside strings. */
function compact(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, string?: string) => string ?? '');
}
