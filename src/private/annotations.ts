import { Annotations, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** A warning that can be acknowledged on the function itself or on any construct above it, up to its stack. */
export function warn(construct: IConstruct, id: string, message: string): void {
  Annotations.of(placeFor(construct)).addWarningV2(id, message);
}

export function error(construct: IConstruct, message: string): void {
  Annotations.of(placeFor(construct)).addError(message);
}

/** In newer versions of CDK, information can be acknowledged too. */
export function inform(construct: IConstruct, id: string, message: string): void {
  const annotations = Annotations.of(placeFor(construct)) as Annotations & {
    addInfoV2?(id: string, message: string): void;
  };
  if (annotations.addInfoV2) annotations.addInfoV2(id, message);
  else annotations.addInfo(message);
}

/**
 * A warning about something that may be outside of all stacks, where CDK shows no annotations: the nearest stack gets
 * the warning, and without a stack it is written to stderr.
 */
export function warnAnywhere(construct: IConstruct, id: string, message: string): void {
  const inStack = construct.node.scopes.some((scope) => Stack.isStack(scope));
  warnAt(inStack ? construct : stackNear(construct), id, message);
}

/**
 * The same for a stage. A stage is synthesised before everything around it, so a warning inside it would be too late.
 */
export function warnOutside(stage: Stage, id: string, message: string): void {
  warnAt(stackNear(outermost(stage)?.node.scope), id, message);
}

/** Information. It is omitted if no construct could show it. */
export function informAnywhere(construct: IConstruct, id: string, message: string): void {
  const stack = stackNear(construct);
  if (stack) inform(stack, id, message);
}

function warnAt(place: IConstruct | undefined, id: string, message: string): void {
  if (place) warn(place, id, message);
  else process.emitWarning(`${message} [ack: ${id}]`, 'LambdaWatch');
}

/**
 * The resource of an L2 construct, if it has one: in some versions of CDK a warning that is added after its
 * acknowledgement is only suppressed if a construct above was acknowledged.
 */
function placeFor(construct: IConstruct): IConstruct {
  const child = construct.node.defaultChild;
  return child !== undefined && CfnResource.isCfnResource(child) && Stack.of(child) === Stack.of(construct)
    ? child
    : construct;
}

/** The outermost stage around a construct, not counting the app. */
function outermost(stage: Stage): Stage | undefined {
  return stage.node.scopes.find((scope): scope is Stage => Stage.isStage(scope) && scope.node.scope !== undefined);
}

/** The stack around a construct, or one beneath it, or one beside it in the same stage. */
function stackNear(construct: IConstruct | undefined): Stack | undefined {
  if (construct === undefined) return undefined;
  if (Stack.isStack(construct)) return construct;
  const above = [...construct.node.scopes].reverse().find((scope) => Stack.isStack(scope)) as Stack | undefined;
  return above ?? stackBeneath(construct) ?? (Stage.isStage(construct) ? undefined : stackNear(construct.node.scope));
}

function stackBeneath(construct: IConstruct): Stack | undefined {
  for (const child of construct.node.children) {
    if (Stage.isStage(child)) continue;
    const found = Stack.isStack(child) ? child : stackBeneath(child);
    if (found) return found;
  }
  return undefined;
}
