import { join } from 'node:path';
import { Annotations, CfnResource, CustomResource, CustomResourceProvider, NestedStack, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as eks from 'aws-cdk-lib/aws-eks';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as s3deploy from 'aws-cdk-lib/aws-s3-deployment';
import * as s3n from 'aws-cdk-lib/aws-s3-notifications';
import * as custom from 'aws-cdk-lib/custom-resources';
import { TriggerFunction } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { newFunction } from './support';

const FIXTURES = join(__dirname, 'fixtures');

export interface Kinds {
  readonly stack: Stack;
  /** The users' own, which can be attached. */
  readonly attached: readonly lambda.Function[];
  readonly image: lambda.Function;
  /** Has five layers. */
  readonly full: lambda.Function;
}

/** One stack with every kind of function that CDK knows, the users' and its own. */
export function everyKind(scope: Construct): Kinds {
  const stack = new Stack(scope, 'Kinds', { env: { account: '111111111111', region: 'us-east-1' } });

  const plain = newFunction(stack, 'Plain');
  const arm = newFunction(stack, 'Arm', { architecture: lambda.Architecture.ARM_64 });
  const nodejs = new NodejsFunction(stack, 'Nodejs', {
    entry: join(FIXTURES, 'handler.ts'),
    projectRoot: join(__dirname, '..', '..'),
    depsLockFilePath: join(__dirname, '..', '..', 'package-lock.json'),
    runtime: lambda.Runtime.NODEJS_22_X,
  });
  new lambda.SingletonFunction(stack, 'Singleton', {
    uuid: 'a5c1f4c0-0000-4000-8000-000000000000',
    runtime: lambda.Runtime.PYTHON_3_12,
    handler: 'index.handler',
    code: lambda.Code.fromInline('def handler(event, context): pass'),
  });
  const singleton = stack.node.findChild('SingletonLambdaa5c1f4c0000040008000000000000000') as lambda.Function;
  const aliased = newFunction(stack, 'Aliased');
  new lambda.Alias(stack, 'Alias', { aliasName: 'live', version: aliased.currentVersion });
  const versioned = newFunction(stack, 'Versioned');
  new lambda.Version(stack, 'Version', { lambda: versioned });
  const layered = newFunction(stack, 'Layered', { layers: [1, 2].map((n) => layer(stack, `Own${n}`)) });
  const full = newFunction(stack, 'Full', { layers: [3, 4, 5, 6, 7].map((n) => layer(stack, `Own${n}`)) });
  const trigger = new TriggerFunction(stack, 'Trigger', {
    runtime: lambda.Runtime.PYTHON_3_12,
    handler: 'index.handler',
    code: lambda.Code.fromInline('def handler(event, context): pass'),
  });
  const nested = new NestedStack(stack, 'Nested');
  const inNested = newFunction(nested, 'Inner');

  const image = new lambda.DockerImageFunction(stack, 'Image', {
    code: lambda.DockerImageCode.fromImageAsset(join(FIXTURES, 'image')),
  });
  new cloudfront.experimental.EdgeFunction(stack, 'Edge', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
  });
  lambda.Function.fromFunctionArn(stack, 'Imported', 'arn:aws:lambda:us-east-1:111111111111:function:elsewhere');
  const python = { runtime: 'python3.12', handler: 'index.handler' };
  new lambda.CfnFunction(stack, 'Raw', { ...python, code: { zipFile: 'x' }, role: 'arn:aws:iam::111111111111:role/r' });
  stack.addTransform('AWS::Serverless-2016-10-31');
  new CfnResource(stack, 'Sam', {
    type: 'AWS::Serverless::Function',
    properties: { Runtime: 'python3.12', Handler: 'index.handler', InlineCode: 'x' },
  });

  const onEvent = newFunction(stack, 'OnEvent');
  const isComplete = newFunction(stack, 'IsComplete');
  const provider = new custom.Provider(stack, 'Provider', { onEventHandler: onEvent, isCompleteHandler: isComplete });
  new CustomResource(stack, 'ByProvider', { serviceToken: provider.serviceToken });

  const notified = newFunction(stack, 'Notified');
  cdkOwn(stack, notified);
  return {
    stack,
    image,
    full,
    attached: [
      plain,
      arm,
      nodejs,
      singleton,
      aliased,
      versioned,
      layered,
      trigger,
      inNested,
      onEvent,
      isComplete,
      notified,
    ],
  };
}

/** What a user does who has read our warnings: on a function, or on the stack for all of a kind. */
export function acknowledgeAll({ stack, full, image }: Kinds): void {
  Annotations.of(full).acknowledgeWarning('lambdawatch:layer-limit');
  Annotations.of(image).acknowledgeWarning('lambdawatch:container-image');
  for (const id of ['edge-function', 'cfn-function', 'explicit-version'])
    Annotations.of(stack).acknowledgeWarning(`lambdawatch:${id}`);
}

/** Everything that makes CDK add a function of its own. */
export function cdkOwn(stack: Stack, notified: lambda.Function): void {
  new custom.AwsCustomResource(stack, 'AwsCustom', {
    installLatestAwsSdk: false,
    onCreate: { service: 'S3', action: 'listBuckets', physicalResourceId: custom.PhysicalResourceId.of('x') },
    policy: custom.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
  });
  const bucket = new s3.Bucket(stack, 'Bucket', { autoDeleteObjects: true, removalPolicy: 'destroy' as never });
  bucket.addEventNotification(s3.EventType.OBJECT_CREATED, new s3n.LambdaDestination(notified));
  new s3deploy.BucketDeployment(stack, 'Deployment', {
    destinationBucket: bucket,
    sources: [s3deploy.Source.data('a.txt', 'a')],
  });
  new logs.LogRetention(stack, 'Retention', { logGroupName: '/x', retention: logs.RetentionDays.ONE_DAY });
  new events.Rule(stack, 'Rule', { schedule: events.Schedule.cron({ minute: '0' }) }).addTarget(
    new targets.AwsApi({ service: 'RDS', action: 'stopDBInstance', parameters: {} }),
  );
  CustomResourceProvider.getOrCreate(stack, 'OwnProvider', {
    codeDirectory: join(FIXTURES, 'image'),
    runtime: 'nodejs22.x' as never,
  });

  const vpc = new ec2.Vpc(stack, 'Vpc');
  const cluster = new ecs.Cluster(stack, 'Ecs', { vpc });
  const group = new autoscaling.AutoScalingGroup(stack, 'Group', {
    vpc,
    instanceType: new ec2.InstanceType('t3.micro'),
    machineImage: ecs.EcsOptimizedImage.amazonLinux2(),
  });
  const capacity = { autoScalingGroup: group, enableManagedTerminationProtection: false };
  cluster.addAsgCapacityProvider(new ecs.AsgCapacityProvider(stack, 'Capacity', capacity));
  cluster.addCapacity('Drained', { instanceType: new ec2.InstanceType('t3.micro') });
  const kubernetes = new eks.Cluster(stack, 'Eks', {
    vpc,
    version: eks.KubernetesVersion.V1_31,
    kubectlLayer: layer(stack, 'Kubectl'),
    defaultCapacity: 0,
  });
  kubernetes.addManifest('Manifest', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'x' } });
}

function layer(stack: Stack, id: string): lambda.ILayerVersion {
  return lambda.LayerVersion.fromLayerVersionArn(stack, id, `arn:aws:lambda:us-east-1:111111111111:layer:${id}:1`);
}
