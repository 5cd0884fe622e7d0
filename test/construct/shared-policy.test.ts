import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { NestedStack, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import { recommendedFlags } from './flags';
import { ENDPOINT, layers, newApp, newFunction, newStack, resources, resourcesOfType, warnings } from './support';

before(layers);

const auth = LokiAuth.bearer(LokiSecret.fromSecretName('loki'));
const ENV = { env: { account: '111111111111', region: 'eu-central-1' } };
const watchIn = (stack: Stack, props: Partial<LambdaWatchProps> = {}): LambdaWatch =>
  new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, auth, sharedPolicy: true, ...props });

/** An app as `cdk init` makes it today: each function with its role and its log group. */
function busyStack(functions: number, sharedPolicy: boolean): Stack {
  const stack = new Stack(newApp({ context: recommendedFlags() }), 'Stack', ENV);
  for (let i = 0; i < functions; i++) newFunction(stack, `Fn${i}`, { logGroup: new logs.LogGroup(stack, `Logs${i}`) });
  watchIn(stack, { sharedPolicy }).attachAll(stack);
  return stack;
}

describe('one policy for a stack', () => {
  it('lets all of its functions read the credentials', () => {
    const stack = newStack(ENV);
    const [one, two] = ['One', 'Two'].map((id) => newFunction(stack, id));
    watchIn(stack).attachAll(stack);
    const [[id, policy], ...more] = Object.entries(resourcesOfType(stack, 'AWS::IAM::ManagedPolicy'));
    assert.deepEqual(more, []);
    assert.match(JSON.stringify(policy.Properties.PolicyDocument), /secretsmanager:GetSecretValue.*secret:loki-\?{6}/);
    for (const fn of [one, two]) {
      const role = resources(stack)[stack.getLogicalId(fn.role!.node.defaultChild as iam.CfnRole)];
      assert.ok(
        (role.Properties.ManagedPolicyArns as unknown[]).some(
          (arn) => JSON.stringify(arn) === JSON.stringify({ Ref: id }),
        ),
      );
    }
    assert.deepEqual(resourcesOfType(stack, 'AWS::IAM::Policy'), {});
    assert.deepEqual(warnings(stack), []);
  });

  it('is one for each nested stack and each set of secrets, with an id that depends on nothing else', () => {
    const ids = (order: string[]): string[][] => {
      const stack = newStack(ENV);
      const nested = new NestedStack(stack, 'Nested');
      watchIn(stack).attach(...order.map((id) => newFunction(stack, id)), newFunction(nested, 'Inner'));
      new LambdaWatch(stack, 'Same', { endpoint: ENDPOINT, auth, sharedPolicy: true }).attach(newFunction(stack, 'C'));
      new LambdaWatch(stack, 'Other', {
        endpoint: ENDPOINT,
        auth: LokiAuth.bearer(LokiSecret.fromSecretName('other')),
        sharedPolicy: true,
      }).attach(newFunction(stack, 'D'));
      return [stack, nested].map((each) => Object.keys(resourcesOfType(each, 'AWS::IAM::ManagedPolicy')).sort());
    };
    assert.deepEqual(
      ids(['A', 'B']).map(({ length }) => length),
      [2, 1],
    );
    assert.deepEqual(ids(['A', 'B']), ids(['B', 'A']));
  });

  it('covers keys, those that this app makes included, and imported roles', () => {
    const stack = newStack(ENV);
    const secret = new secretsmanager.Secret(stack, 'Secret', { encryptionKey: new kms.Key(stack, 'Key') });
    const role = iam.Role.fromRoleName(stack, 'Role', 'theirs');
    watchIn(stack, { auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)) }).attach(
      newFunction(stack),
      newFunction(stack, 'Theirs', { role }),
    );
    const [policy] = Object.values(resourcesOfType(stack, 'AWS::IAM::ManagedPolicy'));
    assert.match(JSON.stringify(policy.Properties.PolicyDocument), /kms:Decrypt.*kms:ViaService.*Key961B73FD/);
    assert.deepEqual(policy.Properties.Roles, ['theirs']);
    assert.deepEqual(warnings(stack), []);
  });

  it('to an immutable role is still warned of', () => {
    const stack = newStack(ENV);
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111111111111:role/theirs', { mutable: false });
    watchIn(stack).attach(newFunction(stack, 'Fn', { role }));
    assert.deepEqual(warnings(stack), ['/Stack/Fn: lambdawatch:immutable-role']);
    assert.deepEqual(resourcesOfType(stack, 'AWS::IAM::ManagedPolicy'), {});
  });

  it("keeps 160 functions of an app with today's flags within the limit of resources", () => {
    const stack = busyStack(160, true);
    const made = resources(stack);
    assert.equal(Object.values(made).filter(({ Type }) => Type === 'AWS::Lambda::Function').length, 160);
    assert.ok(Object.keys(made).length <= 500, String(Object.keys(made).length));
  });

  it('is what the error names where a policy for each role is too much', () => {
    assert.throws(
      () => resources(busyStack(160, false)),
      /LambdaWatch: Stack has 641 resources and CloudFormation allows 500; 160 of them are policies.*Set sharedPolicy/,
    );
  });
});

describe('one policy is not taken for another', () => {
  const policiesOf = (stack: Stack): string[] =>
    Object.values(resourcesOfType(stack, 'AWS::IAM::ManagedPolicy'))
      .map(({ Properties }) => JSON.stringify(Properties.PolicyDocument))
      .sort();

  it('when secrets of two stacks have the same logical id', () => {
    const app = newApp();
    const tokens = ['One', 'Two'].map((id) => new secretsmanager.Secret(new Stack(app, id, ENV), 'Token'));
    const stack = new Stack(app, 'Shop', ENV);
    for (const [i, token] of tokens.entries()) {
      new LambdaWatch(stack, `Watch${i}`, {
        endpoint: ENDPOINT,
        auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(token)),
        sharedPolicy: true,
      }).attach(newFunction(stack, `Fn${i}`));
    }
    const policies = policiesOf(stack);
    assert.equal(policies.length, 2);
    assert.notEqual(policies[0], policies[1]);
  });

  it('when only one of them has a key', () => {
    const stack = newStack(ENV);
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/k');
    for (const [i, options] of [{}, { encryptionKey }].entries()) {
      new LambdaWatch(stack, `Watch${i}`, {
        endpoint: ENDPOINT,
        auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki', options)),
        sharedPolicy: true,
      }).attach(newFunction(stack, `Fn${i}`));
    }
    assert.deepEqual(
      policiesOf(stack)
        .map((text) => text.includes('kms:Decrypt'))
        .sort(),
      [false, true],
    );
  });
});
