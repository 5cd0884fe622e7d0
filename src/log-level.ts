/**
 * How severe a line is. The extension finds the level in the formats of Lambda, of the usual loggers and of logfmt, in
 * the fields of JSON lines and in the prefix of text, never in the message.
 */
export enum LogLevel {
  /** Everything. */
  TRACE = 'trace',

  /** Debugging. */
  DEBUG = 'debug',

  /** What goes on. */
  INFO = 'info',

  /** What may need attention. */
  WARN = 'warn',

  /** What went wrong. */
  ERROR = 'error',

  /** What ends the program. */
  FATAL = 'fatal',
}
