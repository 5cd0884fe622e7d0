import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { applySteps, planSteps, type Step } from '../apply';
import { Functions } from '../aws/functions';
import { type PolicyDocument, roleName, Roles } from '../aws/roles';
import { type CommonOptions, type Context, createContext } from '../context';
import { CliError } from '../errors';
import { planPolicy, sharedWarnings, shipsDiagnostics } from '../plan/cloudwatch';
import { DENY_POLICY, isDenied, logGroupArns, policyTooLarge } from '../plan/log-group';
import { statusOf } from '../plan/status';
import { type Found, readFunctions } from '../read-functions';
import { select, type Selectors } from '../select';

export interface CloudWatchOptions extends CommonOptions, Selectors {
  readonly layerName: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly yes?: boolean;
}

/** How often a role's policy is written again because somebody else has changed it meanwhile: IAM has no revisions. */
const ATTEMPTS = 5;

/** Switches CloudWatch logs of functions off, or on again, by an inline policy of their roles. */
export async function cloudwatch(direction: 'on' | 'off', options: CloudWatchOptions): Promise<number> {
  const context = createContext(options);
  const off = direction === 'off';
  const found = await readFunctions(context, await select(context, options));
  const others = await allFunctions(context, found);
  const policies = new RolePolicies(context);
  const steps = await planSteps(context, found, (one) => stepFor(one, off, options, others, policies));
  const texts = off
    ? { doing: 'Switching CloudWatch off', question: 'Stop CloudWatch logs of' }
    : { doing: 'Switching CloudWatch on', question: 'Resume CloudWatch logs of' };
  return applySteps(context, steps, options, texts);
}

/** How the extension's own warnings are sent to Loki. */
function shipping({ PackageType: kind }: FunctionConfiguration): string {
  // Only layers can be attached.
  return kind === 'Image'
    ? 'its variable LOKI_SHIP_DIAGNOSTICS=true sends them to Loki'
    : 'lambdawatch attach --ship-diagnostics true sends them to Loki';
}

async function stepFor(
  one: Found,
  off: boolean,
  options: CloudWatchOptions,
  others: ReadonlyMap<string, FunctionConfiguration[]>,
  policies: RolePolicies,
): Promise<Step> {
  const { name, region, named } = one.selected;
  const base = { function: name, region };
  if ('failure' in one) return { planned: { ...base, action: 'failed', reason: one.failure } };
  const { config } = one.state;
  const { attached } = statusOf(one.state, options.layerName);
  if (off && attached === 'no' && !options.force) {
    const reason =
      "LambdaWatch is not attached, so that its logs would be nowhere; attach it first, or pass --force where it is attached in a way that can't be seen";
    return { planned: { ...base, action: named ? 'refused' : 'skipped', reason } };
  }
  const present = await policies.get(region, config.Role ?? '');
  const notes = [
    ...sharedWarnings(config, others.get(region) ?? [], off),
    ...(off && !shipsDiagnostics(config) ? [`the extension's own warnings will be nowhere; ${shipping(config)}`] : []),
  ];
  const denied = isDenied(present, config);
  if (denied === off) return { planned: { ...base, action: 'unchanged', notes } };
  const [group] = logGroupArns(config);
  const changes = [
    { subject: `role ${roleName(config.Role ?? '')}`, [off ? 'after' : 'before']: `deny logs on ${group}` },
  ];
  const planned = { ...base, action: 'would change', changes, notes };
  return {
    planned,
    apply: async () => {
      await policies.change(region, config, off);
      return { ...planned, action: off ? 'off' : 'on again' };
    },
  };
}

/** All functions of the regions, to find those that share a role. Users who may not list them get no warnings. */
async function allFunctions({ aws }: Context, found: readonly Found[]): Promise<Map<string, FunctionConfiguration[]>> {
  const regions = [...new Set(found.map(({ selected }) => selected.region))];
  return new Map(
    await Promise.all(
      regions.map(
        async (region): Promise<[string, FunctionConfiguration[]]> => [
          region,
          await new Functions(aws.lambda(region), region).list().catch(() => []),
        ],
      ),
    ),
  );
}

/** The policies of roles. They are changed one function at a time, because functions may share roles. */
class RolePolicies {
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(private readonly context: Context) {}

  get(region: string, role: string): Promise<PolicyDocument | undefined> {
    return this.#roles(region).policy(roleName(role), DENY_POLICY);
  }

  change(region: string, config: FunctionConfiguration, off: boolean): Promise<void> {
    const role = roleName(config.Role ?? '');
    const turn = (this.#turns.get(role) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#change(region, role, config, off));
    this.#turns.set(role, turn);
    return turn;
  }

  async #change(region: string, role: string, config: FunctionConfiguration, off: boolean): Promise<void> {
    const roles = this.#roles(region);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const present = await roles.policy(role, DENY_POLICY);
      if (isDenied(present, config) === off) return;
      const next = planPolicy(present, [{ config, off }]);
      const large = next && policyTooLarge(next, role);
      if (large) throw new CliError(large);
      if (next) await roles.putPolicy(role, DENY_POLICY, next);
      else await roles.deletePolicy(role, DENY_POLICY);
    }
    throw new CliError(
      `the policy ${DENY_POLICY} of the role ${role} is not what was written; somebody else may be writing it, or IAM is behind: look again with status`,
    );
  }

  #roles(region: string): Roles {
    return new Roles(this.context.aws.iam(region));
  }
}
