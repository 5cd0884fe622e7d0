import type { Strategy } from './strategy';

/** No invocation waits: its last lines are pushed while the next one runs, or at SHUTDOWN. */
export const next: Strategy = {
  name: 'next',
  leavesUnanswered: true,
  begins: () => 'send',
  ends: () => 'answered',
};
