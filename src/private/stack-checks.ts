import { CfnResource, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { warn } from './annotations';
import { attachedBy } from './marker';
import { layerArns, renderedVariables } from './peek';
import { ownFunction, unwrap } from './targets';

/** Lambda's quota, which it applies to the variables as JSON. */
const MAX_ENVIRONMENT_BYTES = 4096;

const CHECKED = Symbol.for('cdk-lambdawatch.checked');

/** What is only known when the tree is complete, looked at once for each stack, just before it is synthesised. */
export function checkAtSynthesis(stack: Stack): void {
  if (CHECKED in stack) return;
  Object.defineProperty(stack, CHECKED, { value: true });
  stack.node.addValidation({ validate: () => check(stack) });
}

function check(stack: Stack): string[] {
  const problems: string[] = [];
  for (const construct of stack.node.findAll()) {
    if (Stack.of(construct) !== stack) continue;
    warnOfExplicitVersion(construct);
    const resource = attachedBy(construct) && (ownFunction(construct)?.resource ?? construct);
    if (!resource || !CfnResource.isCfnResource(resource)) continue;
    problems.push(...environmentProblem(construct, resource), ...layerProblem(construct, resource));
  }
  return problems;
}

function environmentProblem(construct: IConstruct, resource: CfnResource): string[] {
  const variables = renderedVariables(resource);
  const size = Buffer.byteLength(JSON.stringify(variables, (_key, value) => isDeployTime(value) ? knownPart(value) : value), 'utf8');
  if (size <= MAX_ENVIRONMENT_BYTES) return [];
  const largest = Object.entries(variables).map(([name, value]) => ({ name, bytes: Buffer.byteLength(knownPart(value), 'utf8') }))
    .sort((a, b) => b.bytes - a.bytes).slice(0, 3).map(({ name, bytes }) => `${name} (${bytes})`).join(', ');
  return [`LambdaWatch: the environment variables of ${construct.node.path} take at least ${size} bytes and Lambda allows ` +
    `${MAX_ENVIRONMENT_BYTES}; the largest are ` +
    `${largest}. Shorten them; certificates can be given by path (Certificate.fromPath), and long texts can be in a file or a parameter.`];
}

/** Lambda refuses a function that names one layer twice. */
function layerProblem(construct: IConstruct, resource: CfnResource): string[] {
  const twice = layerArns(resource).find((arn, i, all) => all.indexOf(arn) < i);
  return twice === undefined ? [] : [`LambdaWatch: ${construct.node.path} has the layer ${twice} twice, and Lambda refuses that. Attaching ` +
    'adds the layer; take yours away.'];
}

function isDeployTime(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 1 && /^(Ref$|Fn::)/.test(Object.keys(value)[0]);
}

/** The literal parts of a value, which are all that is known of it. */
function knownPart(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'];
  return join && Array.isArray(join[1]) ? join[1].map(knownPart).join(join[0]) : '';
}

/** A `lambda.Version` has a fixed logical id, so CloudFormation never publishes the function's new state under it. */
function warnOfExplicitVersion(construct: IConstruct): void {
  const child = construct.node.defaultChild;
  if (!child || !CfnResource.isCfnResource(child) || child.cfnResourceType !== 'AWS::Lambda::Version') return;
  const target = unwrap(construct as lambda.Version);
  if (target === construct || !attachedBy(target) || (construct.node.scope === target && construct.node.id === 'CurrentVersion')) return;
  warn(construct, 'lambdawatch:explicit-version',
    `LambdaWatch: ${construct.node.path} is a Version with an id of its own. If it is deployed already, it stays at the code and settings ` +
    'without LambdaWatch, ' +
    `and so does each alias on it. Use currentVersion of ${target.node.path}, or change the id of the Version.`);
}
