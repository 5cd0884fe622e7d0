/** How severe a line is, in the words of Lambda's own JSON log formats. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** From the least to the most severe one. */
export const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * The words that loggers have for levels. winston's `verbose` lies above its `debug` and Serilog's `Verbose` below it;
 * as debug, neither is dropped by mistake.
 */
const WORDS: Readonly<Record<Level, readonly string[]>> = {
  trace: ['trace', 'trce', 'trc', 'silly', 'finest', 'finer'],
  debug: ['debug', 'dbug', 'dbg', 'verbose', 'vrb', 'http', 'fine', 'config'],
  info: ['info', 'information', 'informational', 'inf', 'notice'],
  warn: ['warn', 'warning', 'wrn'],
  error: ['error', 'err', 'eror', 'fail', 'severe'],
  fatal: ['fatal', 'ftl', 'critical', 'crit', 'crt', 'panic', 'pnc', 'dpanic', 'emerg', 'emergency', 'alert'],
};

const BY_WORD = new Map(LEVELS.flatMap((level) => WORDS[level].map((word): [string, Level] => [word, level])));

/** The level that a field of JSON or of logfmt has: a word in any case, slog's `INFO+2`, or a number of pino's. */
export function levelOfValue(value: string): Level | undefined {
  const known = EXACT.get(value);
  if (known !== undefined) return known;
  if (value.length === 0 || value.length > LONGEST + 3) return undefined;
  if (/^\d\d$/.test(value)) return levelOfNumber(Number(value));
  const offset = /^([a-z]+)([+-])\d+$/i.exec(value);
  if (offset === null) return BY_WORD.get(value.toLowerCase());
  // Four less than DEBUG is what slog's users take for trace.
  const base = BY_WORD.get(offset[1].toLowerCase());
  return base === 'debug' && offset[2] === '-' ? 'trace' : base;
}

/** pino and bunyan: 10 is trace, 60 is fatal. Levels of a user's own lie in between. */
function levelOfNumber(value: number): Level | undefined {
  return value < 10 || value >= 70 ? undefined : LEVELS[Math.floor(value / 10) - 1];
}

/** The values that occur most, for which one look-up is enough. */
const EXACT = new Map<string, Level>(
  LEVELS.flatMap((level, i): [string, Level][] => [
    ...WORDS[level].flatMap((word): [string, Level][] => [
      [word, level],
      [word.toUpperCase(), level],
      [titled(word), level],
    ]),
    [String(10 * (i + 1)), level],
  ]),
);

const LONGEST = Math.max(...[...BY_WORD.keys()].map((word) => word.length));

/** A word as it stands in a text. */
export interface Spelling {
  readonly text: string;
  readonly length: number;
  readonly level: Level;
  readonly style: 'UPPER' | 'lower' | 'Title';
  /**
   * `plain`: in capitals at the beginning of a line it can hardly be anything but a level. `short`: an abbreviation,
   * which is one only where a logger's prefix has it.
   */
  readonly kind: 'plain' | 'word' | 'short';
}

const PLAIN = new Set(['trace', 'debug', 'info', 'notice', 'warn', 'warning', 'error', 'severe', 'critical', 'fatal']);
const SHORT = new Set(['trc', 'dbg', 'inf', 'wrn', 'err', 'eror', 'ftl', 'crt', 'pnc', 'vrb']);

/** In a text these are ordinary words more often than levels. */
const NOT_IN_TEXT = new Set(['http', 'fine', 'finer', 'finest', 'config', 'silly', 'informational']);

/** All spellings by the code of their first letter, the longest first. */
const SPELLINGS: readonly (readonly Spelling[] | undefined)[] = spellings();

/** The word for a level that stands at this place of a text; whatever follows it is no letter, digit or underscore. */
export function spellingAt(text: string, at: number): Spelling | undefined {
  const list = SPELLINGS[text.charCodeAt(at)];
  if (list === undefined) return undefined;
  for (let i = 0; i < list.length; i++) {
    const spelling = list[i];
    if (text.startsWith(spelling.text, at)) {
      return isWordCharacter(text.charCodeAt(at + spelling.length)) ? undefined : spelling;
    }
  }
  return undefined;
}

function spellings(): readonly Spelling[][] {
  const table: Spelling[][] = [];
  for (const [word, level] of BY_WORD) {
    if (NOT_IN_TEXT.has(word)) continue;
    const { length } = word;
    const kind = PLAIN.has(word) ? 'plain' : SHORT.has(word) ? 'short' : 'word';
    const styles = { UPPER: word.toUpperCase(), lower: word, Title: titled(word) } as const;
    for (const style of ['UPPER', 'lower', 'Title'] as const) {
      const text = styles[style];
      (table[text.charCodeAt(0)] ??= []).push({ text, length, level, style, kind });
    }
  }
  for (const list of table) list?.sort((a, b) => b.length - a.length);
  return table;
}

function titled(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}

function isWordCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}
