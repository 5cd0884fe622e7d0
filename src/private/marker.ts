import { IConstruct } from 'constructs';

/** Shared by all copies of this library in a process, as an app may have more than one. */
const ATTACHED = Symbol.for('cdk-lambdawatch.attachedBy');

/** The `LambdaWatch` that has been attached to a function (or to a raw resource), if any. */
export function attachedBy(target: IConstruct): IConstruct | undefined {
  return (target as { [ATTACHED]?: IConstruct })[ATTACHED];
}

export function markAttached(target: IConstruct, watch: IConstruct): void {
  Object.defineProperty(target, ATTACHED, { value: watch });
}
