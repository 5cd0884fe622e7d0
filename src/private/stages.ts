import { Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { warnAnywhere } from './annotations';

/** All stages beneath a scope, stages within stages included. */
export function stagesBeneath(scope: IConstruct): Stage[] {
  return scope.node.findAll().filter((construct): construct is Stage => construct !== scope && Stage.isStage(construct));
}

/**
 * Aspects stop at a stage, and a pipeline synthesises its stages as soon as they are added, so functions in there may have been missed.
 * @param missed tells whether a construct is a function that was meant and never looked at
 */
export function warnOfMissedStages(scope: IConstruct, watchPath: string, missed: (construct: IConstruct) => boolean): void {
  for (const stage of scope.node.children) {
    if (!Stage.isStage(stage)) continue;
    const paths = stage.node.findAll().filter(missed).map(({ node }) => node.path);
    if (paths.length === 0) continue;
    const shown = paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
    warnAnywhere(scope, 'lambdawatch:stage-not-reached',
      `LambdaWatch: ${watchPath} did not reach ${shown}, in stage ${stage.node.path}. Aspects stop at stages, and a pipeline synthesises a ` +
      'stage as soon as it is ' +
      'added. Call attachAll(stage) before the stage is added to a pipeline, best on the last line of its constructor.');
  }
}
