/**
 * How much the extension logs about itself on stderr, which Lambda sends to the function's CloudWatch log group.
 */
export enum DiagnosticLevel {
  /** Only errors that keep the extension from working. */
  ERROR = 'error',

  /** Also invalid settings, problems with Loki or a secret, and lost lines. */
  WARN = 'warn',

  /** Also the end of an outage, and at shutdown how much was sent and with which settings. */
  INFO = 'info',

  /** Also the outcome of each push that Loki did not store at once, failed calls to Lambda's APIs, and the shutdown. */
  DEBUG = 'debug',
}
