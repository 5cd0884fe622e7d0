import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { hasLayer } from './layer-zip';
import { isImage } from './peek';
import {
  OwnFunction,
  RawFunction,
  architectureOf,
  hasProperties,
  isCdkOwn,
  isEdgeFunction,
  isImportedFunction,
  isRawFunction,
  ownFunction,
  trustsEdge,
} from './targets';

/** Why the layer can't be added to a function. */
export interface Obstacle {
  /** The id for `Annotations.acknowledgeWarning`. */
  readonly id: string;
  /** Text after the function's path. */
  readonly reason: string;
  readonly wayOut: string;
  /** The user has nothing to decide: there is no warning. */
  readonly expected?: boolean;
}

export const IMAGE: Obstacle = {
  id: 'lambdawatch:container-image',
  reason: "is a container image, and images can't have layers",
  wayOut:
    'Copy the executable into the image (LambdaWatchLayer.copyExecutable, then COPY it to ' +
    '/opt/extensions/lambdawatch in the Dockerfile) ' +
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
  reason: "is an imported function, which this app can't change",
  wayOut: 'Attach it in the app that makes it',
  expected: true,
};

const RAW: Obstacle = {
  id: 'lambdawatch:cfn-function',
  reason: 'is a raw CloudFormation resource, whose role is not known',
  wayOut:
    'Call attachCfnFunction with the resource and its role, or set grantAccess to false and allow the role to read ' +
    'the credentials ' +
    'elsewhere',
};

const UNREADABLE: Obstacle = {
  id: 'lambdawatch:cfn-function',
  reason:
    "is a raw CloudFormation resource whose layers or environment can't be added to: they are a token as a whole, or it " +
    'was made as a ' +
    'plain CfnResource',
  wayOut: 'Set them as a list and an object, or add `layerFor` and `environmentFor` by hand',
};

const FULL: Obstacle = {
  id: 'lambdawatch:layer-limit',
  reason: 'has 5 layers already, which is all that Lambda allows',
  wayOut: 'Join two of its layers into one',
};

const EDGE: Obstacle = {
  id: 'lambdawatch:edge-function',
  reason: 'runs at Lambda@Edge, which allows neither layers nor environment variables',
  wayOut: 'Leave it out',
};

const EDGE_ROLE: Obstacle = {
  id: 'lambdawatch:edge-function',
  reason: 'has a role that trusts Lambda@Edge, which allows neither layers nor environment variables',
  wayOut: "If it doesn't run there, name it in `attach`",
};

const CODE_SIGNING: Obstacle = {
  id: 'lambdawatch:code-signing',
  reason: 'has code signing, which applies to its layers as well, and the layer in this package is not signed',
  wayOut: 'Sign the layer with AWS Signer, publish it, and pass it as `layer`',
};

const ARCHITECTURE: Obstacle = {
  id: 'lambdawatch:architecture',
  reason: 'has an architecture for which there is no layer, or one that is only known at deployment',
  wayOut: 'Give it lambda.Architecture.X86_64 or ARM_64, or pass a layer for it (`layer`, `layers`)',
};

/**
 * Why `addLayers` failed: the function already has five layers, or the caller's layer does not support the runtime.
 */
export function layerRefused(error: unknown): Obstacle {
  return {
    id: /\b5 layers/.test(messageOf(error)) ? 'lambdawatch:layer-limit' : 'lambdawatch:layer-refused',
    reason: `can't take the layer (${messageOf(error)})`,
    wayOut:
      "Lambda allows five layers on a function, so join two into one; a `layer` of your own must be for the function's " +
      'runtime',
  };
}

/** The stack can't have assets: no bootstrapped environment, or a Service Catalog product without a bucket. */
export function noAssets(error: unknown): Obstacle {
  return {
    id: 'lambdawatch:no-assets',
    reason: `is in a stack that the layer can't be added to (${messageOf(error)})`,
    wayOut:
      'Publish the layer elsewhere and pass it as `layer`, give the stack what it needs for assets, or leave the ' +
      'function out',
  };
}

/** Problems that CDK only reports at the end of synthesis, without naming the function. */
export function secretElsewhere(problem: string): Obstacle {
  return { id: 'lambdawatch:secret-elsewhere', reason: "can't use the credentials", wayOut: `The secret ${problem}` };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

/** What the caller passed. */
export interface Given {
  readonly layer?: lambda.ILayerVersion;
  readonly layers?: { [architecture: string]: lambda.ILayerVersion };
  /** Whether the function's role has to be known. */
  readonly needsRole: boolean;
  /** Whether the user named the function. The user may know better than heuristics. */
  readonly named: boolean;
}

/**
 * The reason why a construct can't get the layer; `undefined` if there is none, or if the construct is not a function.
 */
export function obstacleFor(construct: IConstruct, given: Given): Obstacle | undefined {
  const own = ownFunction(construct);
  if (own) return isCdkOwn(construct) ? CDK_OWN : ofOwn(own, given);
  if (isImportedFunction(construct)) return IMPORTED;
  if (!isRawFunction(construct)) return undefined;
  if (isCdkOwn(construct)) return CDK_OWN;
  return (given.needsRole ? RAW : undefined) ?? ofRaw(construct, given);
}

function ofOwn(own: OwnFunction, given: Given): Obstacle | undefined {
  if (isEdgeFunction(own)) return EDGE;
  if (!given.named && trustsEdge(own)) return EDGE_ROLE;
  if (isImage(own.resource)) return IMAGE;
  return ofLayer(own.resource as RawFunction, given, own.construct);
}

/** The reason why a raw function, whose role is known or not needed, can't get the layer. */
export function ofRaw(resource: RawFunction, given: Given, architecture?: string): Obstacle | undefined {
  if (!hasProperties(resource)) return UNREADABLE;
  if (Token.isUnresolved(resource.environment) || Token.isUnresolved(variablesOf(resource))) return UNREADABLE;
  if (isImage(resource)) return IMAGE;
  const { layers = [] } = resource;
  if (!Array.isArray(layers) || Token.isUnresolved(layers)) return UNREADABLE;
  if (layers.length >= 5) return FULL;
  return ofLayer(resource, given, undefined, architecture);
}

function ofLayer(
  resource: RawFunction,
  given: Given,
  construct?: lambda.Function,
  known?: string,
): Obstacle | undefined {
  if (given.layer) return undefined;
  const architecture = known ?? architectureOf(resource, construct);
  if (given.layers)
    return architecture !== undefined && given.layers[architecture] !== undefined ? undefined : ARCHITECTURE;
  if (resource.codeSigningConfigArn !== undefined) return CODE_SIGNING;
  return hasLayer(architecture) ? undefined : ARCHITECTURE;
}

/** The variables of a raw function. */
export function variablesOf({ environment }: RawFunction): Record<string, string> {
  return (
    ((environment as lambda.CfnFunction.EnvironmentProperty | undefined)?.variables as
      | Record<string, string>
      | undefined) ?? {}
  );
}
