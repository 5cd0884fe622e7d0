import { arnParts } from '../aws/arn';
import type { FunctionState } from '../aws/functions';
import { type PolicyDocument, roleName } from '../aws/roles';
import { type ConfigurationChange, layerChanges, shown, variableChanges } from './change';
import {
  environmentTooLarge,
  isLambdaWatchLayer,
  layerObstacle,
  layersOf,
  type Obstacle,
  stackOf,
  tooManyLayers,
  tooManyTags,
  variablesOf,
} from './function-view';
import { type AttachRecord, digestOf, isOurs, readRecord, recordTags, sameRecord } from './record';
import { type Need, secretNeeds, secretPolicy, secretPolicyName } from './secrets';

export interface AttachRequest {
  /** ARN of the layer version for the function's architecture. */
  readonly layer: string;
  /** The name of the layers without the architecture. */
  readonly layerName: string;
  /** The user's settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** Settings that are added if the function has none. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Settings of an earlier `attach` to remove. */
  readonly unset: readonly string[];
  readonly packageVersion: string;
  /** Variables that the extension reads as alternatives to others, by which a user may have set those. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Let the role read the secrets, by an inline policy; `key` is their KMS key, if access to it has to be granted. */
  readonly grant?: { readonly key?: string };
  /** Whether functions that belong to CloudFormation are attached, too. */
  readonly force: boolean;
}

export type AttachPlan =
  | { readonly kind: 'refused' | 'skipped'; readonly obstacle: Obstacle }
  | {
      readonly kind: 'unchanged' | 'change';
      readonly change: ConfigurationChange;
      readonly record: AttachRecord;
      readonly notes: readonly string[];
      /** The permissions that the role needs for the secrets in the function's settings. */
      readonly needs: readonly Need[];
      /** The inline policy that is written. */
      readonly policy?: { readonly role: string; readonly name: string; readonly document: PolicyDocument };
    };

/** Plans the attachment of a function: a new configuration and its record, or the reason why not. */
export function planAttach({ config, tags }: FunctionState, request: AttachRequest): AttachPlan {
  const refused = (obstacle: Obstacle): AttachPlan => ({ kind: 'refused', obstacle });
  const impossible = layerObstacle(config);
  if (impossible) return refused(impossible);
  if (tags === undefined) {
    return refused({
      reason: "its tags can't be read, which say who made it and what was attached",
      wayOut: 'allow lambda:ListTags',
    });
  }
  const stack = stackOf(tags);
  if (stack !== undefined && !request.force) {
    return {
      kind: 'skipped',
      obstacle: {
        reason: `CloudFormation made it: the next deployment of the stack ${stack} that changes the function's layers or variables would undo this`,
        wayOut: 'attach it in its template, or pass --force',
      },
    };
  }

  const record = readRecord(tags);
  const notes: string[] = [];
  const before = { layers: layersOf(config), variables: variablesOf(config) };
  const layers = withLayer(before.layers, request, record);
  const full = tooManyLayers(layers);
  if (full) return refused(full);

  const variables = { ...before.variables };
  const ours = new Map<string, string>();
  for (const name of record?.variables.keys() ?? []) {
    if (!isOurs(record, name, variables[name])) continue;
    if (request.unset.includes(name)) delete variables[name];
    else ours.set(name, variables[name]);
  }
  const wanted = {
    ...Object.fromEntries(Object.entries(request.defaults).filter(([name]) => variables[name] === undefined)),
    ...request.settings,
  };
  for (const [name, value] of Object.entries(wanted)) {
    const own = variables[name] === undefined ? request.aliases[name] : ours.has(name) ? undefined : name;
    if (own !== undefined && variables[own] !== undefined) {
      if (variables[own] !== value)
        notes.push(`${own} stays ${shown(own, variables[own])}: the function sets it itself`);
      continue;
    }
    variables[name] = value;
    ours.set(name, value);
  }
  if (variables.LOKI_ENDPOINT === undefined && variables.LOKI_URL === undefined) {
    return refused({
      reason: 'nothing says where its logs go',
      wayOut: 'pass --endpoint https://logs.example.com/loki/api/v1/push',
    });
  }
  const large = environmentTooLarge(variables);
  if (large) return refused(large);

  const replaced = record ? record.replaced : before.layers.find((arn) => isLambdaWatchLayer(arn, request.layerName));
  const needs = secretNeeds(variables);
  const { name, region } = arnParts(config.FunctionArn ?? '');
  const role = roleName(config.Role ?? '');
  const policy =
    request.grant && needs.length > 0
      ? { role, name: secretPolicyName(region, name), document: secretPolicy(needs, request.grant.key) }
      : undefined;
  const policyRecord = policy ? `${policy.role}/${policy.name}` : record?.policy;
  const next: AttachRecord = {
    version: request.packageVersion,
    layer: request.layer,
    ...(replaced === undefined ? {} : { replaced }),
    ...(policyRecord === undefined ? {} : { policy: policyRecord }),
    variables: new Map([...ours].map(([variable, value]) => [variable, digestOf(value)])),
  };
  const crowded = tooManyTags(tags, recordTags(next));
  if (crowded) return refused(crowded);
  const changes = [...layerChanges(before.layers, layers), ...variableChanges(before.variables, variables)];
  const kind = changes.length === 0 && sameRecord(tags, next) ? 'unchanged' : 'change';
  return {
    kind,
    change: { layers, variables, changes },
    record: next,
    notes,
    needs,
    ...(policy === undefined ? {} : { policy }),
  };
}

/** Replaces an earlier version of the layer, or appends the layer. The others keep their order. */
function withLayer(
  layers: readonly string[],
  { layer, layerName }: AttachRequest,
  record: AttachRecord | undefined,
): string[] {
  const mine = (arn: string): boolean => arn === record?.layer || isLambdaWatchLayer(arn, layerName);
  const at = layers.findIndex(mine);
  const others = layers.filter((arn) => !mine(arn));
  if (at < 0) return [...others, layer];
  const place = layers.slice(0, at).filter((arn) => !mine(arn)).length;
  return [...others.slice(0, place), layer, ...others.slice(place)];
}
