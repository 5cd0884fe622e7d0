/**
 * A stream of the Lambda Telemetry API.
 */
export enum LogType {
  /** Output of the function's code on stdout and stderr. */
  FUNCTION = 'function',

  /** Lambda's own events, as the lines that CloudWatch Logs shows: START, END, REPORT, timeouts and crashes. */
  PLATFORM = 'platform',

  /** Output of the function's other extensions. LambdaWatch's own output is never part of it. */
  EXTENSION = 'extension',
}
