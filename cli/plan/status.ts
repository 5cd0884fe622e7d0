import { CATALOGUE } from '../../extension/config/catalogue';
import { layerParts } from '../aws/arn';
import type { FunctionState } from '../aws/functions';
import { ARCHITECTURES } from '../layer-zip';
import { problemsOf } from '../settings/settings';
import { shown } from './change';
import {
  architectureOf,
  environmentTooLarge,
  isLambdaWatchLayer,
  layersOf,
  stateObstacle,
  variablesOf,
} from './function-view';
import { readRecord } from './record';

/** What is known about a function without reading its role. */
export interface FunctionStatus {
  /**
   * `attached` by the command line; `other` if the layer was attached by other means; `image` where that can't be seen.
   */
  readonly attached: 'attached' | 'other' | 'image' | 'no';
  /** ARN of the layer version. */
  readonly layer?: string;
  /** The version of the package that attached it. */
  readonly version?: string;
  readonly endpoint?: string;
  /** Settings that differ from the default, masked. */
  readonly settings: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

/** @param current the ARN of the layer version that this package would attach, if it is published */
export function statusOf({ config, tags = {} }: FunctionState, layerName: string, current?: string): FunctionStatus {
  const record = readRecord(tags);
  const variables = variablesOf(config);
  const layer = layersOf(config).find((arn) => arn === record?.layer || isLambdaWatchLayer(arn, layerName));
  const image = config.PackageType === 'Image' && (variables.LOKI_ENDPOINT ?? variables.LOKI_URL) !== undefined;
  const attached = record ? 'attached' : layer !== undefined ? 'other' : image ? 'image' : 'no';
  if (attached === 'no') return { attached, settings: {}, problems: [] };
  const endpoint = variables.LOKI_ENDPOINT ?? variables.LOKI_URL;
  return {
    attached,
    ...(layer === undefined ? {} : { layer }),
    ...(record === undefined ? {} : { version: record.version }),
    ...(endpoint === undefined ? {} : { endpoint: shown('LOKI_ENDPOINT', endpoint) }),
    settings: settingsOf(variables),
    problems: problems(layer, current),
  };

  function problems(found: string | undefined, newest: string | undefined): string[] {
    const list: string[] = [];
    const state = stateObstacle(config);
    if (state) list.push(state.reason);
    if (config.LastUpdateStatus === 'Failed')
      list.push(`its last update failed: ${config.LastUpdateStatusReasonCode ?? config.LastUpdateStatusReason}`);
    if (found === undefined && !image)
      list.push('the layer is missing, though it was attached; a deployment may have taken it away: attach again');
    const architecture =
      found === undefined ? undefined : ARCHITECTURES.find((one) => layerParts(found).name.endsWith(`-${one}`));
    if (architecture !== undefined && architecture !== architectureOf(config)) {
      list.push(`the layer is for ${architecture} and the function is ${architectureOf(config)}: attach again`);
    }
    if (config.Environment?.Error !== undefined)
      list.push(`its variables can't be read (${config.Environment.Error.ErrorCode})`);
    else list.push(...problemsOf(variables).map(({ variable, text }) => `${variable}: ${text}`));
    const large = environmentTooLarge(variables);
    if (large) list.push(large.reason);
    if (found !== undefined && newest !== undefined && found !== newest && record)
      list.push("another version of the layer than this package's: attach again to upgrade");
    return list;
  }
}

const DEFAULTS = new Map(
  CATALOGUE.map(({ variable, default: value }) => [variable, value === undefined ? undefined : String(value)]),
);

function settingsOf(variables: Readonly<Record<string, string>>): Record<string, string> {
  const given = CATALOGUE.map(({ variable }) => variable).filter(
    (name) => variables[name] !== undefined && variables[name] !== DEFAULTS.get(name),
  );
  return Object.fromEntries(
    given.filter((name) => name !== 'LOKI_ENDPOINT').map((name) => [name, shown(name, variables[name])]),
  );
}
