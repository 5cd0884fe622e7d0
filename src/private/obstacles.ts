import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { isImage } from './peek';
import { isAtEdge, isCdkOwn, isImportedFunction, isRawFunction, ownFunction } from './targets';

/** Why the layer can't go onto a function. */
export interface Obstacle {
  /** What `Annotations.acknowledgeWarning` takes. */
  readonly id: string;
  /** Follows the function's path. */
  readonly reason: string;
  readonly wayOut: string;
  /** Nothing that the user has to decide on: said, but not as a warning. */
  readonly expected?: boolean;
}

export const IMAGE: Obstacle = {
  id: 'lambdawatch:container-image',
  reason: 'is a container image, and images can\'t have layers',
  wayOut: 'Copy the executable into the image (LambdaWatchLayer.copyExecutable, then COPY it to /opt/extensions/lambdawatch in the Dockerfile) ' +
    'and call attachImage for the settings and grants',
};

const CDK_OWN: Obstacle = {
  id: 'lambdawatch:cdk-function',
  reason: 'is a function that CDK made for itself',
  wayOut: 'Attach your own functions instead',
  expected: true,
};

const IMPORTED: Obstacle = {
  id: 'lambdawatch:imported-function',
  reason: 'is an imported function, which this app can\'t change',
  wayOut: 'Attach it in the app that makes it',
  expected: true,
};

const RAW: Obstacle = {
  id: 'lambdawatch:cfn-function',
  reason: 'is a raw CloudFormation resource, whose role is not known',
  wayOut: 'Call attachCfnFunction with the resource and its role, or set `layerFor` and `environmentFor` on it by hand',
};

const EDGE: Obstacle = {
  id: 'lambdawatch:edge-function',
  reason: 'runs at Lambda@Edge, which allows neither layers nor environment variables',
  wayOut: 'Leave it out',
};

const ARCHITECTURE: Obstacle = {
  id: 'lambdawatch:architecture',
  reason: 'has an architecture for which this package has no layer, or one that is only known at deployment',
  wayOut: 'Give it lambda.Architecture.X86_64 or ARM_64, or pass a `layer`',
};

/** Why `addLayers` refused: five layers are there already, or a layer of the caller's is not for the function's runtime. */
export function layerRefused(error: unknown): Obstacle {
  const message = error instanceof Error ? error.message : String(error);
  return {
    id: /\b5 layers/.test(message) ? 'lambdawatch:layer-limit' : 'lambdawatch:layer-refused',
    reason: `can't take the layer (${message.replace(/\.$/, '')})`,
    wayOut: 'Lambda allows five layers on a function, so join two into one; a `layer` of your own must be for the function\'s runtime',
  };
}

/**
 * What keeps the layer off a construct; `undefined` when nothing does, or when the construct is no function at all.
 * @param ownLayer the layer that would be used, when the caller brought one
 */
export function obstacleFor(construct: IConstruct, ownLayer: lambda.ILayerVersion | undefined): Obstacle | undefined {
  const own = ownFunction(construct);
  if (own === undefined) {
    if (isImportedFunction(construct)) return IMPORTED;
    if (!isRawFunction(construct)) return undefined;
    return isCdkOwn(construct) ? CDK_OWN : RAW;
  }
  if (isCdkOwn(construct)) return CDK_OWN;
  if (isAtEdge(own)) return EDGE;
  if (isImage(own.resource)) return IMAGE;
  return ownLayer === undefined && !hasKnownArchitecture(own.construct) ? ARCHITECTURE : undefined;
}

function hasKnownArchitecture({ architecture: { name } }: lambda.Function): boolean {
  return !Token.isUnresolved(name) && [lambda.Architecture.X86_64.name, lambda.Architecture.ARM_64.name].includes(name);
}
