/** What is known when an invocation begins. */
export interface Beginning {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** It is the first of this environment. */
  readonly first: boolean;
  /** An earlier one has failed, timed out or printed an error, which was not known before. */
  readonly trouble: boolean;
  /** How full the buffer is: 1 when one of its bounds is reached. */
  readonly fill: number;
}

/** What is known when an invocation has ended that was waited for. */
export interface Ending {
  /** It has failed, timed out or printed an error, or its end was never heard of. */
  readonly trouble: boolean;
  /** Lambda resets the environment, or may do so: memory does not outlive it. */
  readonly resets: boolean;
  readonly fill: number;
}

/**
 * What becomes of an invocation that begins:
 *
 * - `wait`: its end is waited for, and then {@link Strategy.ends} is asked;
 * - `send`: Lambda may freeze the environment as soon as the function is done; lines are sent as they come;
 * - `keep`: the same, and lines wait for the next push.
 */
export type Course = 'wait' | 'send' | 'keep';

/** What a flush at the end waits for: Loki's answer, or only the arrival of the last byte. */
export type Until = 'answered' | 'arrived';

/** When lines are sent, and what an invocation waits for. It is asked and decides; it has no clock and does nothing. */
export interface Strategy {
  /** As in `LOKI_FLUSH_STRATEGY`. */
  readonly name: string;
  /** Time between pushes while an invocation runs, in place of `LOKI_FLUSH_INTERVAL_MS`. */
  readonly intervalMs?: number;
  /** Whether a freeze may come while a push is under way. */
  readonly leavesUnanswered: boolean;
  /** Whether it makes a difference that an invocation has printed an error, so that levels of lines are looked at. */
  readonly minds?: 'errors';
  begins(beginning: Beginning): Course;
  ends(ending: Ending): Until;
}

/** From this fill of the buffer on, lines must not pile up any further. */
export const HALF_FULL = 0.5;
