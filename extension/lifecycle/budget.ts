/** The time reserved before a deadline, so that an overrun of the extension never becomes a timeout of the function. */
const LONGEST_MARGIN_MS = 500;
const SHORTEST_MARGIN_MS = 60;

/**
 * The margin in milliseconds: a tenth of the time that the invocation has, within bounds. @param timeoutMs from INVOKE
 * to its deadline.
 */
export function marginOf(timeoutMs: number): number {
  return Math.min(LONGEST_MARGIN_MS, Math.max(SHORTEST_MARGIN_MS, timeoutMs / 10));
}

/**
 * The least time for a flush, however late the news of the function's end arrived: enough for a push, and no more than
 * a probe takes.
 */
const SHORTEST_FLUSH_MS = 500;

/**
 * The share of a flush's time for which lines may wait for room. The rest is for the telemetry after them, which a busy
 * machine processes slowly, and for the flush itself.
 */
const ROOM_SHARE = 0.75;

/** Points in time, in milliseconds since the epoch, except where they are durations. */
export interface FlushSituation {
  readonly now: number;
  readonly deadline: number;
  /** A duration. */
  readonly margin: number;
  /** A duration: the most time that a flush may hold the environment. */
  readonly flushTimeout: number;
  /** When the function was done; `undefined` when it was not seen to be. */
  readonly done: number | undefined;
}

/**
 * How long the flush at the end of an invocation may take, in milliseconds. The environment is held from the moment
 * when the function was done, so the time until that news arrived counts; the flush always ends before the deadline
 * less half of its margin.
 */
export function flushBudget({ now, deadline, margin, flushTimeout, done }: FlushSituation): number {
  const heard = done === undefined ? 0 : Math.max(0, now - done);
  const left = Math.max(flushTimeout - heard, Math.min(SHORTEST_FLUSH_MS, flushTimeout));
  return Math.max(0, Math.min(left, deadline - margin / 2 - now));
}

/**
 * How long a delivery of telemetry may wait for room in a full buffer, in milliseconds, so that the news of the
 * invocation's end, which comes after it, is still in time for a flush: a wait beyond the function's end holds the
 * environment.
 * @param lineTime when the line that waits was logged, in milliseconds since the epoch: the function was not done
 * before that.
 */
export function roomBudget(now: number, lineTime: number, flushTimeout: number): number {
  return flushTimeout * ROOM_SHARE - Math.max(0, now - lineTime);
}
