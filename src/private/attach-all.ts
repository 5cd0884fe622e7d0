import { Aspects, IAspect, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { AttachAllOptions } from '../lambda-watch-props';
import { isMeant } from './filters';

/** Shared by all copies of this library in a process. */
const WATCH = Symbol.for('cdk-lambdawatch.attachAll');

/** One call of `attachAll`. The class has a name because CDK's own errors show it. */
export class LambdaWatchAttachAll implements IAspect {
  public readonly [WATCH]: IConstruct;

  constructor(
    watch: IConstruct,
    public readonly scope: IConstruct,
    public readonly options: AttachAllOptions,
    private readonly consider: (construct: IConstruct, call: LambdaWatchAttachAll) => void,
  ) {
    this[WATCH] = watch;
  }

  public visit(construct: IConstruct): void {
    this.consider(construct, this);
  }
}

/** Marks `Aspects.of(scope).add(watch)` as equivalent to `attachAll(scope)`. */
export function markAsAspect(watch: IConstruct): void {
  Object.defineProperty(watch, WATCH, { value: watch });
}

/** All stages beneath a scope, stages within stages included. */
export function stagesBeneath(scope: IConstruct): Stage[] {
  return scope.node
    .findAll()
    .filter((construct): construct is Stage => construct !== scope && Stage.isStage(construct));
}

/** Whether another watch also covers a function, with a scope that is nearer to it. */
export function hasNearerWatch(construct: IConstruct, call: LambdaWatchAttachAll): boolean {
  const depth = call.scope.node.scopes.length;
  return construct.node.scopes.some((scope) =>
    Aspects.of(scope).all.some((aspect) => {
      const { [WATCH]: watch, scope: given = scope, options = {} } = aspect as Partial<LambdaWatchAttachAll>;
      return (
        watch !== undefined && watch !== call[WATCH] && given.node.scopes.length > depth && isMeant(construct, options)
      );
    }),
  );
}
