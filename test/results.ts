import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What Node.js itself can't do is left out on it anywhere, and says so in these words; all other tests are skipped for
 * want of a tool.
 */
const NOT_FOR_WANT_OF_A_TOOL = /^Node\.js /;

export interface Results {
  /** How many tests have a result. */
  readonly reported: number;
  /** Names and reasons of the tests that were skipped for want of a tool. */
  readonly skipped: readonly (readonly [name: string, reason: string])[];
}

/** The results as `results-reporter.mjs` has written them. */
export function readResults(file: string): Results {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { reported?: number; skipped?: [string, string] });
  return {
    reported: lines.find(({ reported }) => reported !== undefined)?.reported ?? 0,
    skipped: lines.flatMap(({ skipped }) => (skipped && !NOT_FOR_WANT_OF_A_TOOL.test(skipped[1]) ? [skipped] : [])),
  };
}

/**
 * Results get lost when a process of the run ends too early, and the run would still pass.
 * @param folder where `child.mjs` has written how many tests each file declares.
 * @returns what is wrong, if something is.
 */
export function lostResults(folder: string, files: readonly string[], reported: number): string | undefined {
  const all = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { file: string; declared: number },
  );
  const silent = files.filter((file) => !all.some((one) => one.file.endsWith(file)));
  if (silent.length > 0) return `${silent.join(', ')}: the process ended before it could say how many tests there are.`;
  const declared = all.reduce((sum, one) => sum + one.declared, 0);
  return reported < declared
    ? `Results were lost: ${declared} tests were declared, and ${reported} have a result.`
    : undefined;
}
