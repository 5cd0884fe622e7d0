import { extraEnvironment } from '../support/extension';

/**
 * Whether the suite runs with a flush strategy by which invocations wait for nothing: then no push is waited for in
 * vain, and one may be under way when the environment is frozen.
 */
export function waitsForNothing(): boolean {
  return /^(next|periodically)/.test(extraEnvironment.LOKI_FLUSH_STRATEGY ?? '');
}
