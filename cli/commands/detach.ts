import { applySteps, planSteps, type Step } from '../apply';
import { changeFunction } from '../aws/change-function';
import { moveAlias } from '../aws/move-alias';
import { roleName, Roles } from '../aws/roles';
import { type CommonOptions, type Context, createContext } from '../context';
import { CliError } from '../errors';
import type { Result } from '../output/report';
import { planAlias, releasedAlong } from '../plan/alias';
import { planDetach } from '../plan/detach';
import { DENY_POLICY, isDenied } from '../plan/log-group';
import { readRecord } from '../plan/record';
import { type Found, readFunctions } from '../read-functions';
import { select, type Selectors } from '../select';

export interface DetachOptions extends CommonOptions, Selectors {
  readonly layerName: string;
  readonly alias?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Undoes what `attach` has changed. */
export async function detach(options: DetachOptions): Promise<number> {
  const context = createContext(options);
  const found = await readFunctions(context, await select(context, options), options.alias);
  const steps = await planSteps(context, found, (one) => stepFor(context, one, options));
  return applySteps(context, steps, options, { doing: 'Detaching', question: 'Detach' });
}

async function stepFor(context: Context, one: Found, options: DetachOptions): Promise<Step> {
  const { name, region, named } = one.selected;
  const base = { function: name, region };
  if ('failure' in one) return { planned: { ...base, action: 'failed', reason: one.failure } };
  const { functions, state, alias } = one;
  const plan = planDetach(state, options);
  if (plan.kind !== 'change') {
    const { reason, wayOut } = plan.obstacle;
    // If there is nothing to remove, the goal is reached, unless the layer was attached by other means.
    const action = plan.kind === 'skipped' && wayOut === '' ? 'unchanged' : named ? 'refused' : plan.kind;
    return { planned: { ...base, action, reason: wayOut === '' ? reason : `${reason}; ${wayOut}` } };
  }
  const ours = [...(readRecord(state.tags ?? {})?.variables.keys() ?? [])];
  const aliasPlan = alias && planAlias(alias, state.config, plan.change, ours, options.layerName);
  if (aliasPlan?.kind === 'refused')
    return {
      planned: { ...base, action: 'refused', reason: `${aliasPlan.obstacle.reason}; ${aliasPlan.obstacle.wayOut}` },
    };
  const changes = [
    ...plan.change.changes,
    ...(plan.policy === undefined ? [] : [{ subject: 'role', before: `policy ${plan.policy}` }]),
    ...(aliasPlan?.kind === 'change' ? [aliasPlan.change] : []),
  ];
  // Users who may not read the role's policies can still detach.
  const role = roleName(state.config.Role ?? '');
  const policy = await new Roles(context.aws.iam(region)).policy(role, DENY_POLICY).catch(() => undefined);
  const notes = [
    ...plan.notes,
    ...(isDenied(policy, state.config)
      ? [
          `its CloudWatch logs are off, so that its logs will be nowhere; lambdawatch cloudwatch on --function ${name} resumes them`,
        ]
      : []),
  ];
  const planned: Result = { ...base, action: 'would change', changes, notes };
  return {
    planned,
    apply: async () => {
      await changeFunction(functions, name, state, (current) => {
        const next = planDetach(current, options);
        if (next.kind === 'refused') throw new CliError(`${next.obstacle.reason}; ${next.obstacle.wayOut}`);
        return next.kind === 'change' ? { change: next.change, untagAfter: next.untag } : undefined;
      });
      if (plan.policy !== undefined) {
        const [roleOfGrant, grant] = plan.policy.split('/');
        await new Roles(context.aws.iam(region)).deletePolicy(roleOfGrant, grant);
      }
      if (alias && aliasPlan?.kind === 'change') {
        const version = await moveAlias(functions, name, alias, (latest) =>
          releasedAlong(alias, latest, ours, options.layerName),
        );
        return { ...planned, action: 'detached', notes: [...notes, `alias ${alias.name}: version ${version}`] };
      }
      return { ...planned, action: 'detached' };
    },
  };
}
