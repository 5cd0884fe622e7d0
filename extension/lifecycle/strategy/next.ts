import type { Strategy } from './strategy';

/** Nothing is waited for: what an invocation says last leaves while the next one runs, or at SHUTDOWN. */
export const next: Strategy = {
  name: 'next',
  leavesUnanswered: true,
  begins: () => 'send',
  ends: () => 'answered',
};
