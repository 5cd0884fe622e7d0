/**
 * The severity of a line. The extension recognises the level in the formats of Lambda, of common loggers and of logfmt,
 * in the fields of JSON lines and in the prefix of text lines, never in the message itself.
 */
export enum LogLevel {
  /** Everything, including traces. */
  TRACE = 'trace',

  /** Details for debugging. */
  DEBUG = 'debug',

  /** Normal operation. */
  INFO = 'info',

  /** Something that may need attention. */
  WARN = 'warn',

  /** An error. */
  ERROR = 'error',

  /** An error that ends the program. */
  FATAL = 'fatal',
}
