import { type Level, levelOfValue, PLAIN, type Spelling, spellingAt } from './level-words';

/** How far into a line a level is searched: every logger writes it before the message. */
const HEAD = 256;

/** How many parts of a prefix (date, time, zone, process, thread, request id, logger) are stepped over. */
const MOST_PARTS = 8;

const TAB = 9;
const SPACE = 32;
const DASH = 45;
const COLON = 58;
const BAR = 124;
const OPEN = 91;
const CLOSE = 93;
const QUOTE = 34;

/**
 * The level that a text line states in its prefix, in one of the formats of loggers; `undefined` for all other lines,
 * because a word in the message says nothing about the line. It reads a few characters, in most lines only one.
 */
export function levelInText(line: string): Level | undefined {
  const first = line.charCodeAt(0);
  if (first > 126 || first !== first) return undefined;
  if (isDigit(first)) return levelAtNode(line) ?? levelInPrefix(line);
  if (isLetter(first)) return levelAtStart(line, 0) ?? levelInLetters(line, first);
  if (first === OPEN || first === 40 /* ( */ || first === 60 /* < */) return levelInPrefix(line);
  if (first === SPACE) {
    // Rust's tracing pads the word, and begins with it where Lambda adds the time.
    const at = line.charCodeAt(1) === SPACE ? 2 : 1;
    return isDigit(line.charCodeAt(at)) ? levelInPrefix(line) : levelAtStart(line, at);
  }
  if (first === 27) {
    // eslint-disable-next-line no-control-regex
    const plain = headOf(line).replace(/\x1b\[[\d;]{0,16}m/g, '');
    return plain.charCodeAt(0) === 27 ? undefined : levelInText(plain);
  }
  return undefined;
}

/** Node.js and .NET on Lambda: time, request id and level, separated by tabs, always at the same positions. */
function levelAtNode(line: string): Level | undefined {
  if (line.charCodeAt(24) !== TAB || line.charCodeAt(61) !== TAB) return undefined;
  const word = spellingAt(line, 62);
  return word !== undefined && line.charCodeAt(62 + word.length) === TAB ? word.level : undefined;
}

/** A word for a level at the beginning of the line: `INFO …`, `INFO:root:…`, `info: …`, `fail: Category[0]`. */
function levelAtStart(line: string, at: number): Level | undefined {
  const word = spellingAt(line, at);
  if (word === undefined || word.style === 'Title') return undefined;
  const next = line.charCodeAt(at + word.length);
  if (next === COLON) return word.kind === 'short' ? undefined : word.level;
  if (word.style !== 'UPPER' || word.kind !== 'plain') return undefined;
  return next === SPACE || next === TAB || next === BAR || next === OPEN || next !== next ? word.level : undefined;
}

/**
 * A line that begins with a word and a space has a level only if it begins in one of these ways (U+0000 stands for any
 * character).
 */
export const wordsWithLevel = (): readonly string[] => [
  ...PLAIN.map((word) => `${word.toUpperCase()} `),
  // java.util.logging
  '\0\0\0 \0\0,',
];

function levelInLetters(line: string, first: number): Level | undefined {
  const second = line.charCodeAt(1);
  // Ruby: `I, [2026-01-02T03:04:05.006007 #8]  INFO -- : …`
  if (second === 44 && line.startsWith(' [', 2)) return BY_LETTER[line[0]];
  // klog of Go: `I0102 03:04:05.006007       8 main.go:12] …`
  if (isDigit(second) && line.charCodeAt(5) === SPACE && line.charCodeAt(8) === COLON) return BY_LETTER[line[0]];
  // java.util.logging: `Jan 02, 2026 3:04:05 AM com.example.Handler handle`, with the level on the next line
  if (line.charCodeAt(6) === 44 && line.charCodeAt(3) === SPACE && isDigit(line.charCodeAt(5)) && first < 91) {
    const head = headOf(line);
    const next = head.indexOf('\n') + 1;
    return next > 0 ? levelAtStart(head, next) : undefined;
  }
  return levelInLogfmt(line);
}

const BY_LETTER: Readonly<Record<string, Level | undefined>> = {
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'fatal',
};

const LOGFMT_KEYS = new Set(['level=', 'lvl=', 'severity=', 'at=']);

/** `time=… level=info msg=…`: lines whose first word is a pair. The first pair with a level counts. */
function levelInLogfmt(line: string): Level | undefined {
  if (!isLogfmt(line)) return undefined;
  const head = headOf(line);
  for (let at = 0; at < head.length; ) {
    const equals = head.indexOf('=', at);
    if (equals < 0) return undefined;
    const space = head.indexOf(' ', at);
    if (space >= 0 && space < equals) {
      at = space + 1;
      continue;
    }
    const quoted = head.charCodeAt(equals + 1) === QUOTE;
    const end = quoted ? endOfQuotes(head, equals + 2) : space < 0 ? head.length : space;
    const level = LOGFMT_KEYS.has(head.slice(at, equals + 1))
      ? levelOfValue(head.slice(quoted ? equals + 2 : equals + 1, end))
      : undefined;
    if (level !== undefined) return level;
    at = end + 1;
  }
  return undefined;
}

function endOfQuotes(head: string, from: number): number {
  for (let at = from; at < head.length; at++) {
    const code = head.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === 92 /* \ */) at++;
  }
  return head.length;
}

/** Whether the first word of a line is a pair. */
export function isLogfmt(line: string): boolean {
  const space = line.length > HEAD ? headOf(line).indexOf(' ') : line.indexOf(' ');
  return space > 0 && line.lastIndexOf('=', space) > 0;
}

/**
 * After a date or a time, or something in brackets: `2026-01-02 03:04:05,006 - orders - INFO - …`, `[main] INFO
 * com.example.Handler - …`, `[2026-01-02T03:04:05Z INFO  orders] …`.
 */
function levelInPrefix(line: string): Level | undefined {
  const head = headOf(line);
  let at = 0;
  let begun = false;
  for (let parts = 0; parts < MOST_PARTS; parts++) {
    at = skipSeparators(head, at);
    const code = head.charCodeAt(at);
    if (code === OPEN || code === 40 || code === 60) {
      const inside = levelInBrackets(head, at);
      if (inside !== undefined) return inside;
      const close = head.indexOf(code === OPEN ? ']' : code === 40 ? ')' : '>', at);
      if (close < 0) return undefined;
      at = head.charCodeAt(close + 1) === COLON ? close + 2 : close + 1;
    } else if (isDigit(code)) {
      if (!begun && !isTime(head, at)) return undefined;
      at = endOfPart(head, at);
    } else {
      const word = spellingAt(head, at);
      if (word !== undefined) return isLevel(word, head.charCodeAt(at + word.length)) ? word.level : undefined;
      if (!begun) return undefined;
      const end = endOfPart(head, at);
      const dotted = levelOfChannel(head, at, end);
      if (dotted !== undefined) return dotted;
      if (!isPrefixPart(head, at, end)) return undefined;
      at = end;
    }
    begun = true;
  }
  return undefined;
}

/** `[INFO]`, `[info     ]`, `[12:34:56 INF]`, `[2026-01-02T03:04:05Z INFO  orders]`, `[… 03:04:05,006: INFO/Main]` */
function levelInBrackets(head: string, open: number): Level | undefined {
  const first = skipSeparators(head, open + 1);
  const word = spellingAt(head, first);
  if (word !== undefined) {
    const end = head.charCodeAt(skipSeparators(head, first + word.length));
    return end === CLOSE || end === 41 || end === 62 ? word.level : undefined;
  }
  if (!isDigit(head.charCodeAt(first)) || !isTime(head, first)) return undefined;
  const close = head.indexOf(']', first);
  for (let at = first, i = 0; i < 3; i++) {
    const space = head.indexOf(' ', at);
    if (space < 0 || space > close) return undefined;
    at = skipSeparators(head, space);
    const second = spellingAt(head, at);
    if (second !== undefined) return second.style === 'UPPER' ? second.level : undefined;
  }
  return undefined;
}

/** Whether a word in a prefix, followed by this text, is the level. */
function isLevel({ style }: Spelling, next: number): boolean {
  if (next === TAB || next === COLON || next === CLOSE || next === BAR) return style !== 'Title';
  return style === 'UPPER' && (next === SPACE || next === 44 || next === 47 || next !== next);
}

/** Monolog of PHP: `app.INFO: …` */
function levelOfChannel(head: string, at: number, end: number): Level | undefined {
  if (head.charCodeAt(end - 1) !== COLON) return undefined;
  const dot = head.lastIndexOf('.', end);
  const word = dot > at ? spellingAt(head, dot + 1) : undefined;
  return word !== undefined && word.style === 'UPPER' && dot + 1 + word.length === end - 1 ? word.level : undefined;
}

const ZONES = new Set(['AM', 'PM', 'Z', 'UTC', 'GMT', 'undefined', 'root', '__main__']);

/** A request id, AM or PM, a time zone, the dotted name of a logger, or any name between dashes or bars. */
function isPrefixPart(head: string, at: number, end: number): boolean {
  if (end - at === 36 && head.charCodeAt(at + 8) === DASH && head.charCodeAt(at + 13) === DASH) return true;
  const code = head.charCodeAt(at);
  if ((code === 43 || code === DASH) && isDigit(head.charCodeAt(at + 1))) return true;
  const part = head.slice(at, end);
  if (ZONES.has(part)) return true;
  const dot = part.indexOf('.');
  if (dot > 0 && dot < part.length - 1) return true;
  return head.startsWith(' - ', end) || head.startsWith(' | ', end) || head.charCodeAt(end) === BAR;
}

/** Whether the text that begins with this digit is a date, a time or seconds since 1970. */
function isTime(head: string, at: number): boolean {
  const second = head.charCodeAt(at + 1);
  const third = head.charCodeAt(at + 2);
  if (second === COLON || third === COLON || third === 47 || third === DASH) return true;
  // zap writes seconds as `1.767323045006e+09`.
  if (second === 46) return head.startsWith('e+09', head.indexOf('e', at));
  const fifth = head.charCodeAt(at + 4);
  if (fifth === DASH || fifth === 47) return true;
  // `20260102 03:04:05`, `1767323045`
  for (let i = 1; i < 8; i++) if (!isDigit(head.charCodeAt(at + i))) return false;
  return isDigit(head.charCodeAt(at + 9));
}

function endOfPart(head: string, at: number): number {
  const space = head.indexOf(' ', at);
  const tab = head.indexOf('\t', at);
  const bar = head.indexOf('|', at);
  let end = space < 0 ? head.length : space;
  if (tab >= 0 && tab < end) end = tab;
  return bar >= 0 && bar < end ? bar : end;
}

function skipSeparators(head: string, from: number): number {
  for (let at = from; ; at++) {
    const code = head.charCodeAt(at);
    if (code === SPACE || code === TAB || code === BAR) continue;
    if (code !== DASH || head.charCodeAt(at + 1) !== SPACE) return at;
  }
}

function headOf(line: string): string {
  return line.length > HEAD ? line.slice(0, HEAD) : line;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}
