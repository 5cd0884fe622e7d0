// Copied from extension/config/rules/syntax.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import type { Ranges } from './code-points';

/** A pattern after parsing. */
export type Node =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'look'; readonly look: number }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  /** `most` may be `Infinity`. */
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly least: number;
      readonly most: number;
      readonly greedy: boolean;
    }
  | { readonly kind: 'group'; readonly node: Node; readonly index: number };

/** Conditions on a position in the text. */
export const LOOK = { start: 0, end: 1, lineStart: 2, lineEnd: 3, wordBoundary: 4, noWordBoundary: 5 } as const;

export interface ParsedPattern {
  readonly node: Node;
  /** The number of capturing groups, including the whole match. */
  readonly groups: number;
  /** The numbers of groups that have a name. */
  readonly names: ReadonlyMap<string, number>;
}

/** Why a pattern can't be used, for its author. */
export class PatternError extends Error {}

/** Whether the pattern can match an empty text. */
export function matchesEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'look':
      return true;
    case 'sequence':
      return node.nodes.every(matchesEmpty);
    case 'choice':
      return node.nodes.some(matchesEmpty);
    case 'repeat':
      return node.least === 0 || matchesEmpty(node.node);
    case 'group':
      return matchesEmpty(node.node);
  }
}
