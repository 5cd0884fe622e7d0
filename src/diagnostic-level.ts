/**
 * How much the extension logs about itself on stderr, which Lambda sends to the function's CloudWatch log group.
 */
export enum DiagnosticLevel {
  /** Only what keeps the extension from working. */
  ERROR = 'error',

  /** Also settings that can't be used, trouble with Loki or a secret, and lines that were lost. */
  WARN = 'warn',

  /** Also that Loki takes lines again after an outage, and at shutdown how much was sent, with which settings. */
  INFO = 'info',

  /** Also the outcome of each push that was not stored at once, failed calls of Lambda's APIs, and the shutdown. */
  DEBUG = 'debug',
}
