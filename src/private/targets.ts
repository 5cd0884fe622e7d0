import { AssetStaging, CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';

// Everything here looks at what an object has rather than at its class: `instanceof` fails when an app has a second copy of aws-cdk-lib.

/** A function that this app makes, with the resource that it becomes. */
export interface OwnFunction {
  readonly construct: lambda.Function;
  readonly resource: CfnResource;
}

/** Follows aliases, versions and singletons to the function that they stand for. */
export function unwrap(given: lambda.IFunction): IConstruct {
  let current: IConstruct = given;
  for (let inner = innerFunction(current); inner !== undefined && inner !== current; inner = innerFunction(current)) current = inner;
  return current;
}

function innerFunction(construct: IConstruct): IConstruct | undefined {
  const { lambda: qualified, permissionsNode } = construct as Partial<lambda.IVersion>;
  if (qualified !== undefined && Construct.isConstruct(qualified)) return qualified;
  // The function of a SingletonFunction is another construct, at the top of the stack.
  if (permissionsNode === undefined || permissionsNode === construct.node) return undefined;
  return permissionsNode.scope?.node.tryFindChild(permissionsNode.id);
}

/** The function, if the construct is one that this app makes. */
export function ownFunction(construct: IConstruct): OwnFunction | undefined {
  const candidate = construct as Partial<lambda.Function>;
  if (typeof candidate.addLayers !== 'function' || typeof candidate.addEnvironment !== 'function') return undefined;
  const resource = [construct.node.defaultChild, construct.node.tryFindChild('Resource')].find((child) => isFunctionResource(child));
  return resource && { construct: construct as lambda.Function, resource: resource as CfnResource };
}

/** A function that is only referred to, by ARN or by name. */
export function isImportedFunction(construct: IConstruct): boolean {
  const candidate = construct as Partial<lambda.Function & lambda.IVersion>;
  return typeof candidate.functionArn === 'string' && typeof candidate.grantInvoke === 'function' &&
    candidate.addLayers === undefined && candidate.lambda === undefined;
}

/** A function resource that no L2 construct stands above: `CfnFunction`, what CfnInclude makes, SAM functions, or a CfnResource of that type. */
export function isRawFunction(construct: IConstruct): construct is CfnResource {
  if (!CfnResource.isCfnResource(construct)) return false;
  if (construct.cfnResourceType === 'AWS::Serverless::Function') return true;
  return isFunctionResource(construct) && (construct.node.scope === undefined || ownFunction(construct.node.scope) === undefined);
}

export function isFunctionResource(construct: IConstruct | undefined): boolean {
  return construct !== undefined && CfnResource.isCfnResource(construct) && construct.cfnResourceType === 'AWS::Lambda::Function';
}

/** Steps of a construct path that CDK gives to functions of its own, where nothing else tells them apart. */
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
 * Whether CDK made the function for itself: handlers of custom resources, the provider framework, bucket deployments and the like.
 * CDK has no flag for all of them. The most telling sign is that the code comes out of CDK's own package.
 */
export function isCdkOwn(construct: IConstruct): boolean {
  const marked = [construct, construct.node.scope].some((c) => c?.node.metadata.some(({ type }) => CDK_METADATA.test(type)));
  if (marked || construct.node.scopes.some(({ node }) => CDK_STEPS.some((step) => step.test(node.id)))) return true;
  const scope = construct.node.scope;
  if (scope?.constructor.name.startsWith('CustomResourceProvider')) return true;
  const staging = construct.node.tryFindChild('Code')?.node.tryFindChild('Stage') as Partial<AssetStaging> | undefined;
  return typeof staging?.sourcePath === 'string' && CDK_PACKAGE.test(staging.sourcePath);
}

/** Whether the role trusts Lambda@Edge, which allows neither environment variables nor layers. */
export function isAtEdge({ construct }: OwnFunction): boolean {
  const trust = (construct.role as Partial<iam.Role> | undefined)?.assumeRolePolicy;
  return trust !== undefined && JSON.stringify(Stack.of(construct).resolve(trust.toJSON())).includes('edgelambda.amazonaws.com');
}

/** Whether grants to the role vanish without a word, as with `fromRoleArn(…, { mutable: false })`. */
export function ignoresGrants(role: iam.IRole | undefined): boolean {
  return /^ImmutableRole\d*$/.test(role?.constructor.name ?? '');
}
