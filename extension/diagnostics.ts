import type { Platform } from './platform/types';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Stands before every line of the extension's own, so that they can be told apart and are never shipped back (see `telemetry/intake.ts`). */
export const DIAGNOSTICS_PREFIX = '[lambdawatch] ';

/** The extension's own few words on stderr, which Lambda writes to CloudWatch. */
export class Diagnostics {
  readonly #platform: Pick<Platform, 'stderr'>;
  readonly #told = new Set<string>();
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

  #write(level: LogLevel, message: string): void {
    if (LOG_LEVELS.indexOf(level) > this.#level) return;
    // One line per message, whatever a server put into its answer.
    this.#platform.stderr(`${DIAGNOSTICS_PREFIX}${level}: ${message.replace(/\s*[\r\n]+\s*/g, ' ')}`);
  }
}

/** What an unknown thrown value has to say. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
