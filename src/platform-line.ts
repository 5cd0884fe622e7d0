/**
 * A kind of line that Lambda itself writes to a function's log.
 */
export enum PlatformLine {
  /** All kinds, including those that later versions of this library add. */
  ALL = 'all',

  /** `START RequestId: …`. */
  START = 'start',

  /** `END RequestId: …`. */
  END = 'end',

  /** `REPORT RequestId: …`, with duration and memory. These figures are also structured metadata. */
  REPORT = 'report',

  /** `… Task timed out after … seconds`. */
  TIMEOUT = 'timeout',

  /** `INIT_START …`, and `INIT_REPORT …` of a failed Init. */
  INIT = 'init',

  /** `RESTORE_START …` and `RESTORE_REPORT …` of SnapStart. */
  RESTORE = 'restore',

  /** The reason why the runtime exited, such as `RequestId: … Error: Runtime exited with error: signal: killed`. */
  FAULT = 'fault',

  /** `EXTENSION …`, of a failed extension. */
  EXTENSION = 'extension',

  /** `LOGS_DROPPED …`: the number of lines that Lambda could not deliver to the extension. */
  DROPPED = 'dropped',
}
