/**
 * Splits a line into parts of at most `maxBytes` bytes of UTF-8, never inside a character; the parts joined give the
 * line. `maxBytes` must be at least 4, the length of the longest character.
 */
export function splitLine(line: string, maxBytes: number): string[] {
  const parts: string[] = [];
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < line.length; ) {
    const code = line.charCodeAt(i);
    const pair = code >= 0xd800 && code <= 0xdbff && isLowSurrogate(line.charCodeAt(i + 1));
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : pair ? 4 : 3;
    if (bytes + width > maxBytes) {
      parts.push(line.slice(start, i));
      start = i;
      bytes = 0;
    }
    bytes += width;
    i += pair ? 2 : 1;
  }
  parts.push(line.slice(start));
  return parts;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
