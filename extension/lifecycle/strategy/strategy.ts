/** What is known when an invocation begins. */
export interface Beginning {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether it is the first invocation of this environment. */
  readonly first: boolean;
  /** Whether an earlier one has failed, timed out or printed an error, and this was not known before. */
  readonly trouble: boolean;
  /** How full the buffer is: 1 when one of its bounds is reached. */
  readonly fill: number;
}

/** What is known when an invocation that was waited for has ended. */
export interface Ending {
  /** Whether it has failed, timed out or printed an error, or the news of its end never arrived. */
  readonly trouble: boolean;
  /** Whether Lambda resets the environment, or may do so: the contents of memory are lost then. */
  readonly resets: boolean;
  readonly fill: number;
}

/**
 * How an invocation that begins is treated:
 *
 * - `wait`: its end is waited for, and then {@link Strategy.ends} is asked;
 * - `send`: Lambda may freeze the environment as soon as the function is done; lines are sent as they arrive;
 * - `keep`: the same, but lines wait for the next push.
 */
export type Course = 'wait' | 'send' | 'keep';

/** What a flush at the end waits for: Loki's answer, or only the arrival of the last byte. */
export type Until = 'answered' | 'arrived';

/** When lines are sent, and what an invocation waits for. It only decides: it has no clock and starts nothing. */
export interface Strategy {
  /** The name as in `LOKI_FLUSH_STRATEGY`. */
  readonly name: string;
  /** The time between pushes while an invocation runs, instead of `LOKI_FLUSH_INTERVAL_MS`. */
  readonly intervalMs?: number;
  /** Whether a freeze may come while a push is in flight. */
  readonly leavesUnanswered: boolean;
  /** Whether an error that an invocation has printed makes a difference, so that the levels of lines are read. */
  readonly minds?: 'errors';
  begins(beginning: Beginning): Course;
  ends(ending: Ending): Until;
}

/** When the buffer is fuller than this, no more lines must pile up. */
export const HALF_FULL = 0.5;
