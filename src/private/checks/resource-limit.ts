import { CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { policiesMadeIn } from '../access';
import { isDenial } from '../denials';

/** CloudFormation's quota, which CDK checks as well, and the context by which it can be changed. */
const LIMIT = 500;
const CONTEXT = '@aws-cdk/core:stackResourceLimit';

/** CDK's own error about it names neither LambdaWatch nor the way out. */
export function resourceLimitProblem(stack: Stack, constructs: IConstruct[]): string[] {
  const policies = policiesMadeIn(stack);
  const limit = Number(stack.node.tryGetContext(CONTEXT) ?? LIMIT);
  const denials = constructs.filter(isDenial).length;
  if (limit === 0 || policies + denials < 2) return [];
  const resources = constructs.filter((construct) => CfnResource.isCfnResource(construct)).length;
  if (resources <= limit || resources - policies - denials >= limit) return [];
  // One policy in place of the grants is not enough, as it is a resource, too.
  if (resources - policies >= limit) {
    return [
      `LambdaWatch: ${stack.node.path} has ${resources} resources and CloudFormation allows ${limit}; ${denials} of ` +
        'them are policies of cloudWatchLogs: DENY' +
        `${policies < 2 ? '' : ` and ${policies} are policies by which functions may read the credentials`}. ` +
        'Split the stack, or leave cloudWatchLogs at KEEP and deny the roles logs:CreateLogGroup, logs:CreateLogStream and ' +
        `logs:PutLogEvents by a policy of yours${policies < 2 ? '' : '; sharedPolicy saves the others'}.`,
    ];
  }
  return [
    `LambdaWatch: ${stack.node.path} has ${resources} resources and CloudFormation allows ${limit}; ${policies} of ` +
      'them are policies ' +
      'by which functions may read the credentials. Set sharedPolicy on the LambdaWatch: one policy for all of the ' +
      'stack.',
  ];
}
