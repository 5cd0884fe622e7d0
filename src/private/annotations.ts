import { Annotations, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** A warning that can be acknowledged, on the function itself or on what is above it, up to its stack. */
export function warn(construct: IConstruct, id: string, message: string): void {
  Annotations.of(placeFor(construct)).addWarningV2(id, message);
}

export function error(construct: IConstruct, message: string): void {
  Annotations.of(placeFor(construct)).addError(message);
}

/** Newer versions of CDK let information be acknowledged, too. */
export function inform(construct: IConstruct, id: string, message: string): void {
  const annotations = Annotations.of(placeFor(construct)) as Annotations & {
    addInfoV2?(id: string, message: string): void;
  };
  if (annotations.addInfoV2) annotations.addInfoV2(id, message);
  else annotations.addInfo(message);
}

/**
 * A warning about something that may lie outside all stacks, where CDK shows no annotations: the nearest stack stands
 * in, and where there is none the warning goes to stderr.
 */
export function warnAnywhere(construct: IConstruct, id: string, message: string): void {
  const inStack = construct.node.scopes.some((scope) => Stack.isStack(scope));
  warnAt(inStack ? construct : stackNear(construct), id, message);
}

/**
 * The same about a stage, which is synthesised before all that is around it: a warning in there would come too late.
 */
export function warnOutside(stage: Stage, id: string, message: string): void {
  warnAt(stackNear(outermost(stage)?.node.scope), id, message);
}

/** Information that is left out where nothing could show it. */
export function informAnywhere(construct: IConstruct, id: string, message: string): void {
  const stack = stackNear(construct);
  if (stack) inform(stack, id, message);
}

function warnAt(place: IConstruct | undefined, id: string, message: string): void {
  if (place) warn(place, id, message);
  else process.emitWarning(`${message} [ack: ${id}]`, 'LambdaWatch');
}

/**
 * The resource of an L2 construct, if it has one: in some versions of CDK a warning that is made after it was
 * acknowledged is only held back when the acknowledgement was made on a construct above.
 */
function placeFor(construct: IConstruct): IConstruct {
  const child = construct.node.defaultChild;
  return child !== undefined && CfnResource.isCfnResource(child) && Stack.of(child) === Stack.of(construct)
    ? child
    : construct;
}

/** The one of a construct's stages that lies in the app itself. */
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
