import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { layerParts } from '../aws/arn';
import { ARCHITECTURES, LAYER_NAME, layerName, type LayerArchitecture } from '../layer-zip';

/** Lambda's quotas. */
const MAX_LAYERS = 5;
const MAX_ENVIRONMENT_BYTES = 4096;
const MAX_TAGS = 50;

/** A reason why something can't be done, and what to do about it. */
export interface Obstacle {
  readonly reason: string;
  readonly wayOut: string;
}

const obstacle = (reason: string, wayOut: string): Obstacle => ({ reason, wayOut });

export function layersOf(config: FunctionConfiguration): string[] {
  return (config.Layers ?? []).flatMap(({ Arn: arn }) => arn ?? []);
}

export function variablesOf(config: FunctionConfiguration): Record<string, string> {
  return { ...config.Environment?.Variables };
}

export function architectureOf(config: FunctionConfiguration): string {
  return config.Architectures?.[0] ?? 'x86_64';
}

export function isLayerArchitecture(architecture: string): architecture is LayerArchitecture {
  return (ARCHITECTURES as readonly string[]).includes(architecture);
}

/**
 * Whether a layer is LambdaWatch's own, under the name that this command line uses or under one that an earlier README
 * used.
 */
export function isLambdaWatchLayer(arn: string, baseName: string): boolean {
  const { name } = layerParts(arn);
  return [LAYER_NAME, baseName].some(
    (base) => name === base || ARCHITECTURES.some((architecture) => name === layerName(base, architecture)),
  );
}

/** Why a function can't have the layer, regardless of the settings. */
export function layerObstacle(config: FunctionConfiguration): Obstacle | undefined {
  const name = config.FunctionName ?? '';
  if (config.PackageType === 'Image') {
    return obstacle(
      "it is a container image, which can't have layers",
      'lambdawatch extract writes the executable that goes into the image as /opt/extensions/lambdawatch',
    );
  }
  if (config.MasterArn !== undefined || /^us-(east|gov-east)-1\./.test(name)) {
    return obstacle('it is a replica of Lambda@Edge, which allows neither layers nor variables', 'exclude it');
  }
  const architecture = architectureOf(config);
  if (!isLayerArchitecture(architecture)) {
    return obstacle(
      `its architecture is ${architecture}, and there are layers for ${ARCHITECTURES.join(' and ')}`,
      'exclude it',
    );
  }
  if (config.Environment?.Error !== undefined) {
    return obstacle(
      `its variables can't be read (${config.Environment.Error.ErrorCode}: ${config.Environment.Error.Message}), and writing would lose them`,
      "allow kms:Decrypt on the function's key",
    );
  }
  return stateObstacle(config);
}

/** Why a function can't be changed in its present state. */
export function stateObstacle({
  State: state,
  StateReasonCode: code,
  StateReason: reason,
}: FunctionConfiguration): Obstacle | undefined {
  const why = code === undefined ? '' : ` (${code}${reason === undefined ? '' : `: ${reason}`})`;
  switch (state) {
    case 'Deleting':
      return obstacle('it is being deleted', 'exclude it');
    case 'Deactivating':
      return obstacle(`it is being deactivated${why}`, 'try again when that is over');
    case 'Deactivated':
      return obstacle(`it is deactivated${why}`, 'activate it first');
    case 'Failed':
      return obstacle(`its state is Failed${why}`, 'deploy it again first');
    // Pending is waited for; functions in the states Inactive and ActiveNonInvocable, and in any future state, can be
    // changed.
    default:
      return undefined;
  }
}

export function tooManyLayers(layers: readonly string[]): Obstacle | undefined {
  if (layers.length <= MAX_LAYERS) return undefined;
  return obstacle(
    `it has ${layers.length - 1} layers, and Lambda allows ${MAX_LAYERS}`,
    'join two of its layers, or take one away',
  );
}

/** @param record the tags that attaching sets, which replace those with the same prefix. AWS's own tags don't count. */
export function tooManyTags(
  tags: Readonly<Record<string, string>>,
  record: Readonly<Record<string, string>>,
): Obstacle | undefined {
  const others = Object.keys(tags).filter((key) => !/^(aws|lambdawatch):/.test(key)).length;
  const needed = Object.keys(record).length;
  if (others + needed <= MAX_TAGS) return undefined;
  return obstacle(
    `it has ${others} tags, the record of what attach changes takes ${needed} more, and Lambda allows ${MAX_TAGS}`,
    `take ${others + needed - MAX_TAGS} of its tags away`,
  );
}

/** Lambda measures the variables as JSON. */
export function environmentBytes(variables: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(JSON.stringify(variables), 'utf8');
}

export function environmentTooLarge(variables: Readonly<Record<string, string>>): Obstacle | undefined {
  const bytes = environmentBytes(variables);
  if (bytes <= MAX_ENVIRONMENT_BYTES) return undefined;
  const largest = Object.entries(variables)
    .map(([name, value]) => ({ name, size: Buffer.byteLength(value) }))
    .sort((a, b) => b.size - a.size);
  return obstacle(
    `its variables would take ${bytes} bytes, and Lambda allows ${MAX_ENVIRONMENT_BYTES}; the largest are ` +
      largest
        .slice(0, 3)
        .map(({ name, size }) => `${name} (${size})`)
        .join(', '),
    'shorten them, or move long ones to a file or a parameter',
  );
}

/** The CloudFormation stack that a function belongs to. */
export function stackOf(tags: Readonly<Record<string, string>>): string | undefined {
  return tags['aws:cloudformation:stack-name'];
}
