/**
 * How much the extension says about itself on stderr, which Lambda sends to the function's CloudWatch log group.
 */
export enum DiagnosticLevel {
  /** Only what loses lines. */
  ERROR = 'error',

  /** Also what is wrong with a setting, and trouble with Loki. */
  WARN = 'warn',

  /** Also the settings in use and what was sent at shutdown. */
  INFO = 'info',

  /** Each push and each change of state. */
  DEBUG = 'debug',
}
