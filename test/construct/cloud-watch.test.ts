import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { CloudWatchLogs, LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import { ENDPOINT, layers, newFunction, newStack, variables, warnings } from './support';

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly { Effect: string; Resource: unknown[] }[] };
}

describe('cloudWatchLogs', () => {
  before(() => layers());

  const attached = (props: Partial<LambdaWatchProps>, fn: Partial<lambda.FunctionProps> = {}): Stack => {
    const stack = newStack();
    newFunction(stack, 'Orders', fn);
    new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, ...props }).attachAll(stack);
    return stack;
  };
  const resourcesOf = (stack: Stack): unknown[] =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(({ Properties: properties }) =>
      (properties as Policy).PolicyDocument.Statement.filter(({ Effect: effect }) => effect === 'Deny').flatMap(
        ({ Resource: resource }) => resource,
      ),
    );

  it("DENY keeps the role from the function's own log group, and sends the extension's warnings to Loki", () => {
    const stack = attached({ cloudWatchLogs: CloudWatchLogs.DENY });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: Match.anyValue(),
          },
        ],
      },
    });
    const text = JSON.stringify(resourcesOf(stack));
    assert.match(text, /"Ref":"AWS::Partition"/);
    assert.match(text, /:log-group:\/aws\/lambda\/",\{"Ref":"Orders/);
    assert.equal(variables(stack.node.findChild('Orders') as lambda.Function).LOKI_SHIP_DIAGNOSTICS, 'true');
  });

  it("DENY takes a log group of the user's own", () => {
    const stack = newStack();
    newFunction(stack, 'Orders', { logGroup: new logs.LogGroup(stack, 'Group') });
    new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }).attachAll(stack);
    assert.match(JSON.stringify(resourcesOf(stack)), /:log-group:",\{"Ref":"Group/);
  });

  for (const cloudWatchLogs of [undefined, CloudWatchLogs.KEEP]) {
    it(`${String(cloudWatchLogs)} changes nothing`, () => {
      const stack = attached({ cloudWatchLogs });
      assert.deepEqual(resourcesOf(stack), []);
      assert.equal(variables(stack.node.findChild('Orders') as lambda.Function).LOKI_SHIP_DIAGNOSTICS, undefined);
    });
  }

  it("warns where the role can't be changed", () => {
    const stack = newStack();
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/theirs', { mutable: false });
    newFunction(stack, 'Orders', { role });
    new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }).attachAll(stack);
    assert.deepEqual(warnings(stack), ['/Stack/Orders: lambdawatch:cloud-watch-kept']);
    assert.deepEqual(resourcesOf(stack), []);
  });

  it('an image that only attachAll came by may be without the extension, and goes on writing', () => {
    const image = (attach: (watch: LambdaWatch, fn: lambda.Function) => void): Stack => {
      const stack = newStack();
      const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'r');
      const fn = new lambda.DockerImageFunction(stack, 'Fn', { code: lambda.DockerImageCode.fromEcr(repository) });
      attach(new LambdaWatch(stack, 'Logs', { endpoint: ENDPOINT, cloudWatchLogs: CloudWatchLogs.DENY }), fn);
      return stack;
    };
    const all = image((watch, fn) => watch.attachAll(fn));
    assert.deepEqual(resourcesOf(all), []);
    assert.deepEqual(warnings(all), [
      '/Stack/Fn: lambdawatch:cloud-watch-kept',
      '/Stack/Fn: lambdawatch:container-image',
    ]);
    const named = image((watch, fn) => watch.attachImage(fn));
    assert.equal(resourcesOf(named).length, 2);
    assert.deepEqual(warnings(named), []);
  });

  it('names its policies where they are what a stack has too many resources for', () => {
    const stack = newStack();
    for (let i = 0; i < 170; i++) newFunction(stack, `Fn${i}`);
    const auth = LokiAuth.bearer(LokiSecret.fromSecretName('loki'));
    const props = { endpoint: ENDPOINT, auth, sharedPolicy: true, cloudWatchLogs: CloudWatchLogs.DENY };
    new LambdaWatch(stack, 'Logs', props).attachAll(stack);
    assert.throws(
      () => (stack.node.root as App).synth(),
      /LambdaWatch: Stack has 512 resources.*170 of them are policies of cloudWatchLogs: DENY.*logs:PutLogEvents/s,
    );
  });
});
