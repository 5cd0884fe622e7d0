import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';

/** Shared by all copies of this library in a process, as an app may have more than one. */
const ATTACHED = Symbol.for('cdk-lambdawatch.attachment');
const LEFT_OUT = Symbol.for('cdk-lambdawatch.leftOut');
const ARCHITECTURE = Symbol.for('cdk-lambdawatch.architecture');

/** What was done to a function, or to a raw resource. */
export interface Attachment {
  readonly watch: IConstruct;
  /** Whether the function itself was passed to a method; `false` if `attachAll` found it in a scope. */
  readonly named: boolean;
  /** Container images have no layer. */
  readonly layer?: lambda.ILayerVersion;
  /** The architecture that the layer was chosen for. */
  readonly architecture?: string;
}

export function attachmentOf(target: IConstruct): Attachment | undefined {
  return (target as { [ATTACHED]?: Attachment })[ATTACHED];
}

/** The `LambdaWatch` that has been attached to a function, if any. */
export function attachedBy(target: IConstruct): IConstruct | undefined {
  return attachmentOf(target)?.watch;
}

export function markAttached(target: IConstruct, attachment: Attachment): void {
  Object.defineProperty(target, ATTACHED, { value: attachment });
}

/** Keeps `attachAll` away from everything at and beneath a construct. */
export function leaveOut(scope: IConstruct): void {
  Object.defineProperty(scope, LEFT_OUT, { value: true, configurable: true });
}

export function isLeftOut(construct: IConstruct): boolean {
  return construct.node.scopes.some((scope) => LEFT_OUT in scope);
}

/**
 * A layer of this package records its architecture, because CloudFormation's own property can't be set in every region.
 */
export function markLayer(layer: lambda.ILayerVersion, architecture: string): void {
  Object.defineProperty(layer, ARCHITECTURE, { value: architecture });
}

export function architectureOfLayer(layer: lambda.ILayerVersion): string | undefined {
  return (layer as { [ARCHITECTURE]?: string })[ARCHITECTURE];
}
