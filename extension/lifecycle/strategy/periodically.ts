import { HALF_FULL, type Strategy } from './strategy';

/** One push for the invocations of a period: the first invocation after it is waited for, and all others are not. */
export function periodically(everyMs: number): Strategy {
  let pushedAt = -Infinity;
  return {
    name: `periodically,${everyMs}`,
    intervalMs: everyMs,
    leavesUnanswered: true,
    begins({ now, fill }) {
      // The clock may have been set back.
      if (Math.abs(now - pushedAt) < everyMs && fill <= HALF_FULL) return 'keep';
      pushedAt = now;
      return 'wait';
    },
    ends: () => 'answered',
  };
}
