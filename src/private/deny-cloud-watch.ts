import { ArnFormat, CfnElement, CfnResource, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { warn } from './annotations';
import { deny } from './denials';
import { isImage } from './peek';
import { ignoresGrants } from './targets';

/** Log groups that Lambda creates itself. */
const PREFIX = '/aws/lambda/';
const LONGEST_GROUP = 512;

/** Denies a function's role write access to the function's own log group, or adds a warning if this is not possible. */
export function denyCloudWatch(
  construct: IConstruct,
  resource: CfnResource,
  role: iam.IRole | undefined,
  named: boolean,
): void {
  const group = logGroupOf(resource);
  const maybeWithout = isImage(resource) && !named;
  if (!role || ignoresGrants(role) || group === undefined || maybeWithout) {
    const reason = maybeWithout
      ? 'nothing says that the extension is in its image (attachImage does)'
      : group === undefined
        ? 'its log group is only known at deployment'
        : "its role can't be changed here";
    warn(
      construct,
      'lambdawatch:cloud-watch-kept',
      `LambdaWatch: ${construct.node.path} goes on writing to CloudWatch Logs, as ${reason}. Deny its role ` +
        'logs:CreateLogGroup, logs:CreateLogStream and logs:PutLogEvents elsewhere, or acknowledge this.',
    );
    return;
  }
  const stack = Stack.of(construct);
  const arn = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: group,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  deny(role, stack, arn, longest(stack, group));
}

/**
 * The maximum length of a log group's name. CloudFormation generates a name from the names of stack and resource, and
 * 13 characters of its own; names of Lambda functions have at most 64 characters.
 */
function longest(stack: Stack, group: string): number {
  if (!Token.isUnresolved(group)) return group.length;
  if (group.startsWith(PREFIX)) return PREFIX.length + 64;
  const token = Tokenization.reverseString(group).firstToken;
  const target = token && Reference.isReference(token) ? token.target : undefined;
  if (!CfnElement.isCfnElement(target)) return LONGEST_GROUP;
  const { logGroupName: named } = target as Partial<logs.CfnLogGroup>;
  if (named !== undefined && !Token.isUnresolved(named)) return named.length;
  const { stackName } = target.stack;
  const id = String(stack.resolve(target.stack.getLogicalId(target)));
  return Math.min(LONGEST_GROUP, (Token.isUnresolved(stackName) ? 128 : stackName.length) + id.length + 14);
}

/** `undefined` if the logging configuration as a whole is a token. */
function logGroupOf(resource: CfnResource): string | undefined {
  const { loggingConfig } = resource as { loggingConfig?: lambda.CfnFunction.LoggingConfigProperty };
  if (loggingConfig !== undefined && Token.isUnresolved(loggingConfig)) return undefined;
  return loggingConfig?.logGroup ?? `${PREFIX}${resource.ref}`;
}
