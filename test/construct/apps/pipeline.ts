import { App, Stack, Stage } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as codecommit from 'aws-cdk-lib/aws-codecommit';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { LambdaWatch, LokiAuth, LokiSecret } from '../../../src';
import { ENDPOINT, newFunction } from '../support';

/** A shop that a pipeline deploys to two accounts, each with its own secret of the same name. */
export function pipelineApp(app: App): { stages: Stage[]; pipeline: Stack } {
  const pipeline = new Stack(app, 'Pipeline', { env: { account: '111111111111', region: 'eu-central-1' } });
  const repository = codecommit.Repository.fromRepositoryName(pipeline, 'Repository', 'shop');
  const synth = new pipelines.ShellStep('Synth', {
    input: pipelines.CodePipelineSource.codeCommit(repository, 'main'),
    commands: ['npx cdk synth'],
  });
  const codePipeline = new pipelines.CodePipeline(pipeline, 'Pipeline', { synth, crossAccountKeys: true });
  const stages = [
    new Shop(app, 'Staging', '222222222222', 'eu-central-1'),
    new Shop(app, 'Prod', '333333333333', 'us-east-1'),
  ];
  for (const stage of stages) codePipeline.addStage(stage);
  return { stages, pipeline };
}

class Shop extends Stage {
  constructor(scope: Construct, id: string, account: string, region: string) {
    super(scope, id, { env: { account, region } });
    const api = new Stack(this, 'Api');
    new apigateway.LambdaRestApi(api, 'Rest', { handler: newFunction(api, 'Orders') });
    newFunction(new Stack(this, 'Batch'), 'Nightly', { architecture: lambda.Architecture.ARM_64 });
    const auth = LokiAuth.bearer(LokiSecret.fromSecretName('loki-secret'));
    new LambdaWatch(this, 'Logs', { endpoint: ENDPOINT, auth, labels: { stage: id.toLowerCase() } }).attachAll(this);
  }
}
