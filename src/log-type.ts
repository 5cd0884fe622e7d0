/**
 * A stream of the Lambda Telemetry API.
 */
export enum LogType {
  /** What the function's code writes to stdout and stderr. */
  FUNCTION = 'function',

  /** Lambda's own events, as the lines that CloudWatch shows: START, END, REPORT, timeouts and faults. */
  PLATFORM = 'platform',

  /** What other extensions of the function write. LambdaWatch's own diagnostics are never shipped. */
  EXTENSION = 'extension',
}
