import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Aspects, Stack, Stage, type App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as codecommit from 'aws-cdk-lib/aws-codecommit';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { FunctionFilter, LambdaWatch, LokiAuth, LokiSecret } from '../../src';
import { ENDPOINT, isAttached, layerIds, layers, newApp, newFunction, rendered, variables, warnings } from './support';

before(layers);

const props = { endpoint: ENDPOINT, auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki')) };

class Shop extends Stage {
  public readonly fn: lambda.Function;
  public readonly stack: Stack;

  constructor(scope: Construct, id: string, attachIn?: (stage: Shop) => void) {
    super(scope, id, { env: { account: '111111111111', region: id === 'Us' ? 'us-east-1' : 'eu-central-1' } });
    this.stack = new Stack(this, 'Stack');
    this.fn = newFunction(this.stack);
    attachIn?.(this);
  }
}

function pipelineIn(app: App): { stack: Stack; pipeline: pipelines.CodePipeline } {
  const stack = new Stack(app, 'Pipeline', { env: { account: '111111111111', region: 'eu-central-1' } });
  const source = pipelines.CodePipelineSource.codeCommit(
    codecommit.Repository.fromRepositoryName(stack, 'Repository', 'shop'),
    'main',
  );
  const synth = new pipelines.ShellStep('Synth', { input: source, commands: ['npx cdk synth'] });
  return { stack, pipeline: new pipelines.CodePipeline(stack, 'Pipeline', { synth }) };
}

describe('stages', () => {
  it('that exist are reached by attachAll(app), stages within stages and other environments included', () => {
    const app = newApp();
    const eu = new Shop(app, 'Eu');
    const us = new Shop(eu, 'Us');
    new LambdaWatch(app, 'Watch', props).attachAll(app);
    app.synth();
    for (const { fn, stack } of [eu, us]) {
      assert.ok(isAttached(fn));
      assert.deepEqual(rendered(fn).Layers, [{ Ref: layerIds(stack)[0] }]);
    }
    assert.match(
      JSON.stringify(variables(us.fn).LOKI_API_KEY_SECRET),
      /secretsmanager:us-east-1:111111111111:secret:loki/,
    );
    assert.match(
      JSON.stringify(variables(eu.fn).LOKI_API_KEY_SECRET),
      /secretsmanager:eu-central-1:111111111111:secret:loki/,
    );
  });

  it('in a pipeline are reached by attachAll(stage) in their constructor, and their layer becomes an asset of the pipeline', () => {
    const app = newApp();
    const { stack, pipeline } = pipelineIn(app);
    const stage = new Shop(app, 'Eu', (self) => new LambdaWatch(self, 'Watch', props).attachAll(self));
    pipeline.addStage(stage);
    assert.ok(isAttached(stage.fn));
    app.synth();
    assert.match(JSON.stringify(app.synth().getStackByName(stack.stackName).template), /FileAsset/);
    assert.deepEqual(warnings(stack), []);
  });

  it('that were synthesised before attachAll(app) are named in a warning', () => {
    const app = newApp();
    const { stack, pipeline } = pipelineIn(app);
    const stage = new Shop(app, 'Eu');
    pipeline.addStage(stage);
    new LambdaWatch(app, 'Watch', props).attachAll(app);
    assert.deepEqual(warnings(stack), ['/Pipeline: lambdawatch:stage-not-reached']);
    const [{ entry }] = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('stage-not-reached'));
    assert.match(String(entry.data), /did not reach Eu\/Stack\/Fn, in stage Eu.*attachAll\(stage\).*constructor/s);
  });

  it("that were made later, inside the pipeline's stack, are named as well", () => {
    const app = newApp();
    const { stack, pipeline } = pipelineIn(app);
    new LambdaWatch(app, 'Watch', props).attachAll(app);
    pipeline.addStage(new Shop(stack, 'Eu'));
    assert.deepEqual(warnings(stack), ['/Pipeline: lambdawatch:stage-not-reached']);
  });

  it('that were synthesised before attachAll(stage) are named in a warning, whatever the scope', () => {
    const scopes: [string, (stage: Shop) => Construct][] = [
      ['stage', (stage) => stage],
      ['stack in it', (stage) => stage.stack],
    ];
    for (const [what, scopeOf] of scopes) {
      const app = newApp();
      const { stack, pipeline } = pipelineIn(app);
      const stage = new Shop(app, 'Eu');
      pipeline.addStage(stage);
      new LambdaWatch(app, 'Watch', props).attachAll(scopeOf(stage));
      assert.deepEqual(warnings(stack), ['/Pipeline: lambdawatch:stage-not-reached'], what);
    }
  });

  it("that the aspect alone can't reach are named for Aspects.of(app).add(watch) as well", () => {
    const app = newApp();
    const { stack } = pipelineIn(app);
    new Shop(app, 'Eu');
    Aspects.of(app).add(new LambdaWatch(app, 'Watch', props));
    assert.deepEqual(warnings(stack), ['/Pipeline: lambdawatch:stage-not-reached']);
  });

  it('that were left out on purpose, or attached on their own, are not', () => {
    const app = newApp();
    const { stack, pipeline } = pipelineIn(app);
    const left = new Shop(app, 'Eu');
    pipeline.addStage(left);
    pipeline.addStage(new Shop(app, 'Us', (self) => new LambdaWatch(self, 'Watch', props).attachAll(self)));
    new LambdaWatch(app, 'Watch', props).attachAll(app, { exclude: [FunctionFilter.within(left)] });
    assert.deepEqual(warnings(stack), []);
  });

  it('without any stack around them are named on stderr', async () => {
    const app = newApp();
    new LambdaWatch(app, 'Watch', props).attachAll(app);
    new Shop(app, 'Eu');
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    app.synth();
    assert.match((await warned).message, /Watch did not reach Eu\/Stack\/Fn.*\[ack: lambdawatch:stage-not-reached\]/s);
  });
});
