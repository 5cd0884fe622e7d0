import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { SecretValue, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import { ENDPOINT, layers, newApp, newFunction, newStack, rendered, resourcesOfType, variables, warnings } from './support';

before(layers);

const ENV = { env: { account: '111111111111', region: 'eu-central-1' } };
const THEIRS = 'arn:aws:iam::111111111111:role/theirs';
const ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:loki-AbCdEf';

interface Attached {
  readonly stack: Stack;
  readonly fn: lambda.Function;
}

function attached(
  auth: (stack: Stack) => LokiAuth,
  props: Partial<LambdaWatchProps> = {},
  fnProps: (stack: Stack) => Partial<lambda.FunctionProps> = () => ({}),
): Attached {
  const stack = newStack(ENV);
  const fn = newFunction(stack, 'Fn', fnProps(stack));
  new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, auth: auth(stack), functions: [fn], ...props });
  return { stack, fn };
}

/** An ARN as CDK puts it together. */
function arn(rest: string): unknown {
  return { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] };
}

/** What the function's role may do, as "action resource". */
function allowed(stack: Stack): string[] {
  interface Document { Statement: { Action: string | string[]; Resource: unknown }[] }
  const policies = Object.values(resourcesOfType(stack, 'AWS::IAM::Policy'));
  const statements = policies.flatMap(({ Properties }) => (Properties.PolicyDocument as Document).Statement);
  return statements.flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${action} ` +
    `${typeof Resource === 'string' ? Resource : JSON.stringify(Resource)}`));
}

describe('LokiAuth', () => {
  it('none writes and grants nothing', () => {
    const { stack, fn } = attached(() => LokiAuth.none());
    assert.deepEqual(variables(fn), { LOKI_ENDPOINT: ENDPOINT });
    assert.deepEqual(allowed(stack), []);
  });

  it('basic writes the user name and the password\'s ARN', () => {
    const { fn } = attached(() => LokiAuth.basic('123456', LokiSecret.fromSecretArn(ARN)));
    assert.deepEqual(variables(fn), { LOKI_ENDPOINT: ENDPOINT, LOKI_USERNAME: '123456', LOKI_PASSWORD_SECRET: ARN });
  });

  it('basicFromSecrets writes two ARNs, and grants a shared secret once', () => {
    const [user, password] = ['user', 'password'].map((field) => LokiSecret.fromSecretArn(ARN, { field }));
    const { stack, fn } = attached(() => LokiAuth.basicFromSecrets(user, password));
    assert.deepEqual(variables(fn), { LOKI_ENDPOINT: ENDPOINT, LOKI_USERNAME_SECRET: `${ARN}#user`, LOKI_PASSWORD_SECRET: `${ARN}#password` });
    assert.deepEqual(allowed(stack), [`secretsmanager:GetSecretValue ${ARN}`]);
  });

  it('bearer writes the token\'s ARN', () => {
    const { fn } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)));
    assert.deepEqual(variables(fn), { LOKI_ENDPOINT: ENDPOINT, LOKI_API_KEY_SECRET: ARN });
  });

  it('refuses user names that HTTP can\'t carry', () => {
    for (const name of ['', '  ', 'a:b', 'a\nb']) {
      assert.throws(() => LokiAuth.basic(name, LokiSecret.fromSecretArn(ARN)), /LokiAuth\.basic: username .* without colons/);
    }
    assert.ok(LokiAuth.basic('a b', LokiSecret.fromSecretArn(ARN)));
  });
});

describe('LokiSecret', () => {
  it('of this app is readable, and its key usable', () => {
    const { stack, fn } = attached((scope) => {
      const secret = new secretsmanager.Secret(scope, 'Secret', { encryptionKey: new kms.Key(scope, 'Key') });
      return LokiAuth.bearer(LokiSecret.fromSecretsManager(secret, { field: 'token' }));
    });
    assert.deepEqual(variables(fn).LOKI_API_KEY_SECRET, { 'Fn::Join': ['', [{ Ref: 'SecretA720EF05' }, '#token']] });
    const [read] = allowed(stack);
    assert.match(read, /^secretsmanager:GetSecretValue .*SecretA720EF05/);
    // In the key's policy, or in the role's, depending on the app's feature flags.
    assert.match(JSON.stringify(Template.fromStack(stack)), /kms:Decrypt.*FnServiceRole/);
  });

  it('of a name is looked for in the function\'s own account and region', () => {
    const key = 'arn:aws:kms:eu-central-1:111111111111:key/k';
    const { stack, fn } = attached((scope) => {
      const encryptionKey = kms.Key.fromKeyArn(scope, 'Key', key);
      return LokiAuth.bearer(LokiSecret.fromSecretName('prod/loki', { encryptionKey }));
    });
    assert.deepEqual(variables(fn).LOKI_API_KEY_SECRET, arn(':secretsmanager:eu-central-1:111111111111:secret:prod/loki'));
    const [read, decrypt] = allowed(stack);
    assert.match(read, /^secretsmanager:GetSecretValue .*secret:prod\/loki-\?\?\?\?\?\?/);
    assert.equal(decrypt, `kms:Decrypt ${key}`);
  });

  it('imported by ARN or name is granted as CDK does it', () => {
    const { stack } = attached((scope) => LokiAuth.basicFromSecrets(
      LokiSecret.fromSecretsManager(secretsmanager.Secret.fromSecretCompleteArn(scope, 'Complete', ARN)),
      LokiSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(scope, 'Named', 'other')),
    ));
    assert.ok(allowed(stack).includes(`secretsmanager:GetSecretValue ${ARN}`));
    assert.ok(allowed(stack).some((line) => /GetSecretValue .*secret:other-\?{6}/.test(line)));
  });

  it('in the Parameter Store is readable, by construct and by name', () => {
    const { stack, fn } = attached((scope) => LokiAuth.basicFromSecrets(
      LokiSecret.fromSsmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(scope, 'Parameter', {
        parameterName: '/loki/user',
        encryptionKey: kms.Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/k'),
      })),
      LokiSecret.fromSsmParameterName('/loki/password'),
    ));
    const parameter = (name: string): unknown => arn(`:ssm:eu-central-1:111111111111:parameter/loki/${name}`);
    assert.deepEqual(variables(fn).LOKI_USERNAME_SECRET, parameter('user'));
    assert.deepEqual(variables(fn).LOKI_PASSWORD_SECRET, parameter('password'));
    assert.ok(allowed(stack).some((line) => /^ssm:GetParameter .*parameter\/loki\/user/.test(line)));
    assert.ok(allowed(stack).some((line) => /^ssm:GetParameter .*parameter\/loki\/password/.test(line)));
    assert.ok(allowed(stack).some((line) => line === 'kms:Decrypt arn:aws:kms:eu-central-1:111111111111:key/k'));
  });

  it('is no place for the secret itself, which no message shows', () => {
    assert.throws(() => LokiSecret.fromSecretArn('hunter2'),
      ({ message }: Error) => /complete ARN.*fromSecretName/.test(message) && !/hunter2/.test(message));
    assert.throws(() => LokiSecret.fromSecretArn('arn:aws:secretsmanager:eu-central-1:111111111111:secret:loki'), /complete ARN/);
    assert.throws(() => LokiSecret.fromSecretName(''), /secretName is empty/);
    assert.throws(() => LokiSecret.fromSecretName('x', { field: '' }), /field is empty/);
    assert.throws(() => LokiSecret.fromSsmParameterName(' '), /parameterName is empty/);
  });

  it('never has its value in the template', () => {
    const { stack } = attached((scope) => LokiAuth.bearer(LokiSecret.fromSecretsManager(
      new secretsmanager.Secret(scope, 'Secret', { secretStringValue: SecretValue.unsafePlainText('hunter2') }))));
    assert.doesNotMatch(JSON.stringify(resourcesOfType(stack, 'AWS::Lambda::Function')), /hunter2|resolve:secretsmanager/);
  });

  it('of another stack is imported by reference', () => {
    const app = newApp();
    const [secrets, functions] = ['Secrets', 'Functions'].map((id) => new Stack(app, id, ENV));
    const secret = new secretsmanager.Secret(secrets, 'Secret');
    const fn = newFunction(functions);
    new LambdaWatch(functions, 'Watch', { endpoint: ENDPOINT, auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)), functions: [fn] });
    assert.match(JSON.stringify(rendered(fn)), /Fn::ImportValue/);
  });
});

describe('grants', () => {
  it('can be switched off', () => {
    const { stack, fn } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)), { grantAccess: false });
    assert.equal(variables(fn).LOKI_API_KEY_SECRET, ARN);
    assert.deepEqual(allowed(stack), []);
  });

  it('go to an imported role', () => {
    const role = (scope: Stack): Partial<lambda.FunctionProps> => ({ role: iam.Role.fromRoleArn(scope, 'Role', THEIRS) });
    const { stack } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)), {}, role);
    assert.deepEqual(allowed(stack), [`secretsmanager:GetSecretValue ${ARN}`]);
    assert.deepEqual(warnings(stack), []);
  });

  it('to an immutable role would vanish, so that there is a warning', () => {
    const role = (scope: Stack): Partial<lambda.FunctionProps> => ({ role: iam.Role.fromRoleArn(scope, 'Role', THEIRS, { mutable: false }) });
    const auth = (): LokiAuth => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN));
    assert.deepEqual(warnings(attached(auth, {}, role).stack), ['/Stack/Fn: lambdawatch:immutable-role']);
    assert.deepEqual(warnings(attached(auth, { grantAccess: false }, role).stack), []);
    assert.deepEqual(warnings(attached(() => LokiAuth.none(), {}, role).stack), []);
  });

  it('for a raw resource go to the role that is passed, without which it is refused', () => {
    const stack = newStack(ENV);
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const raw = new lambda.CfnFunction(stack, 'Raw', { code: { zipFile: 'x' }, role: role.roleArn, runtime: 'nodejs22.x', handler: 'index.handler' });
    const watch = new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, auth: LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)) });
    assert.throws(() => watch.attachCfnFunction(raw), /Stack\/Raw needs its role as well/);
    watch.attachCfnFunction(raw, role);
    assert.equal(variables(raw).LOKI_API_KEY_SECRET, ARN);
    assert.deepEqual(allowed(stack), [`secretsmanager:GetSecretValue ${ARN}`]);
  });
});
