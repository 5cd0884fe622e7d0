import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { arnParts } from '../aws/arn';
import type { PolicyDocument, Statement } from '../aws/roles';

/** The inline policy of a role that prevents its functions from writing to their log groups. */
export const DENY_POLICY = 'LambdaWatchDenyCloudWatchLogs';

const ACTIONS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'] as const;

/** ARNs of the log group that Lambda writes a function's lines to: the group itself, and the streams in it. */
export function logGroupArns(config: FunctionConfiguration): string[] {
  const { partition, region, account, name } = arnParts(config.FunctionArn ?? '');
  const group = `arn:${partition}:logs:${region}:${account}:log-group:${config.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`}`;
  return [group, `${group}:*`];
}

/** Resources that the policy denies. */
export function deniedResources(document: PolicyDocument | undefined): string[] {
  return (document?.Statement ?? []).flatMap((statement) => (isOurs(statement) ? [statement.Resource].flat() : []));
}

export function isDenied(document: PolicyDocument | undefined, config: FunctionConfiguration): boolean {
  const denied = deniedResources(document);
  return logGroupArns(config).every((arn) => denied.includes(arn));
}

/** The policy that denies these resources; `undefined` for none: then the policy is removed. */
export function denyDocument(resources: readonly string[]): PolicyDocument | undefined {
  if (resources.length === 0) return undefined;
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'DenyCloudWatchLogs', Effect: 'Deny', Action: ACTIONS, Resource: [...new Set(resources)].sort() },
    ],
  };
}

/** IAM's quota for all inline policies of a role, without white space. */
const MAX_INLINE_CHARACTERS = 10_240;

/** The message about a policy that IAM would refuse because of its size. */
export function policyTooLarge(document: PolicyDocument, role: string): string | undefined {
  const characters = JSON.stringify(document).length;
  if (characters <= MAX_INLINE_CHARACTERS) return undefined;
  return (
    `the policy ${DENY_POLICY} of the role ${role} would have ${characters} characters, and IAM allows ` +
    `${MAX_INLINE_CHARACTERS}; give some of its functions another role, or deny it ${ACTIONS.join(', ')} by a pattern ` +
    'of your own, like arn:aws:logs:*:*:log-group:/aws/lambda/shop-*'
  );
}

function isOurs({ Effect: effect, Action: actions }: Statement): boolean {
  return effect === 'Deny' && ACTIONS.every((action) => [actions].flat().includes(action));
}
