import { Stack } from 'aws-cdk-lib';
import { environmentProblem } from './checks/environment';
import { imageProblem } from './checks/image';
import {
  architectureProblem,
  knownLayers,
  layerTwiceProblem,
  warnOfMissingLayer,
  warnOfMissingSettings,
} from './checks/layer';
import { resourceLimitProblem } from './checks/resource-limit';
import { warnOfExplicitVersion } from './checks/version';
import { denialProblems } from './denials';
import { attachmentOf } from './marker';
import { finalProperties, isImage } from './peek';
import { isRawFunction, ownFunction } from './targets';

const CHECKED = Symbol.for('cdk-lambdawatch.checked');
const SYNTHESISED = Symbol.for('cdk-lambdawatch.synthesised');

/** Whether a stack with attached functions has been synthesised. A pipeline synthesises its stages immediately. */
export function isSynthesised(stack: Stack): boolean {
  return SYNTHESISED in stack;
}

/** Checks that need a complete tree. They run once for each stack, just before it is synthesised. */
export function checkAtSynthesis(stack: Stack): void {
  if (CHECKED in stack) return;
  Object.defineProperty(stack, CHECKED, { value: true });
  stack.node.addValidation({ validate: () => check(stack) });
}

function check(stack: Stack): string[] {
  Object.defineProperty(stack, SYNTHESISED, { value: true, configurable: true });
  const constructs = stack.node.findAll().filter((construct) => Stack.of(construct) === stack);
  const layers = knownLayers(constructs);
  const problems = [...resourceLimitProblem(stack, constructs), ...denialProblems(stack)];
  for (const construct of constructs) {
    warnOfExplicitVersion(construct);
    const resource = ownFunction(construct)?.resource ?? (isRawFunction(construct) ? construct : undefined);
    const attachment = attachmentOf(construct);
    if (!resource || (!attachment && layers.length === 0)) continue;
    const final = finalProperties(resource);
    problems.push(...architectureProblem(construct, final, attachment, layers), ...layerTwiceProblem(construct, final));
    if (!attachment) continue;
    problems.push(...environmentProblem(construct, final));
    warnOfMissingSettings(construct, final);
    if (isImage(resource)) problems.push(...imageProblem(construct, final, attachment));
    else warnOfMissingLayer(construct, final, attachment);
  }
  return problems;
}
