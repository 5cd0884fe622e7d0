import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Aspects, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { HIPAASecurityChecks } from 'cdk-nag';
import * as apps from './apps/apps';
import { pipelineApp } from './apps/pipeline';
import { ERRORS_AS_ANNOTATIONS, type Resource, errors, layers, newApp, resources, text, warnings } from './support';

before(layers);

type Made = Record<string, Resource>;

interface Seen {
  /** The architecture of our layer, `none`, or the ARN of a layer from elsewhere. */
  readonly layer: string;
  readonly variables: Record<string, unknown>;
}

/** What a template has of us, for each function by the beginning of its logical id. */
function functionsIn(made: Made): Record<string, Seen> {
  const functions = Object.entries(made).filter(([, { Type }]) => /^AWS::(Lambda|Serverless)::Function$/.test(Type));
  return Object.fromEntries(
    functions.map(([id, { Properties }]) => {
      const { Layers = [], Environment } = Properties as {
        Layers?: unknown[];
        Environment?: { Variables: Record<string, unknown> };
      };
      const arns = Layers.map(text).filter((arn) => arn !== 'arn:own');
      const layer = arns.map((arn) => /LambdaWatchLayer(x86|arm)64/.exec(arn)?.[1] ?? arn).join() || 'none';
      return [id.replace(/[0-9A-F]{8}$/, ''), { layer, variables: Environment?.Variables ?? {} }];
    }),
  );
}

/** What functions have in common: each is attached for this architecture and reads its token from there. */
function assertAttached(seen: Seen | undefined, layer: string, secret: string | undefined): void {
  assert.equal(seen?.layer, layer);
  assert.match(String(seen?.variables.LOKI_ENDPOINT), /^https:/);
  assert.equal(secret === undefined ? undefined : text(seen?.variables.LOKI_API_KEY_SECRET), secret);
}

const ofType = (made: Made, type: string): Resource[] => Object.values(made).filter(({ Type }) => Type === type);
const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:grafana-cloud#token';

describe('apps as people have them', () => {
  it('a pipeline to two accounts: each stage reads its own secret, and the pipeline publishes the layers', () => {
    const app = newApp();
    const { stages, pipeline } = pipelineApp(app);
    const assembly = app.synth();
    for (const [stage, account, region] of [
      [stages[0], '222222222222', 'eu-central-1'],
      [stages[1], '333333333333', 'us-east-1'],
    ] as const) {
      const [api, batch] = ['Api', 'Batch']
        .map((id) => stage.node.findChild(id) as Stack)
        .map((stack) => resources(stack));
      const secret = `arn:aws:secretsmanager:${region}:${account}:secret:loki-secret`;
      assertAttached(functionsIn(api).Orders, 'x86', secret);
      assertAttached(functionsIn(batch).Nightly, 'arm', secret);
      assert.equal(functionsIn(api).Orders.variables.LOKI_LABELS, `{"stage":"${stage.node.id.toLowerCase()}"}`);
      assert.match(JSON.stringify(ofType(api, 'AWS::IAM::Policy')), /secret:loki-secret-\?{6}/);
    }
    assert.match(JSON.stringify(assembly.getStackArtifact(pipeline.artifactId).template), /FileAsset/);
    assert.deepEqual(warnings(pipeline), []);
  });

  it('a secret of a central account: the grants name it and its key', () => {
    const made = resources(apps.crossAccountApp(newApp()));
    assertAttached(functionsIn(made).Fn, 'x86', 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:loki-AbCdEf');
    const policy = JSON.stringify(ofType(made, 'AWS::IAM::Policy'));
    assert.match(policy, /GetSecretValue.*999999999999:secret:loki-AbCdEf.*kms:Decrypt/);
    assert.match(policy, /arn:aws:kms:eu-west-1:999999999999:key\/k/);
  });

  it('aliases, provisioned concurrency and CodeDeploy: the alias points to the version with the layer', () => {
    const made = resources(apps.deploymentApp(newApp()));
    assertAttached(functionsIn(made).Fn, 'x86', SECRET);
    const [[version]] = Object.entries(made).filter(([, { Type }]) => Type === 'AWS::Lambda::Version');
    const [alias] = ofType(made, 'AWS::Lambda::Alias');
    assert.match(JSON.stringify(alias.Properties.FunctionVersion), new RegExp(version));
    assert.deepEqual(alias.Properties.ProvisionedConcurrencyConfig, { ProvisionedConcurrentExecutions: 2 });
    assert.equal(ofType(made, 'AWS::CodeDeploy::DeploymentGroup').length, 1);
  });

  it('a SAM template beside new functions: all are attached, and keep what they had', () => {
    const stack = apps.samApp(newApp());
    const functions = functionsIn(resources(stack));
    assertAttached(functions.Orders, 'x86', SECRET);
    assert.equal(functions.Orders.variables.TABLE, 'orders');
    assertAttached(functions.Batch, 'arm', SECRET);
    assertAttached(functions.Old, 'x86', SECRET);
    assertAttached(functions.New, 'x86', SECRET);
    assert.deepEqual(warnings(stack), []);
  });

  it('images for both architectures: settings and grants without a layer, and no warning', () => {
    const stack = apps.imagesApp(newApp());
    const functions = functionsIn(resources(stack));
    assertAttached(functions.Imagex8664, 'none', SECRET);
    assertAttached(functions.Imagearm64, 'none', SECRET);
    assertAttached(functions.Fn, 'x86', SECRET);
    assert.deepEqual(warnings(stack), []);
  });

  it('an aspect that moves functions to Graviton: the layer goes with it', () => {
    const stack = apps.gravitonApp(newApp());
    const { Fn } = functionsIn(resources(stack));
    assertAttached(Fn, 'arm', SECRET);
    assert.equal(Fn.variables.LOKI_SERVICE_NAME, 'Stack/Fn');
    assert.deepEqual(warnings(stack), []);
  });

  it("a Service Catalog product: its function is passed over with a warning, the app's others are attached", () => {
    const { stack, product } = apps.productApp(newApp());
    assertAttached(functionsIn(resources(stack)).Fn, 'x86', SECRET);
    const inner = product.node.findChild('Inner');
    assert.match(JSON.stringify(inner.node.defaultChild!.node.metadata), /lambdawatch:no-assets/);
    assert.deepEqual(Stack.of(inner).resolve((inner.node.defaultChild as { layers?: unknown }).layers) ?? [], []);
    assert.deepEqual(errors(stack), []);
  });

  it('code signing: signed functions have the signed layer, others ours', () => {
    const stack = apps.signedApp(newApp());
    const functions = functionsIn(resources(stack));
    assertAttached(functions.Signed, 'arn:aws:lambda:us-east-1:111111111111:layer:signed:1', SECRET);
    assertAttached(functions.Plain, 'x86', SECRET);
    assert.deepEqual([...warnings(stack), ...errors(stack)], []);
  });

  it("cdk-nag's rules for banks: nothing is found that was not there before", () => {
    const app = newApp({ context: ERRORS_AS_ANNOTATIONS });
    const stack = apps.strictApp(app);
    Aspects.of(app).add(new HIPAASecurityChecks());
    const annotations = Annotations.fromStack(stack);
    const found = [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())];
    const rules = new Set(found.map(({ entry }) => /^[^:[]+/.exec(String(entry.data))![0]));
    assert.ok(rules.size > 0, 'cdk-nag did not look');
    assert.ok(!rules.has('HIPAA.Security-IAMNoInlinePolicy'), [...rules].join());
    const made = resources(stack);
    assert.equal(ofType(made, 'AWS::IAM::ManagedPolicy').length, 1);
    for (const id of ['A', 'B']) assert.equal(functionsIn(made)[id].layer, 'x86');
    assert.match(JSON.stringify(ofType(made, 'AWS::IAM::ManagedPolicy')), /kms:Decrypt/);
  });

  it('functions at the edge: they are passed over with a warning, the API is attached', () => {
    const stack = apps.edgeApp(newApp());
    const functions = functionsIn(resources(stack));
    assertAttached(functions.Api, 'x86', SECRET);
    assert.deepEqual(warnings(stack), [
      '/Stack/Headers: lambdawatch:edge-function',
      '/Stack/Rewrite/Fn: lambdawatch:edge-function',
    ]);
    assert.deepEqual(errors(stack), []);
  });
});
