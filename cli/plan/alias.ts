import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Change, ConfigurationChange } from './change';
import { isLambdaWatchLayer, layersOf, type Obstacle, variablesOf } from './function-view';

/** An alias, and the configuration of the version that it stands for. */
export interface AliasState {
  readonly name: string;
  readonly version: string;
  /** Whether part of the traffic goes to another version. */
  readonly weighted: boolean;
  readonly revisionId?: string;
  readonly config: FunctionConfiguration;
}

export type AliasPlan =
  | { readonly kind: 'refused'; readonly obstacle: Obstacle }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'change'; readonly change: Change };

/**
 * Whether an alias has to be moved to a new version. It is not moved if that would release anything but the layer and
 * our variables, for example code that was deployed to `$LATEST` and isn't released yet.
 * @param latest the function's configuration before the change
 * @param ours names of the variables that may differ
 */
export function planAlias(
  alias: AliasState,
  latest: FunctionConfiguration,
  change: ConfigurationChange,
  ours: readonly string[],
  layerName: string,
): AliasPlan {
  const refused = (reason: string, wayOut: string): AliasPlan => ({ kind: 'refused', obstacle: { reason, wayOut } });
  const same =
    JSON.stringify([layersOf(alias.config), sorted(variablesOf(alias.config))]) ===
    JSON.stringify([change.layers, sorted(change.variables)]);
  if (same && alias.version !== '$LATEST') return { kind: 'unchanged' };
  if (alias.version === '$LATEST') return { kind: 'unchanged' };
  if (alias.weighted)
    return refused(`the alias ${alias.name} is split between two versions`, 'let its deployment finish');
  const obstacle = releasedAlong(alias, latest, ours, layerName);
  if (obstacle) return { kind: 'refused', obstacle };
  return {
    kind: 'change',
    change: { subject: `alias ${alias.name}`, before: `version ${alias.version}`, after: 'a new version' },
  };
}

/** What moving the alias to `$LATEST` would release besides the layer and our variables. */
export function releasedAlong(
  alias: AliasState,
  latest: FunctionConfiguration,
  ours: readonly string[],
  layerName: string,
): Obstacle | undefined {
  const different = differences(alias.config, latest, ours, layerName);
  if (different.length === 0) return undefined;
  return {
    reason: `the alias ${alias.name} is at version ${alias.version}, and ${different.join(', ')} of $LATEST differ from it, which would be released along`,
    wayOut: 'release $LATEST first, or leave --alias out',
  };
}

function differences(
  a: FunctionConfiguration,
  b: FunctionConfiguration,
  ours: readonly string[],
  layerName: string,
): string[] {
  const parts = (config: FunctionConfiguration): Record<string, unknown> => ({
    code: config.CodeSha256,
    runtime: config.Runtime,
    handler: config.Handler,
    role: config.Role,
    timeout: config.Timeout,
    memory: config.MemorySize,
    'other layers': layersOf(config).filter((arn) => !isLambdaWatchLayer(arn, layerName)),
    'other variables': sorted(
      Object.fromEntries(Object.entries(variablesOf(config)).filter(([name]) => !ours.includes(name))),
    ),
  });
  const [left, right] = [parts(a), parts(b)];
  return Object.keys(left).filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
}

function sorted(variables: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}
