import { ArnFormat, CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { warn } from './annotations';
import { isImage } from './peek';
import { ignoresGrants } from './targets';

const ID = 'LambdaWatchDenyCloudWatchLogs';

/** Whether a construct is one of the policies made here. */
export function isDenial({ node }: IConstruct): boolean {
  return node.id.startsWith(`${ID}-`) && Stack.isStack(node.scope);
}

/** Denies a function's role to write to the function's own log group. Where that can't be done there is a warning. */
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
  // Not in the role's own policy, which the function waits for: it names the function.
  new iam.Policy(stack, `${ID}-${construct.node.addr.slice(-8)}`, {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        effect: iam.Effect.DENY,
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [arn, `${arn}:*`],
      }),
    ],
  });
}

/** `undefined` where the template's logging configuration is a token as a whole. */
function logGroupOf(resource: CfnResource): string | undefined {
  const { loggingConfig } = resource as { loggingConfig?: lambda.CfnFunction.LoggingConfigProperty };
  if (loggingConfig !== undefined && Token.isUnresolved(loggingConfig)) return undefined;
  return loggingConfig?.logGroup ?? `/aws/lambda/${resource.ref}`;
}
