// Copied from extension/config/rules/replacement.ts by `npx tsx build/settings.ts`. Don't edit it by hand.

import type { Replacement } from './rule';

/** Longer ones would turn short matches into long lines. */
const LONGEST = 256;

export interface ParsedReplacement {
  readonly replacement: Replacement;
  readonly problem?: string;
}

/**
 * Reads `replace_placeholder`: `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar sign. As in
 * Datadog, `$1x` is the group with the name `1x`.
 */
export function parseReplacement(text: string, groups: number, names: ReadonlyMap<string, number>): ParsedReplacement {
  if (text.length > LONGEST) {
    return {
      replacement: [text.slice(0, LONGEST)],
      problem: `has a replace_placeholder of more than ${LONGEST} characters`,
    };
  }
  const replacement: (string | number)[] = [];
  const unknown: string[] = [];
  let done = 0;
  for (const found of text.matchAll(/\$(?:\$|(\w+)|\{([^}]*)\})/g)) {
    if (found.index > done) replacement.push(text.slice(done, found.index));
    done = found.index + found[0].length;
    const name = found[1] ?? found[2];
    const group = name === undefined ? '$' : groupOf(name, groups, names);
    if (group === undefined) unknown.push(found[0]);
    else replacement.push(group);
  }
  if (done < text.length) replacement.push(text.slice(done));
  if (unknown.length === 0) return { replacement };
  const [first] = unknown;
  const behind = /^\$(\d+)\D/.exec(first)?.[1];
  return {
    replacement,
    problem:
      `has ${first} in its replace_placeholder, which is no group of the pattern` +
      (behind === undefined ? ' (a literal dollar sign is $$)' : ` (to put text behind a group, write \${${behind}})`),
  };
}

function groupOf(name: string, groups: number, names: ReadonlyMap<string, number>): number | undefined {
  if (!/^\d{1,4}$/.test(name)) return names.get(name);
  return Number(name) < groups ? Number(name) : undefined;
}
