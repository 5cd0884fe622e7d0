import type { Platform } from './platform/types';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Stands before every line of the extension's own, so that they can be told apart and are never shipped back (see
 * `telemetry/intake.ts`).
 */
export const DIAGNOSTICS_PREFIX = '[lambdawatch] ';

/** Most messages that are kept for a listener which may come. */
const MOST_EARLY = 5;

/** The extension's own few words on stderr, which Lambda writes to CloudWatch. */
export class Diagnostics {
  readonly #platform: Pick<Platform, 'stderr'>;
  readonly #told = new Set<string>();
  readonly #secrets: (() => readonly string[])[] = [];
  #level: number;
  #listener: ((line: string) => void) | undefined;
  /** What was said before there was a listener. */
  #early: { level: LogLevel; text: string }[] = [];
  /**
   * `redacted` of `redaction.ts`, as soon as it has been loaded. Until then nothing is shown but the extension's own
   * words and those of Lambda's APIs, which know no secret.
   */
  redactor: (text: string, secrets: readonly string[]) => string = (text) => text;

  constructor(platform: Pick<Platform, 'stderr'>, level: LogLevel = 'warn') {
    this.#platform = platform;
    this.#level = LOG_LEVELS.indexOf(level);
  }

  set level(level: LogLevel) {
    this.#level = LOG_LEVELS.indexOf(level);
  }

  /**
   * From now on receives each warning and error as it is written to stderr, the earlier ones first; `undefined` where
   * nobody wants to.
   */
  set listener(listener: ((line: string) => void) | undefined) {
    this.#listener = listener;
    for (const { level, text } of this.#early) listener?.(this.#line(level, text));
    this.#early = [];
  }

  error(message: string): void {
    this.#write('error', message);
  }

  warn(message: string): void {
    this.#write('warn', message);
  }

  info(message: string): void {
    this.#write('info', message);
  }

  debug(message: string): void {
    this.#write('debug', message);
  }

  /** Warns, but only the first time that this `topic` comes up since it was last {@link settled}. */
  warnOnce(topic: string, message: string): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    this.warn(message);
  }

  /** The matter is over: when it comes up again, it is worth a line again. */
  settled(topic: string): void {
    this.#told.delete(topic);
  }

  /**
   * From now on these texts don't appear in messages, however a server's answer repeats them.
   * @param secrets is asked when there is something to write.
   */
  conceal(secrets: () => readonly string[]): void {
    this.#secrets.push(secrets);
  }

  /**
   * The text without what is to be {@link conceal}ed. Whoever shows a part of a foreign text, or shows it changed,
   * calls this before: of a secret that was cut or has lost its blanks, too little is left to be recognised.
   */
  redact(text: string): string {
    return this.redactor(
      text,
      this.#secrets.flatMap((secrets) => secrets()),
    );
  }

  #write(level: LogLevel, text: string): void {
    if (LOG_LEVELS.indexOf(level) > this.#level) return;
    const line = this.#line(level, text);
    this.#platform.stderr(line);
    if (level === 'info' || level === 'debug') return;
    if (this.#listener) this.#listener(line);
    else if (this.#early.length < MOST_EARLY) this.#early.push({ level, text });
  }

  /** One line per message, whatever a server put into its answer. */
  #line(level: LogLevel, text: string): string {
    return `${DIAGNOSTICS_PREFIX}${level}: ${this.redact(text).replace(/\s*[\r\n]+\s*/g, ' ')}`;
  }
}
