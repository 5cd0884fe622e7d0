import type { Context } from './context';
import { each } from './each';
import { CliError, EXIT } from './errors';
import type { Found } from './read-functions';
import { printDiff, type Result, summarise } from './output/report';

/** The plan for one function: a result if there is nothing to do, or the change. */
export interface Step {
  readonly planned: Result;
  /** @returns the result; absent where there is nothing to do. */
  readonly apply?: () => Promise<Result>;
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly yes?: boolean;
}

/** Plans the change of each function, several at a time, because planning calls AWS, too. */
export async function planSteps(
  context: Context,
  found: readonly Found[],
  plan: (one: Found) => Promise<Step>,
): Promise<Step[]> {
  const outcomes = await each(context, 'Planning', found, plan);
  return outcomes.map((outcome, i) => {
    if ('value' in outcome) return outcome.value;
    const { name, region } = found[i].selected;
    return {
      planned: {
        function: name,
        region,
        ...('failure' in outcome
          ? { action: 'failed', reason: outcome.failure }
          : { action: 'not begun', reason: 'interrupted' }),
      },
    };
  });
}

/**
 * Shows what would change, asks, changes it, and returns the exit code. @param before called once, after the question
 */
export async function applySteps(
  context: Context,
  steps: readonly Step[],
  options: ApplyOptions,
  texts: { doing: string; question: string },
  before?: () => Promise<void>,
): Promise<number> {
  const { ui } = context;
  const changing = steps.filter(({ apply }) => apply !== undefined);
  for (const { planned } of changing) printDiff(context, planned);
  if (changing.length > 0) ui.print('');
  if (options.dryRun || options.check || changing.length === 0)
    return summarise(
      context,
      steps.map(({ planned }) => planned),
      options,
    );
  const notBegun = ({ planned, apply }: Step): Result =>
    apply ? { ...planned, action: 'not begun', reason: 'interrupted' } : planned;
  if (context.interrupt.requested) return summarise(context, steps.map(notBegun));
  if (!options.yes) {
    const go = await ui.confirm(`${texts.question} ${changing.length} function${changing.length === 1 ? '' : 's'}?`);
    if (!go) throw new CliError('nothing was changed', EXIT.failed);
  }
  await before?.();
  const outcomes = await each(context, texts.doing, changing, ({ apply }) => apply!());
  const results = new Map(
    changing.map((step, i): [Step, Result] => {
      const outcome = outcomes[i];
      if ('value' in outcome) return [step, outcome.value];
      const { planned } = step;
      return [step, 'failure' in outcome ? { ...planned, action: 'failed', reason: outcome.failure } : notBegun(step)];
    }),
  );
  return summarise(
    context,
    steps.map((step) => results.get(step) ?? step.planned),
  );
}
