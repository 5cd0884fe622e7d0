import type { Context } from '../context';
import { EXIT } from '../errors';
import type { Change } from '../plan/change';

/** The result for one function. */
export interface Result {
  readonly function: string;
  readonly region: string;
  readonly action: string;
  readonly changes?: readonly Change[];
  readonly notes?: readonly string[];
  /** Why nothing was done, and what the user can do. */
  readonly reason?: string;
}

const BAD = ['refused', 'failed', 'not begun'];

/** The changes of one function as a diff. */
export function printDiff({ ui }: Context, result: Result): void {
  const { out } = ui;
  ui.print(`${out.bold(result.function)} ${out.dim(result.region)}`);
  for (const { subject, before, after } of result.changes ?? []) {
    if (before !== undefined) ui.print(out.red(`  - ${subject}: ${before}`));
    if (after !== undefined) ui.print(out.green(`  + ${subject}: ${after}`));
  }
  if (result.changes?.length === 0) ui.print(out.dim('  the record of what is attached, in its tags'));
  for (const note of result.notes ?? []) ui.print(out.dim(`    ${note}`));
}

/** The table of all functions with their results, and the exit code. */
export function summarise(context: Context, results: readonly Result[], { check = false } = {}): number {
  const { ui } = context;
  ui.table(
    ['FUNCTION', 'REGION', 'RESULT', ''],
    results.map((result) => [
      result.function,
      result.region,
      result.action,
      result.reason ?? result.notes?.join('; ') ?? '',
    ]),
  );
  const counts = new Map<string, number>();
  for (const { action } of results) counts.set(action, (counts.get(action) ?? 0) + 1);
  if (results.length > 1) ui.print(`\n${[...counts].map(([action, count]) => `${count} ${action}`).join(', ')}`);
  ui.printJson({ functions: results, counts: Object.fromEntries(counts) });
  if (context.interrupt.requested) return EXIT.interrupted;
  if (check && results.some(({ action }) => action === 'would change')) return EXIT.wouldChange;
  return results.some(({ action }) => BAD.includes(action)) ? EXIT.failed : EXIT.ok;
}
