import type { Platform } from './platform/types';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DEBUG = LOG_LEVELS.indexOf('debug');

/**
 * The prefix of each of the extension's own lines, so that they can be recognised and are never shipped back (see
 * `telemetry/intake.ts`).
 */
export const DIAGNOSTICS_PREFIX = '[lambdawatch] ';

/** The most messages that are kept for a later listener. */
const MOST_EARLY = 5;

/** The extension's own messages on stderr, which Lambda writes to CloudWatch. */
export class Diagnostics {
  readonly #platform: Pick<Platform, 'stderr'>;
  readonly #told = new Set<string>();
  readonly #secrets: (() => readonly string[])[] = [];
  #level: number;
  #listener: ((line: string) => void) | undefined;
  /** Messages from before there was a listener. */
  #early: { level: LogLevel; text: string }[] = [];
  /**
   * `redacted` of `redaction.ts`, as soon as it has been loaded. Until then messages only contain text of the extension
   * itself and of Lambda's APIs, which know no secret.
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
   * Receives each warning and error from now on as it is written to stderr, the earlier ones first; `undefined` where
   * nobody needs them.
   */
  set listener(listener: ((line: string) => void) | undefined) {
    this.#listener = listener;
    for (const { level, text } of this.#early) listener?.(this.#line(level, text));
    this.#early = [];
  }

  /** Whether anybody reads what is said at `debug`, so that it is worth to be worded. */
  get isDebug(): boolean {
    return this.#level >= DEBUG;
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

  /** Warns, but only the first time that this `topic` occurs since it was last {@link settled}. */
  warnOnce(topic: string, message: string): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    this.warn(message);
  }

  /** The topic is over: when it occurs again, it is logged again. */
  settled(topic: string): void {
    this.#told.delete(topic);
  }

  /**
   * From now on these texts don't appear in messages, in whatever form a server's answer repeats them.
   * @param secrets called when there is something to write.
   */
  conceal(secrets: () => readonly string[]): void {
    this.#secrets.push(secrets);
  }

  /**
   * The text without {@link conceal}ed texts. To be called before a part of a foreign text is cut out or changed: a
   * secret that was cut or has lost its blanks can't be recognised any more.
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
