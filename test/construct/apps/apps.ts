import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, AspectPriority, Aspects, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as servicecatalog from 'aws-cdk-lib/aws-servicecatalog';
import * as signer from 'aws-cdk-lib/aws-signer';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { LambdaWatch, LambdaWatchLayer, LokiAuth, LokiSecret, ServiceNameSource } from '../../../src';
import { ENDPOINT, newFunction } from '../support';

// Apps as people have them, with LambdaWatch attached as its documentation says. Each gives back the stack to look at.

const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-apps-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const ENV = { env: { account: '111111111111', region: 'us-east-1' } };
const auth = LokiAuth.bearer(LokiSecret.fromSecretName('grafana-cloud', { field: 'token' }));
const NODE = {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => {};'),
};

/** A secret of a central account, shared by its ARN and the ARN of its key. */
export function crossAccountApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  newFunction(stack);
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:999999999999:key/k');
  const secret = LokiSecret.fromSecretArn('arn:aws:secretsmanager:eu-west-1:999999999999:secret:loki-AbCdEf', {
    encryptionKey,
  });
  new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, auth: LokiAuth.bearer(secret) }).attachAll(stack);
  return stack;
}

/** Blue/green deployments of an alias with provisioned concurrency. */
export function deploymentApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  const fn = newFunction(stack);
  const alias = new lambda.Alias(stack, 'Live', {
    aliasName: 'live',
    version: fn.currentVersion,
    provisionedConcurrentExecutions: 2,
  });
  new codedeploy.LambdaDeploymentGroup(stack, 'Deployment', {
    alias,
    deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  });
  new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, auth }).attach(alias);
  return stack;
}

/** A SAM template that moves to CDK step by step. */
export function samApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  const code = { Runtime: 'python3.12', Handler: 'index.handler', InlineCode: 'def handler(event, context): pass' };
  const templateFile = join(mkdtempSync(join(folder, 'sam-')), 'template.json');
  writeFileSync(
    templateFile,
    JSON.stringify({
      Transform: 'AWS::Serverless-2016-10-31',
      Resources: {
        Orders: {
          Type: 'AWS::Serverless::Function',
          Properties: { ...code, Environment: { Variables: { TABLE: 'orders' } } },
        },
        Batch: {
          Type: 'AWS::Serverless::Function',
          Properties: { ...code, Architectures: ['arm64'], Layers: ['arn:own'] },
        },
        Old: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'python3.12',
            Handler: 'i.h',
            Code: { ZipFile: 'x' },
            Role: 'arn:aws:iam::111111111111:role/old',
          },
        },
      },
    }),
  );
  new CfnInclude(stack, 'Template', { templateFile });
  newFunction(stack, 'New');
  new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, auth, grantAccess: false }).attachAll(stack);
  return stack;
}

/** Images for both architectures beside functions from zips. */
export function imagesApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  const watch = new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, auth });
  for (const architecture of [lambda.Architecture.X86_64, lambda.Architecture.ARM_64]) {
    const directory = mkdtempSync(join(folder, 'image-'));
    writeFileSync(
      join(directory, 'Dockerfile'),
      'FROM base\nCOPY --chmod=755 lambdawatch /opt/extensions/lambdawatch\n',
    );
    LambdaWatchLayer.copyExecutable(directory, architecture);
    const code = lambda.DockerImageCode.fromImageAsset(directory);
    watch.attachImage(new lambda.DockerImageFunction(stack, `Image-${architecture.name}`, { code, architecture }));
  }
  newFunction(stack);
  watch.attachAll(stack);
  return stack;
}

/** A company-wide aspect that moves functions to Graviton. */
export function gravitonApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  newFunction(stack);
  const graviton = {
    visit: (node: unknown) => {
      if (node instanceof lambda.CfnFunction) node.architectures = ['arm64'];
    },
  };
  Aspects.of(app).add(graviton, { priority: AspectPriority.MUTATING - 1 });
  new LambdaWatch(app, 'Logs', {
    endpoint: ENDPOINT,
    auth,
    serviceNameFrom: ServiceNameSource.CONSTRUCT_PATH,
  }).attachAll(app);
  return stack;
}

/** A Service Catalog product in an app whose other functions are attached. */
export function productApp(app: App): { stack: Stack; product: Stack } {
  const stack = new Stack(app, 'Stack', ENV);
  newFunction(stack);
  const product = new servicecatalog.ProductStack(stack, 'Product');
  newFunction(product, 'Inner');
  const cloudFormationTemplate = servicecatalog.CloudFormationTemplate.fromProductStack(product);
  new servicecatalog.CloudFormationProduct(stack, 'Offer', {
    productName: 'p',
    owner: 'o',
    productVersions: [{ cloudFormationTemplate }],
  });
  new LambdaWatch(app, 'Logs', { endpoint: ENDPOINT, auth }).attachAll(app);
  return { stack, product };
}

/** Code signing for some functions, and a layer that was signed for them. */
export function signedApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  const profile = new signer.SigningProfile(stack, 'Profile', { platform: signer.Platform.AWS_LAMBDA_SHA384_ECDSA });
  const codeSigningConfig = new lambda.CodeSigningConfig(stack, 'Signing', { signingProfiles: [profile] });
  const signed = newFunction(stack, 'Signed', { codeSigningConfig });
  newFunction(stack, 'Plain');
  const layer = lambda.LayerVersion.fromLayerVersionArn(
    stack,
    'Layer',
    'arn:aws:lambda:us-east-1:111111111111:layer:signed:1',
  );
  new LambdaWatch(stack, 'Signing-Logs', { endpoint: ENDPOINT, auth, layer }).attach(signed);
  new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, auth }).attachAll(stack);
  return stack;
}

/** A bank: no inline policies, and a secret with a key of its own in a stack of its own. */
export function strictApp(app: App): Stack {
  const secrets = new Stack(app, 'Secrets', ENV);
  const encryptionKey = new kms.Key(secrets, 'Key', { enableKeyRotation: true });
  const secret = new secretsmanager.Secret(secrets, 'Secret', { encryptionKey });
  const stack = new Stack(app, 'Stack', ENV);
  for (const id of ['A', 'B']) newFunction(stack, id);
  new LambdaWatch(stack, 'Logs', {
    endpoint: ENDPOINT,
    auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)),
    sharedPolicy: true,
  }).attachAll(stack);
  return stack;
}

/** A site with functions at the edge, and an API behind it. */
export function edgeApp(app: App): Stack {
  const stack = new Stack(app, 'Stack', ENV);
  const rewrite = new cloudfront.experimental.EdgeFunction(stack, 'Rewrite', NODE);
  const plain = new lambda.Function(stack, 'Headers', NODE);
  new cloudfront.Distribution(stack, 'Site', {
    defaultBehavior: {
      origin: new origins.HttpOrigin('example.com'),
      edgeLambdas: [
        { functionVersion: rewrite.currentVersion, eventType: cloudfront.LambdaEdgeEventType.VIEWER_REQUEST },
        { functionVersion: plain.currentVersion, eventType: cloudfront.LambdaEdgeEventType.ORIGIN_RESPONSE },
      ],
    },
  });
  newFunction(stack, 'Api');
  new LambdaWatch(app, 'Logs', { endpoint: ENDPOINT, auth }).attachAll(app);
  return stack;
}
