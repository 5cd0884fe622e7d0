import { CATALOGUE } from '../../extension/config/catalogue';
import { applySteps, planSteps, type Step } from '../apply';
import { arnParts } from '../aws/arn';
import { changeFunction, type Intent } from '../aws/change-function';
import type { FunctionState } from '../aws/functions';
import { moveAlias } from '../aws/move-alias';
import { Roles } from '../aws/roles';
import { type CommonOptions, type Context, createContext } from '../context';
import { CliError, UsageError } from '../errors';
import { type LayerArchitecture, layerName, packageVersion } from '../layer-zip';
import type { Result } from '../output/report';
import { planAlias, releasedAlong } from '../plan/alias';
import { type AttachPlan, type AttachRequest, planAttach } from '../plan/attach';
import { architectureOf, isLayerArchitecture, type Obstacle } from '../plan/function-view';
import { recordKeys, recordTags } from '../plan/record';
import { checkLayerName, publishLayer } from '../publish-layer';
import { type Found, readFunctions } from '../read-functions';
import { select, type Selectors } from '../select';
import { checkSettings, DEFAULTS, settingNamed, settingsFromFile, settingsFromOptions } from '../settings/settings';

export interface AttachOptions extends CommonOptions, Selectors {
  readonly fromFile?: string;
  readonly unset?: string[];
  readonly layerName: string;
  readonly alias?: string;
  readonly grant?: boolean;
  readonly grantKey?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly yes?: boolean;
}

/** A plan that can be carried out. */
type Planned = Exclude<AttachPlan, { obstacle: unknown }>;

/** Names that functions use themselves, with other meanings. */
const AMBIGUOUS = ['BUFFER_SIZE', 'SERVICE_NAME'];

/** Attaches the extension to functions. */
export async function attach(options: AttachOptions): Promise<number> {
  checkLayerName(options.layerName);
  const settings = {
    ...(options.fromFile === undefined ? {} : settingsFromFile(options.fromFile)),
    ...settingsFromOptions({ ...options }),
  };
  checkSettings(settings);
  if (options.grantKey !== undefined && !/^arn:aws[a-z-]*:kms:/.test(options.grantKey)) {
    throw new UsageError(`--grant-key is ${JSON.stringify(options.grantKey)}; give the ARN of a KMS key`);
  }
  const context = createContext(options);
  const found = await readFunctions(context, await select(context, options), options.alias);
  const request: Omit<AttachRequest, 'layer'> = {
    layerName: options.layerName,
    settings,
    defaults: DEFAULTS,
    aliases: Object.fromEntries(
      CATALOGUE.flatMap(({ variable, alias }) =>
        alias === undefined || AMBIGUOUS.includes(alias) ? [] : [[variable, alias]],
      ),
    ),
    unset: (options.unset ?? []).map((name) => settingNamed(name, '--unset: ').variable),
    ...(options.grant || options.grantKey !== undefined ? { grant: { key: options.grantKey } } : {}),
    packageVersion: packageVersion(),
    force: options.force ?? false,
  };
  const layers = await LayerArns.find(context, options.layerName, found);
  const steps = await planSteps(context, found, (one) => stepFor(context, one, request, layers));
  return applySteps(context, steps, options, { doing: 'Attaching', question: 'Attach' }, () =>
    layers.publish(changing(steps)),
  );
}

function changing(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(
    steps.flatMap(({ planned, apply }) => (apply === undefined ? [] : [`${planned.region} ${planned.function}`])),
  );
}

async function stepFor(
  context: Context,
  one: Found,
  request: Omit<AttachRequest, 'layer'>,
  layers: LayerArns,
): Promise<Step> {
  const { name, region, named } = one.selected;
  const base = { function: name, region };
  if ('failure' in one) return { planned: { ...base, action: 'failed', reason: one.failure } };
  const { functions, state, alias } = one;
  const planFor = (current: FunctionState): AttachPlan =>
    one.edge
      ? { kind: 'refused', obstacle: one.edge }
      : planAttach(current, { ...request, layer: layers.of(current, region) });
  const shownLayer = layers.of(state, region);
  const plan = planFor(state);
  // Skipping a function that was given by name isn't a success.
  if ('obstacle' in plan)
    return { planned: { ...base, action: named ? 'refused' : plan.kind, reason: reasonOf(plan.obstacle) } };

  const ours = [...plan.record.variables.keys(), ...Object.keys(request.settings), ...request.unset];
  const aliasPlan = alias && planAlias(alias, state.config, plan.change, ours, request.layerName);
  if (aliasPlan?.kind === 'refused')
    return { planned: { ...base, action: 'refused', reason: reasonOf(aliasPlan.obstacle) } };

  const roles = new Roles(context.aws.iam(region));
  const grants =
    plan.policy !== undefined &&
    JSON.stringify(await roles.policy(plan.policy.role, plan.policy.name)) !== JSON.stringify(plan.policy.document);
  const changes = [
    ...plan.change.changes,
    ...(grants
      ? plan.needs.map(({ action, resource }) => ({ subject: 'role', after: `may ${action} ${resource}` }))
      : []),
    ...(aliasPlan?.kind === 'change' ? [aliasPlan.change] : []),
  ];
  const notes = [...plan.notes, ...(plan.policy === undefined ? await missing(roles, state, plan) : [])];
  if (plan.kind === 'unchanged' && !grants && aliasPlan?.kind !== 'change')
    return { planned: { ...base, action: 'unchanged', notes } };
  const planned: Result = { ...base, action: 'would change', changes, notes };
  return {
    planned,
    apply: async () => {
      await changeFunction(functions, name, state, (current) => {
        const next = planFor(current);
        if ('obstacle' in next) throw new CliError(reasonOf(next.obstacle));
        return next.kind === 'unchanged' && !grants ? undefined : intentOf(next, current, roles, grants);
      });
      // The layer has been published now and has its number.
      const layer = layers.of(state, region);
      const made = changes.map((change) =>
        change.subject === 'layer' && change.after === shownLayer ? { ...change, after: layer } : change,
      );
      if (alias && aliasPlan?.kind === 'change') {
        const version = await moveAlias(functions, name, alias, (latest) =>
          releasedAlong(alias, latest, ours, request.layerName),
        );
        return {
          ...planned,
          action: 'attached',
          changes: made,
          notes: [...notes, `alias ${alias.name}: version ${version}`],
        };
      }
      return { ...planned, action: 'attached', changes: made };
    },
  };
}

function intentOf(plan: Planned, { tags = {} }: FunctionState, roles: Roles, grants: boolean): Intent {
  const next = recordTags(plan.record);
  const { policy } = plan;
  return {
    change: plan.change,
    tags: next,
    untagBefore: recordKeys(tags).filter((key) => !(key in next)),
    ...(policy && grants
      ? {
          prepare: async () => {
            const before = await roles.policy(policy.role, policy.name);
            await roles.putPolicy(policy.role, policy.name, policy.document);
            return () =>
              before ? roles.putPolicy(policy.role, policy.name, before) : roles.deletePolicy(policy.role, policy.name);
          },
        }
      : {}),
  };
}

/** The permissions that the role lacks, as far as they can be found out. */
async function missing(roles: Roles, { config }: FunctionState, { needs }: Planned): Promise<string[]> {
  const notes: string[] = [];
  for (const { action, resource } of needs) {
    const allowed = await roles.allows(config.Role ?? '', action, resource);
    if (allowed === false) notes.push(`its role may not ${action} ${resource}; --grant allows it`);
    if (allowed === undefined)
      notes.push(
        `whether its role may ${action} ${resource} can't be found out (that takes iam:SimulatePrincipalPolicy); --grant allows it`,
      );
  }
  return notes;
}

function reasonOf({ reason, wayOut }: Obstacle): string {
  return wayOut === '' ? reason : `${reason}; ${wayOut}`;
}

/** The layer version for each region and architecture: an existing one, or one that is published when it is needed. */
class LayerArns {
  readonly #arns = new Map<string, string>();

  private constructor(
    private readonly context: Context,
    private readonly name: string,
    private readonly found: readonly Found[],
  ) {}

  static async find(context: Context, name: string, found: readonly Found[]): Promise<LayerArns> {
    const layers = new LayerArns(context, name, found);
    await Promise.all(
      [...layers.#needed(() => true)].map(async ({ key, region, account, partition, architecture }) => {
        const { arn } = await publishLayer(context, region, architecture, { name, share: [], dryRun: true });
        layers.#arns.set(
          key,
          arn ??
            `arn:${partition}:lambda:${region}:${account}:layer:${layerName(name, architecture)}:(to be published)`,
        );
      }),
    );
    return layers;
  }

  /** Publishes the layers that are missing for these functions. */
  async publish(functions: ReadonlySet<string>): Promise<void> {
    const { context, name } = this;
    await Promise.all(
      [...this.#needed((key) => functions.has(key))].map(async ({ key, region, architecture }) => {
        const { arn } = await publishLayer(context, region, architecture, { name, share: [], dryRun: false });
        this.#arns.set(key, arn ?? '');
      }),
    );
  }

  of({ config }: FunctionState, region: string): string {
    return this.#arns.get(`${region} ${architectureOf(config)}`) ?? '';
  }

  #needed(
    wanted: (fn: string) => boolean,
  ): Iterable<{ key: string; region: string; account: string; partition: string; architecture: LayerArchitecture }> {
    const needed = new Map<
      string,
      { key: string; region: string; account: string; partition: string; architecture: LayerArchitecture }
    >();
    for (const one of this.found) {
      if ('failure' in one || !wanted(`${one.selected.region} ${one.selected.name}`)) continue;
      const architecture = architectureOf(one.state.config);
      if (!isLayerArchitecture(architecture)) continue;
      const { region } = one.selected;
      const key = `${region} ${architecture}`;
      const { account, partition } = arnParts(one.state.config.FunctionArn ?? '');
      needed.set(key, { key, region, account, partition, architecture });
    }
    return needed.values();
  }
}
