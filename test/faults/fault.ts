import type { FakeLokiOptions } from '../loki/fake';
import type { Trial } from './trial';

/** Something that goes wrong, and what must come of it. */
export interface Fault {
  readonly name: string;
  /** One line: what happens. */
  readonly story: string;
  readonly loki?: FakeLokiOptions & { readonly proxied?: boolean };
  /** Why lines that the extension had acknowledged can't be saved here; without it, losing one is a failure. */
  readonly unavoidable?: string;
  /** Runs the fault and asserts what is special to it. Lines, duplicates and order are asserted for each afterwards. */
  run(trial: Trial): Promise<void>;
}

export const faults = <const T extends readonly Fault[]>(list: T): T => list;
