import { Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { FunctionFilter } from '../function-filter';
import { warnAnywhere, warnOutside } from './annotations';
import { LambdaWatchAttachAll } from './attach-all';
import { pathRule } from './filters';
import { isSynthesised } from './stack-checks';
import { isFunction } from './targets';

interface Findings {
  readonly used: boolean;
  readonly calls: LambdaWatchAttachAll[];
  /** Whether credentials are sent over unencrypted HTTP. */
  readonly plain: boolean;
  /** Functions that are configured and not attached. */
  readonly unused: IConstruct[];
}

/** Checks of a watch that run when its stage is complete. */
export function checkWatch(watch: IConstruct, { used, calls, plain, unused }: Findings): void {
  const { path } = watch.node;
  if (!used)
    warnAnywhere(
      watch,
      'lambdawatch:nothing-attached',
      `LambdaWatch: ${path} is attached to nothing. Call attach or attachAll.`,
    );
  if (plain) {
    warnAnywhere(
      watch,
      'lambdawatch:plain-http',
      `LambdaWatch: the endpoint of ${path} begins with http://, so the credentials go over the ` +
        'network in plain text. Use https://, or acknowledge this.',
    );
  }
  for (const scope of unused) {
    warnAnywhere(
      scope,
      'lambdawatch:configured-only',
      `LambdaWatch: ${path} has settings for ${scope.node.path}, which is not attached to it. ` +
        'Attach it, or take the settings away.',
    );
  }
  for (const call of calls) warnOfUselessPatterns(path, call);
}

/** A path with a typing error would include or exclude nothing, and nobody would notice. */
function warnOfUselessPatterns(path: string, { scope, options }: LambdaWatchAttachAll): void {
  const filters = [...(options.include ?? []), ...(options.exclude ?? [])] as Partial<FunctionFilter>[];
  const patterns = filters.flatMap((filter) => filter._patterns ?? []);
  if (patterns.length === 0) return;
  const constructs = scope.node.findAll();
  const functions = constructs.filter(isFunction);
  for (const { pattern, rule } of patterns) {
    if (functions.some(rule)) continue;
    const group = constructs.find(rule);
    const itself = functions.find(
      ({ node }) => pattern.endsWith('/**') && pathRule(pattern.slice(0, -3))({ node } as IConstruct),
    );
    warnAnywhere(
      scope,
      'lambdawatch:filter-matches-nothing',
      `LambdaWatch: the pattern ${JSON.stringify(pattern)} of ${path} matches no function in ` +
        `${scope.node.path || 'the app'}. ` +
        (group
          ? `It matches ${group.node.path}; for the functions beneath write ${JSON.stringify(`${pattern}/**`)}.`
          : itself
            ? `For ${itself.node.path} itself leave out the /**.`
            : 'Patterns are construct paths, as the ids of constructs make them: Stack/Api/Handler.'),
    );
  }
}

/**
 * Aspects stop at a stage, and a pipeline synthesises its stages as soon as they are added, so functions inside may
 * have been missed.
 * @param missed tells whether a construct is a selected function that was never visited
 */
export function warnOfMissedStages(
  watch: IConstruct,
  calls: LambdaWatchAttachAll[],
  missed: (construct: IConstruct, call: LambdaWatchAttachAll) => boolean,
): void {
  const byStage = new Map<Stage, Set<string>>();
  for (const call of calls) {
    for (const construct of call.scope.node.findAll()) {
      const stage = Stage.of(construct);
      if (!stage?.node.scope || !missed(construct, call)) continue;
      byStage.set(stage, (byStage.get(stage) ?? new Set()).add(construct.node.path));
    }
  }
  for (const [stage, found] of byStage) {
    const paths = [...found];
    const shown = paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
    warnOutside(
      stage,
      'lambdawatch:stage-not-reached',
      `LambdaWatch: ${watch.node.path} did not reach ${shown}, in stage ${stage.node.path}. Aspects stop at stages, ` +
        'and a pipeline ' +
        'synthesises a stage as soon as it is added. Call attachAll(stage) before the stage is added to a pipeline, ' +
        'best on the last line of ' +
        'its constructor.',
    );
  }
}

/** Settings for functions in a stage that a pipeline has already synthesised are missing from the template. */
export function warnOfLateSettings(watch: IConstruct, scope: IConstruct, attached: IConstruct[]): void {
  const late = attached.filter((construct) => isSynthesised(Stack.of(construct)));
  const stages = new Set(late.map((construct) => Stage.of(construct)).filter((stage) => stage?.node.scope));
  for (const stage of stages) {
    warnOutside(
      stage!,
      'lambdawatch:configured-late',
      `LambdaWatch: what was configured in ${watch.node.path} for ${scope.node.path} comes too late for stage ` +
        `${stage!.node.path}, which was synthesised when it was added to a pipeline. Call configure before that.`,
    );
  }
}
