import type { Platform } from './platform/types';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Stands before every line of the extension's own, so that they can be told apart and are never shipped back (see `telemetry/intake.ts`). */
export const DIAGNOSTICS_PREFIX = '[lambdawatch] ';

/** A shorter one would stand in many words by chance. */
const SHORTEST_SECRET = 4;

/** The extension's own few words on stderr, which Lambda writes to CloudWatch. */
export class Diagnostics {
  readonly #platform: Pick<Platform, 'stderr'>;
  readonly #told = new Set<string>();
  readonly #secrets: (() => readonly string[])[] = [];
  #level: number;

  constructor(platform: Pick<Platform, 'stderr'>, level: LogLevel = 'warn') {
    this.#platform = platform;
    this.#level = LOG_LEVELS.indexOf(level);
  }

  set level(level: LogLevel) {
    this.#level = LOG_LEVELS.indexOf(level);
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
   * From now on `***` stands in place of these texts, however a server's answer repeats them. Those of under four characters can't be kept out.
   * @param secrets is asked when there is something to write.
   */
  conceal(secrets: () => readonly string[]): void {
    this.#secrets.push(secrets);
  }

  #write(level: LogLevel, text: string): void {
    if (LOG_LEVELS.indexOf(level) > this.#level) return;
    let message = text;
    for (const secret of this.#secrets.flatMap((secrets) => secrets())) {
      if (secret.length >= SHORTEST_SECRET) for (const form of formsOf(secret)) message = withoutStart(message.replaceAll(form, '***'), form);
    }
    // One line per message, whatever a server put into its answer.
    this.#platform.stderr(`${DIAGNOSTICS_PREFIX}${level}: ${message.replace(/\s*[\r\n]+\s*/g, ' ')}`);
  }
}

/** Answers are cut where they get too long, with an ellipsis: a secret that they repeat may have lost its end there. */
function withoutStart(message: string, secret: string): string {
  for (let length = secret.length - 1; length >= SHORTEST_SECRET; length--) {
    const start = `${secret.slice(0, length)}…`;
    if (message.includes(start)) return message.replaceAll(start, '***…');
  }
  return message;
}

/** A text as it stands, in JSON, and in a URL. */
function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.replace(/[\ud800-\udfff]/g, '\ufffd'))];
}

export { messageOf } from './platform/errors';
