/** How severe a line is, in the words of Lambda's own JSON log formats. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** From the least severe to the most severe. */
export const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * The words that loggers use for levels. winston's `verbose` is above its `debug`, and Serilog's `Verbose` is below it;
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

/** The length of `informational`. */
const LONGEST = 13;

/** Values that were looked up and have a level: the next line usually has one of them. */
const known = new Map<string, Level>();
const MOST_KNOWN = 64;

/** The level that a field of JSON or logfmt states: a word in any case, slog's `INFO+2`, or one of pino's numbers. */
export function levelOfValue(value: string): Level | undefined {
  let level = known.get(value);
  if (level !== undefined || value.length === 0 || value.length > LONGEST + 3) return level;
  level = levelOfNewValue(value);
  if (level !== undefined && known.size < MOST_KNOWN) known.set(value, level);
  return level;
}

function levelOfNewValue(value: string): Level | undefined {
  if (/^\d\d$/.test(value)) return levelOfNumber(Number(value));
  const offset = /^([a-z]+)([+-])\d+$/i.exec(value);
  if (offset === null) return levelOfWord(value.toLowerCase());
  // slog's users write trace as four less than DEBUG.
  const base = levelOfWord(offset[1].toLowerCase());
  return base === 'debug' && offset[2] === '-' ? 'trace' : base;
}

function levelOfWord(word: string): Level | undefined {
  return LEVELS.find((level) => WORDS[level].includes(word));
}

/** pino and bunyan: 10 is trace, 60 is fatal. Users' own levels are in between. */
function levelOfNumber(value: number): Level | undefined {
  return value < 10 || value >= 70 ? undefined : LEVELS[Math.floor(value / 10) - 1];
}

/** A spelling of a level in a text. */
export interface Spelling {
  readonly text: string;
  readonly length: number;
  readonly level: Level;
  readonly style: 'UPPER' | 'lower' | 'Title';
  /**
   * `plain`: in capitals at the beginning of a line, the word is almost certainly a level. `short`: an abbreviation,
   * which is a level only in a logger's prefix.
   */
  readonly kind: 'plain' | 'word' | 'short';
}

/** In capitals at the beginning of a line, these are almost certainly levels. */
export const PLAIN: readonly string[] = [
  'trace',
  'debug',
  'info',
  'notice',
  'warn',
  'warning',
  'error',
  'severe',
  'critical',
  'fatal',
];
const SHORT = ['trc', 'dbg', 'inf', 'wrn', 'err', 'eror', 'ftl', 'crt', 'pnc', 'vrb'];

/** In a text these are ordinary words more often than levels. */
const NOT_IN_TEXT = ['http', 'fine', 'finer', 'finest', 'config', 'silly', 'informational'];

/**
 * Spellings by the code of their first letter. A list is made when a text first has that letter where a level may be:
 * most functions need three or four lists, and making all of them took a tenth of the start.
 */
const spellings: (readonly Spelling[] | undefined)[] = [];

/** The word for a level at this position of a text; no letter, digit or underscore follows it. */
export function spellingAt(text: string, at: number): Spelling | undefined {
  const first = text.charCodeAt(at);
  if (!(first >= 65 && first <= 122)) return undefined;
  const list = (spellings[first] ??= spellingsFrom(text[at]));
  for (let i = 0; i < list.length; i++) {
    const spelling = list[i];
    if (text.startsWith(spelling.text, at)) {
      return isWordCharacter(text.charCodeAt(at + spelling.length)) ? undefined : spelling;
    }
  }
  return undefined;
}

/** All spellings that begin with this letter, the longest first. */
function spellingsFrom(first: string): readonly Spelling[] {
  const lower = first.toLowerCase();
  const styles: readonly Spelling['style'][] = first === lower ? ['lower'] : ['UPPER', 'Title'];
  const found: Spelling[] = [];
  for (const level of LEVELS) {
    for (const word of WORDS[level]) {
      if (word[0] !== lower || NOT_IN_TEXT.includes(word)) continue;
      const kind = PLAIN.includes(word) ? 'plain' : SHORT.includes(word) ? 'short' : 'word';
      for (const style of styles) {
        found.push({ text: spelled(word, style), length: word.length, level, style, kind });
      }
    }
  }
  return found.sort((a, b) => b.length - a.length);
}

function spelled(word: string, style: Spelling['style']): string {
  return style === 'lower' ? word : style === 'UPPER' ? word.toUpperCase() : titled(word);
}

function titled(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}

function isWordCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}
