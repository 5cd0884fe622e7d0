import { Annotations, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** A warning that can be acknowledged, on the construct itself as well as on anything above it. */
export function warn(construct: IConstruct, id: string, message: string): void {
  Annotations.of(placeFor(construct)).addWarningV2(id, message);
}

export function error(construct: IConstruct, message: string): void {
  Annotations.of(placeFor(construct)).addError(message);
}

/** Newer versions of CDK let information be acknowledged, too. */
export function inform(construct: IConstruct, id: string, message: string): void {
  const annotations = Annotations.of(placeFor(construct)) as Annotations & { addInfoV2?(id: string, message: string): void };
  if (annotations.addInfoV2) annotations.addInfoV2(id, message);
  else annotations.addInfo(message);
}

/**
 * Where CDK shows annotations. A construct outside all stacks is not shown, so the first stack beneath it stands in, and where there
 * is none the warning goes to stderr.
 */
export function warnAnywhere(construct: IConstruct, id: string, message: string): void {
  const stack = firstStack(construct);
  if (stack) warn(stack, id, message);
  else process.emitWarning(`${message} [ack: ${id}]`, 'LambdaWatch');
}

/**
 * The resource of an L2 construct, if it has one: in some versions of CDK a warning that is made after it was acknowledged is only
 * held back when the acknowledgement was made on a construct above.
 */
function placeFor(construct: IConstruct): IConstruct {
  const child = construct.node.defaultChild;
  return child !== undefined && CfnResource.isCfnResource(child) && Stack.of(child) === Stack.of(construct) ? child : construct;
}

function firstStack(construct: IConstruct): Stack | undefined {
  const above = [...construct.node.scopes].reverse().find((scope) => Stack.isStack(scope));
  if (above) return above as Stack;
  for (const child of construct.node.children) {
    if (Stage.isStage(child)) continue;
    const found = Stack.isStack(child) ? child : firstStack(child);
    if (found) return found;
  }
  return undefined;
}
