import type { FakeLokiOptions } from '../../sandbox/loki';
import type { Condition } from './conditions';
import { leavesUnanswered } from './strategy';
import type { Trial } from './trial';

/** Something that goes wrong, and what must come of it. What holds for all faults is in `judge.ts`. */
export interface Fault {
  readonly name: string;
  /** One line: what happens. Loki has its own default limits where nothing else is said. */
  readonly story: string;
  readonly loki?: FakeLokiOptions & { readonly proxied?: boolean };
  /** Why lines can't be saved here, under a condition or under all; without it, losing one is a failure. */
  readonly unavoidable?: string | ((condition: Condition) => string | undefined);
  /**
   * Why a strategy other than `end` can't save lines here, by its nature; asked only where the suite runs with one, see
   * `strategy.ts`.
   */
  readonly byNature?: (condition: Condition) => string | undefined;
  /** Sets this flush strategy by itself, so that it is played with no other one. */
  readonly strategy?: string;
  /** Nobody is left to count what was lost, under a condition or under all. */
  readonly uncounted?: boolean | ((condition: Condition) => boolean);
  /** Lines count as the extension's from the moment they are written, not only when it has acknowledged them. */
  readonly fromWriting?: boolean;
  /** The end of an invocation is not made known in time, so that it may be held up to its deadline. */
  readonly heldToDeadline?: boolean;
  /** Writes thousands of lines at once: few of these are played at a time, because they need the processors. */
  readonly heavy?: boolean;
  /** Takes minutes: it is left out of `npm test`. */
  readonly long?: boolean;
  /** Conditions under which it was broken once; `npm test` always plays these. */
  readonly always?: readonly string[];
  /** Runs the fault and notes with `trial.expect` what is special to it. */
  run(trial: Trial): Promise<void>;
}

export const faults = <const T extends readonly Fault[]>(list: T): T => list;

export function unavoidableUnder(fault: Fault, condition: Condition): string | undefined {
  const { unavoidable } = fault;
  const always = typeof unavoidable === 'function' ? unavoidable(condition) : unavoidable;
  return always ?? byNatureUnder(fault, condition);
}

/** Why the strategy that the suite runs with can't save what `end` can. */
export function byNatureUnder({ byNature }: Fault, condition: Condition): string | undefined {
  return leavesUnanswered() ? byNature?.(condition) : undefined;
}

export function uncountedUnder({ uncounted }: Fault, condition: Condition): boolean {
  return typeof uncounted === 'function' ? uncounted(condition) : uncounted === true;
}
