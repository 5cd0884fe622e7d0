import { AssetStaging, CfnResource, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { trustedServices } from './peek';

// Objects are recognised by their members and not by their class: `instanceof` fails if an app has a second copy of
// aws-cdk-lib.

/** A function that this app creates, and its resource. */
export interface OwnFunction {
  readonly construct: lambda.Function;
  readonly resource: CfnResource;
}

/** The members that we use of a raw function, either CloudFormation's or SAM's. */
export interface RawFunction extends CfnResource {
  layers?: string[];
  environment?: unknown;
  readonly architectures?: string[];
  readonly packageType?: string;
  readonly codeSigningConfigArn?: string;
}

/** Resolves aliases, versions, singletons and a function's resource to the function. */
export function unwrap(given: IConstruct): IConstruct {
  let current = given;
  for (let inner = innerFunction(current); inner !== undefined && inner !== current; inner = innerFunction(current))
    current = inner;
  return current;
}

function innerFunction(construct: IConstruct): IConstruct | undefined {
  if (isFunctionResource(construct)) return construct.node.scope && ownFunction(construct.node.scope)?.construct;
  const { lambda: qualified, permissionsNode, functionArn } = construct as Partial<lambda.IVersion>;
  // A user's stack may also have a property `lambda`.
  if (functionArn === undefined) return undefined;
  if (qualified !== undefined && Construct.isConstruct(qualified)) return qualified;
  // The function of a SingletonFunction is a separate construct, at the top of the stack.
  if (permissionsNode === undefined || permissionsNode === construct.node) return undefined;
  return permissionsNode.scope?.node.tryFindChild(permissionsNode.id);
}

/** The function, if this app creates the construct. */
export function ownFunction(construct: IConstruct): OwnFunction | undefined {
  const candidate = construct as Partial<lambda.Function>;
  if (typeof candidate.addLayers !== 'function' || typeof candidate.addEnvironment !== 'function') return undefined;
  const resource = [construct.node.defaultChild, construct.node.tryFindChild('Resource')].find((child) =>
    isFunctionResource(child),
  );
  return resource && { construct: construct as lambda.Function, resource: resource as CfnResource };
}

/** Whether a function is only referred to, by ARN or by name. */
export function isImportedFunction(construct: IConstruct): construct is lambda.Function {
  const candidate = construct as Partial<lambda.Function & lambda.IVersion>;
  return (
    typeof candidate.functionArn === 'string' &&
    typeof candidate.grantInvoke === 'function' &&
    candidate.addLayers === undefined &&
    candidate.lambda === undefined
  );
}

const SAM = 'AWS::Serverless::Function';

/**
 * A function resource without an L2 construct: `CfnFunction`, the result of CfnInclude, a SAM function, or a
 * CfnResource of this type.
 */
export function isRawFunction(construct: IConstruct): construct is RawFunction {
  if (!CfnResource.isCfnResource(construct)) return false;
  if (construct.cfnResourceType === SAM) return true;
  return (
    isFunctionResource(construct) &&
    (construct.node.scope === undefined || ownFunction(construct.node.scope) === undefined)
  );
}

/** A raw function whose properties can be read and set, which excludes a `CfnResource` of this type. */
export function hasProperties(resource: CfnResource): resource is RawFunction {
  return 'layers' in resource && 'environment' in resource;
}

export function isFunctionResource(construct: IConstruct | undefined): boolean {
  return (
    construct !== undefined &&
    CfnResource.isCfnResource(construct) &&
    construct.cfnResourceType === 'AWS::Lambda::Function'
  );
}

/** Any function that `attachAll` considers. */
export function isFunction(construct: IConstruct): boolean {
  return ownFunction(construct) !== undefined || isRawFunction(construct) || isImportedFunction(construct);
}

/**
 * The current architecture of the resource; aspects may change it. `undefined` if it is only known at deployment.
 */
export function architectureOf(resource: CfnResource, construct?: lambda.Function): string | undefined {
  const { architectures } = resource as RawFunction;
  const name =
    architectures === undefined
      ? (construct?.architecture.name ?? lambda.Architecture.X86_64.name)
      : Token.isUnresolved(architectures)
        ? undefined
        : architectures[0];
  return name === undefined || Token.isUnresolved(name) ? undefined : name;
}

/** Segments of a construct path that CDK uses for its own functions, where nothing else identifies them. */
const CDK_STEPS = [
  /^Custom::/,
  /^LogRetention[0-9a-f]{32}$/,
  /^BucketNotificationsHandler[0-9a-f]{32}$/,
  /^DrainECSHook$/,
  /^@aws-cdk--/,
];
const CDK_METADATA = /^aws:cdk:is-custom-resource-handler-/;
const CDK_PACKAGE = /[\\/]node_modules[\\/](aws-cdk-lib|@aws-cdk)[\\/]/;

/**
 * Whether CDK created the function for itself: handlers of custom resources, the provider framework, bucket deployments
 * and others. CDK has no flag for all of them. The most reliable sign is that the code comes from CDK's own package.
 */
export function isCdkOwn(construct: IConstruct): boolean {
  const marked = [construct, construct.node.scope].some((c) =>
    c?.node.metadata.some(({ type }) => CDK_METADATA.test(type)),
  );
  if (marked || construct.node.scopes.some(({ node }) => CDK_STEPS.some((step) => step.test(node.id)))) return true;
  const scope = construct.node.scope;
  if (scope?.constructor.name.startsWith('CustomResourceProvider')) return true;
  const staging = construct.node.tryFindChild('Code')?.node.tryFindChild('Stage') as Partial<AssetStaging> | undefined;
  return typeof staging?.sourcePath === 'string' && CDK_PACKAGE.test(staging.sourcePath);
}

/** Whether the function belongs to an `EdgeFunction`, which is only for Lambda@Edge. */
export function isEdgeFunction({ construct }: OwnFunction): boolean {
  const scopes = [construct, construct.node.scope] as (Partial<lambda.IVersion> | undefined)[];
  return (
    scopes.some((scope) => scope !== undefined && 'edgeArn' in scope) ||
    /^edge-lambda-stack-/.test(construct.stack.node.id)
  );
}

/** Whether the role trusts Lambda@Edge, as it does for functions that a distribution uses. */
export function trustsEdge({ construct }: OwnFunction): boolean {
  const trust = (construct.role as Partial<iam.Role> | undefined)?.assumeRolePolicy;
  return trust !== undefined && trustedServices(trust, construct).includes('edgelambda.amazonaws.com');
}

/** Whether grants to the role have no effect, as with `fromRoleArn(…, { mutable: false })`. */
export function ignoresGrants(role: iam.IRole | undefined): boolean {
  return /^ImmutableRole\d*$/.test(role?.constructor.name ?? '');
}
