import { CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { warn } from '../annotations';
import { attachedBy } from '../marker';
import { unwrap } from '../targets';

/** A `lambda.Version` has a fixed logical id, so CloudFormation never publishes the function's new state under it. */
export function warnOfExplicitVersion(construct: IConstruct): void {
  const child = construct.node.defaultChild;
  if (!child || !CfnResource.isCfnResource(child) || child.cfnResourceType !== 'AWS::Lambda::Version') return;
  const target = unwrap(construct as lambda.Version);
  if (
    target === construct ||
    !attachedBy(target) ||
    (construct.node.scope === target && construct.node.id === 'CurrentVersion')
  )
    return;
  warn(
    construct,
    'lambdawatch:explicit-version',
    `LambdaWatch: ${construct.node.path} is a Version with an id of its own. If it is deployed already, it stays at ` +
      'the code and settings ' +
      `without LambdaWatch, and so does each alias on it. Use currentVersion of ${target.node.path}, or change the ` +
      'id of the Version.',
  );
}
