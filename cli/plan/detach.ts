import type { FunctionState } from '../aws/functions';
import { type ConfigurationChange, layerChanges, shown, variableChanges } from './change';
import { isLambdaWatchLayer, layersOf, type Obstacle, stateObstacle, variablesOf } from './function-view';
import { isOurs, readRecord, recordKeys } from './record';

export type DetachPlan =
  | { readonly kind: 'refused' | 'skipped'; readonly obstacle: Obstacle }
  | {
      readonly kind: 'change';
      readonly change: ConfigurationChange;
      readonly untag: readonly string[];
      readonly notes: readonly string[];
      /** `role/policy` of the inline policy that is removed, too. */
      readonly policy?: string;
    };

/** Undoes the changes of `attach` according to the record, and nothing else. */
export function planDetach({ config, tags }: FunctionState, { layerName }: { readonly layerName: string }): DetachPlan {
  if (tags === undefined) {
    return {
      kind: 'refused',
      obstacle: {
        reason: "its tags can't be read, which say what attach has changed",
        wayOut: 'allow lambda:ListTags',
      },
    };
  }
  const before = { layers: layersOf(config), variables: variablesOf(config) };
  const record = readRecord(tags);
  if (record === undefined) {
    const byHand = before.layers.find((arn) => isLambdaWatchLayer(arn, layerName));
    if (byHand === undefined) return { kind: 'skipped', obstacle: { reason: 'it is not attached', wayOut: '' } };
    return {
      kind: 'skipped',
      obstacle: {
        reason: `it has the layer ${byHand}, which this command line has not attached`,
        wayOut: 'take it away by the means that attached it',
      },
    };
  }
  const unreadable = config.Environment?.Error;
  if (unreadable) {
    return {
      kind: 'refused',
      obstacle: {
        reason: `its variables can't be read (${unreadable.ErrorCode}), and writing would lose them`,
        wayOut: 'allow kms:Decrypt on its key',
      },
    };
  }
  const state = stateObstacle(config);
  if (state) return { kind: 'refused', obstacle: state };

  const notes: string[] = [];
  const mine = (arn: string): boolean => arn === record.layer || isLambdaWatchLayer(arn, layerName);
  const layers = [
    ...new Set(
      before.layers.flatMap((arn) => (!mine(arn) ? [arn] : record.replaced === undefined ? [] : [record.replaced])),
    ),
  ];
  const variables = { ...before.variables };
  for (const name of record.variables.keys()) {
    if (isOurs(record, name, variables[name])) delete variables[name];
    else if (variables[name] !== undefined)
      notes.push(`${name} stays ${shown(name, variables[name])}: it was changed after attaching`);
  }
  const changes = [...layerChanges(before.layers, layers), ...variableChanges(before.variables, variables)];
  return {
    kind: 'change',
    change: { layers, variables, changes },
    untag: recordKeys(tags),
    notes,
    ...(record.policy === undefined ? {} : { policy: record.policy }),
  };
}
