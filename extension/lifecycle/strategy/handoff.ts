import type { Strategy } from './strategy';

/** All lines of an invocation have arrived at Loki before the environment may freeze; its answer is read after it. */
export const handoff: Strategy = {
  name: 'handoff',
  leavesUnanswered: true,
  begins: () => 'wait',
  // The process would not be there to read the answer.
  ends: ({ resets }) => (resets ? 'answered' : 'arrived'),
};
