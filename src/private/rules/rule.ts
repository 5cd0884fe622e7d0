// Copied from extension/config/rules/rule.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import type { Program } from './program';

export const RULE_STREAMS = ['function', 'platform', 'extension'] as const;
export type RuleStream = (typeof RULE_STREAMS)[number];

/** Datadog's words, so that its rules can be pasted, and `sample`. */
export const RULE_TYPES = ['exclude_at_match', 'include_at_match', 'mask_sequences', 'sample'] as const;

/** What replaces a match: text, and the numbers of groups. */
export type Replacement = readonly (string | number)[];

interface Common {
  readonly name: string;
  /** The streams that the rule applies to. */
  readonly on: ReadonlySet<RuleStream>;
}

export type Rule = Common &
  (
    | { readonly type: 'exclude_at_match' | 'include_at_match'; readonly program: Program }
    | { readonly type: 'mask_sequences'; readonly program: Program; readonly replacement: Replacement }
    /**
     * `rate` is the share of invocations whose lines are kept; without `program` the rule applies to all their lines.
     */
    | { readonly type: 'sample'; readonly rate: number; readonly program: Program | undefined }
    /** A mask that can't be used. `why` tells the reader of the log the reason. */
    | { readonly type: 'withhold'; readonly why: string }
  );

export interface ReadRules {
  readonly rules: readonly Rule[];
  readonly problems: readonly string[];
}
