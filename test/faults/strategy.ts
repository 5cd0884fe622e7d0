import { extraEnvironment } from '../support/extension';
import { type Condition, healthyMs } from './conditions';

/** The strategies that a whole suite is played with. */
export const STRATEGIES = ['end', 'handoff', 'next', 'adaptive', 'periodically,1000'] as const;

function strategy(): string {
  return extraEnvironment.LOKI_FLUSH_STRATEGY ?? 'end';
}

/** From now on environments get this strategy, unless a fault sets its own; `undefined` for the extension's default. */
export function playWith(name: string | undefined): void {
  if (name === undefined) delete extraEnvironment.LOKI_FLUSH_STRATEGY;
  else extraEnvironment.LOKI_FLUSH_STRATEGY = name;
}

/**
 * Whether the suite runs with a flush strategy by which invocations wait for nothing: then no push is waited for in
 * vain, and one may be under way when the environment is frozen.
 */
export function waitsForNothing(): boolean {
  return /^(next|periodically|adaptive)/.test(strategy());
}

/**
 * Least time of an invocation, in milliseconds: what nothing waits for is sent beside the next one, which has to leave
 * room for that if a trial's trouble is to be met.
 */
export function leastMs(): number {
  return waitsForNothing() ? 60 : 0;
}

/** Whether the pushes of a trial, or what comes of them, may all miss its trouble, so that there is nothing to tell. */
export function mayMissTroubles(): boolean {
  return /^(next|periodically)/.test(strategy());
}

/** Whether even the first invocation's lines are sent beside the second. */
export function sendsLater(): boolean {
  return strategy() === 'next';
}

/** Whether a push may be under way when an environment is frozen. */
export function leavesUnanswered(): boolean {
  return strategy() !== 'end';
}

/**
 * Lines that may be missing in passing: where invocations wait for nothing, all of the last two; and those of frozen
 * environments that are not invoked any more, which are sent when these end.
 */
export function onTheirWay(environments: number): number {
  return (waitsForNothing() ? 10 : 2) + (leavesUnanswered() ? 15 * (environments - 1) : 0);
}

/**
 * Invocations after which it is known what is missing: where nothing is waited for, telemetry of one comes in the next.
 */
export function leastToKnow(): number {
  return waitsForNothing() ? 3 : 1;
}

/**
 * How many invocations of an outage may be held as if there were none: the first that waits for Loki, which with a
 * period is not always the first.
 */
export function invocationsToMeetAnOutage(): number {
  return strategy().startsWith('periodically') ? 2 : 1;
}

/** After an invocation, until its lines are looked for: as long as Loki takes where nobody has waited for it. */
export function settledMs(condition: Condition): number {
  return leavesUnanswered() ? healthyMs(condition) + 200 : 0;
}

/**
 * How long a last invocation has to take so that all lines of those before it are in Loki when it ends; 0 where they
 * are anyway, or where SHUTDOWN has the time for them.
 */
export function toBringAllMs(condition: Condition): number {
  if (!waitsForNothing() || healthyMs(condition) <= MOST_AT_SHUTDOWN_MS) return 0;
  const [, period = 1000] = strategy().split(',').map(Number);
  return period + 2 * healthyMs(condition) + 500;
}

/** The 2 s of SHUTDOWN leave room for a push that takes so long. */
const MOST_AT_SHUTDOWN_MS = 800;
