/**
 * A kind of line that Lambda itself has in a function's log.
 */
export enum PlatformLine {
  /** All kinds, those of later versions of this library too. */
  ALL = 'all',

  /** `START RequestId: …`. */
  START = 'start',

  /** `END RequestId: …`. */
  END = 'end',

  /** `REPORT RequestId: …`, with duration and memory, which are structured metadata as well. */
  REPORT = 'report',

  /** `… Task timed out after … seconds`. */
  TIMEOUT = 'timeout',

  /** `INIT_START …`, and `INIT_REPORT …` of an Init that failed. */
  INIT = 'init',

  /** `RESTORE_START …` and `RESTORE_REPORT …` of SnapStart. */
  RESTORE = 'restore',

  /** What ended the runtime, as `RequestId: … Error: Runtime exited with error: signal: killed`. */
  FAULT = 'fault',

  /** `EXTENSION …`, of an extension that failed. */
  EXTENSION = 'extension',

  /** `LOGS_DROPPED …`: lines that Lambda could not hand over. */
  DROPPED = 'dropped',
}
