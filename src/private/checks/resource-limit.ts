import { CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { policiesMadeIn } from '../access';

/** CloudFormation's quota, which CDK checks as well, and the context by which it can be changed. */
const LIMIT = 500;
const CONTEXT = '@aws-cdk/core:stackResourceLimit';

/** CDK's own error about it names neither LambdaWatch nor the way out. */
export function resourceLimitProblem(stack: Stack, constructs: IConstruct[]): string[] {
  const policies = policiesMadeIn(stack);
  const limit = Number(stack.node.tryGetContext(CONTEXT) ?? LIMIT);
  if (policies < 2 || limit === 0) return [];
  const resources = constructs.filter((construct) => CfnResource.isCfnResource(construct)).length;
  if (resources <= limit || resources - policies >= limit) return [];
  return [
    `LambdaWatch: ${stack.node.path} has ${resources} resources and CloudFormation allows ${limit}; ${policies} of ` +
      'them are policies ' +
      'by which functions may read the credentials. Set sharedPolicy on the LambdaWatch: one policy for all of the ' +
      'stack.',
  ];
}
