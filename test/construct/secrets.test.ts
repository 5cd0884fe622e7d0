import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CfnParameter, PhysicalName, SecretValue, Stack, Stage, type App } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { LambdaWatch, LokiAuth, LokiSecret, type LambdaWatchProps } from '../../src';
import {
  ALWAYS,
  ENDPOINT,
  layers,
  newApp,
  newFunction,
  newStack,
  rendered,
  resourcesOfType,
  text,
  variables,
  warnings,
} from './support';

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

/** What the function's role may do, as "action resource". */
function allowed(stack: Stack): string[] {
  interface Document {
    Statement: { Action: string | string[]; Resource: unknown }[];
  }
  const policies = Object.values(resourcesOfType(stack, 'AWS::IAM::Policy'));
  const statements = policies.flatMap(({ Properties }) => (Properties.PolicyDocument as Document).Statement);
  return statements.flatMap(({ Action, Resource }) =>
    [Action]
      .flat()
      .flatMap((action) =>
        [Resource]
          .flat()
          .map((resource) => `${action} ${typeof resource === 'string' ? resource : JSON.stringify(resource)}`),
      ),
  );
}

describe('LokiAuth', () => {
  it('none writes and grants nothing', () => {
    const { stack, fn } = attached(() => LokiAuth.none());
    assert.deepEqual(variables(fn), ALWAYS);
    assert.deepEqual(allowed(stack), []);
  });

  it("basic writes the user name and the password's ARN", () => {
    const { fn } = attached(() => LokiAuth.basic('123456', LokiSecret.fromSecretArn(ARN)));
    assert.deepEqual(variables(fn), { ...ALWAYS, LOKI_USERNAME: '123456', LOKI_PASSWORD_SECRET: ARN });
  });

  it('basicFromSecrets writes two ARNs, and grants a shared secret once', () => {
    const [user, password] = ['user', 'password'].map((field) => LokiSecret.fromSecretArn(ARN, { field }));
    const { stack, fn } = attached(() => LokiAuth.basicFromSecrets(user, password));
    assert.deepEqual(variables(fn), {
      ...ALWAYS,
      LOKI_USERNAME_SECRET: `${ARN}#user`,
      LOKI_PASSWORD_SECRET: `${ARN}#password`,
    });
    assert.deepEqual(allowed(stack), [`secretsmanager:GetSecretValue ${ARN}`]);
  });

  it("bearer writes the token's ARN", () => {
    const { fn } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)));
    assert.deepEqual(variables(fn), { ...ALWAYS, LOKI_API_KEY_SECRET: ARN });
  });

  it("refuses user names that HTTP can't carry", () => {
    for (const name of ['', '  ', 'a:b', 'a\nb']) {
      assert.throws(
        () => LokiAuth.basic(name, LokiSecret.fromSecretArn(ARN)),
        /LokiAuth\.basic: username .* without colons/,
      );
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
    const [read, decrypt, ...more] = allowed(stack);
    assert.match(read, /^secretsmanager:GetSecretValue .*SecretA720EF05/);
    assert.match(decrypt, /^kms:Decrypt .*Key961B73FD/);
    assert.deepEqual(more, []);
    assert.doesNotMatch(
      JSON.stringify(resourcesOfType(stack, 'AWS::KMS::Key')),
      /FnServiceRole/,
      'key policies have a limit',
    );
  });

  it("of a name is looked for in the function's own account and region", () => {
    const key = 'arn:aws:kms:eu-central-1:111111111111:key/k';
    const { stack, fn } = attached((scope) => {
      const encryptionKey = kms.Key.fromKeyArn(scope, 'Key', key);
      return LokiAuth.bearer(LokiSecret.fromSecretName('prod/loki', { encryptionKey }));
    });
    assert.equal(
      text(variables(fn).LOKI_API_KEY_SECRET),
      'arn:aws:secretsmanager:eu-central-1:111111111111:secret:prod/loki',
    );
    const [read, decrypt] = allowed(stack);
    assert.match(read, /^secretsmanager:GetSecretValue .*secret:prod\/loki-\?\?\?\?\?\?/);
    assert.equal(decrypt, `kms:Decrypt ${key}`);
  });

  it('imported by ARN or name is granted as CDK does it', () => {
    const { stack } = attached((scope) =>
      LokiAuth.basicFromSecrets(
        LokiSecret.fromSecretsManager(secretsmanager.Secret.fromSecretCompleteArn(scope, 'Complete', ARN)),
        LokiSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(scope, 'Named', 'other')),
      ),
    );
    assert.ok(allowed(stack).includes(`secretsmanager:GetSecretValue ${ARN}`));
    assert.ok(allowed(stack).some((line) => /GetSecretValue .*secret:other-\?{6}/.test(line)));
  });

  it('in the Parameter Store is readable, by construct and by name', () => {
    const { stack, fn } = attached((scope) =>
      LokiAuth.basicFromSecrets(
        LokiSecret.fromSsmParameter(
          ssm.StringParameter.fromSecureStringParameterAttributes(scope, 'Parameter', {
            parameterName: '/loki/user',
            encryptionKey: kms.Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/k'),
          }),
        ),
        LokiSecret.fromSsmParameterName('/loki/password'),
      ),
    );
    const parameter = (name: string): string => `arn:aws:ssm:eu-central-1:111111111111:parameter/loki/${name}`;
    assert.equal(text(variables(fn).LOKI_USERNAME_SECRET), parameter('user'));
    assert.equal(text(variables(fn).LOKI_PASSWORD_SECRET), parameter('password'));
    assert.ok(allowed(stack).some((line) => /^ssm:GetParameter .*parameter\/loki\/user/.test(line)));
    assert.ok(allowed(stack).some((line) => /^ssm:GetParameter .*parameter\/loki\/password/.test(line)));
    assert.ok(allowed(stack).some((line) => line === 'kms:Decrypt arn:aws:kms:eu-central-1:111111111111:key/k'));
  });

  it('is no place for the secret itself, which no message shows', () => {
    assert.throws(
      () => LokiSecret.fromSecretArn('hunter2'),
      ({ message }: Error) => /complete ARN.*fromSecretName/.test(message) && !/hunter2/.test(message),
    );
    assert.throws(
      () => LokiSecret.fromSecretArn('arn:aws:secretsmanager:eu-central-1:111111111111:secret:loki'),
      /complete ARN/,
    );
    assert.throws(() => LokiSecret.fromSecretName(''), /secretName is empty/);
    assert.throws(() => LokiSecret.fromSecretName('x', { field: '' }), /field is empty/);
    assert.throws(() => LokiSecret.fromSsmParameterName(' '), /parameterName is empty/);
  });

  it('never has its value in the template', () => {
    const { stack } = attached((scope) =>
      LokiAuth.bearer(
        LokiSecret.fromSecretsManager(
          new secretsmanager.Secret(scope, 'Secret', { secretStringValue: SecretValue.unsafePlainText('hunter2') }),
        ),
      ),
    );
    assert.doesNotMatch(
      JSON.stringify(resourcesOfType(stack, 'AWS::Lambda::Function')),
      /hunter2|resolve:secretsmanager/,
    );
  });

  it('of another stack is imported by reference', () => {
    const app = newApp();
    const [secrets, functions] = ['Secrets', 'Functions'].map((id) => new Stack(app, id, ENV));
    const secret = new secretsmanager.Secret(secrets, 'Secret');
    const fn = newFunction(functions);
    new LambdaWatch(functions, 'Watch', {
      endpoint: ENDPOINT,
      auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)),
      functions: [fn],
    });
    assert.match(JSON.stringify(rendered(fn)), /Fn::ImportValue/);
  });
});

describe('names and ARNs', () => {
  const value = 'glc_hunter2|hunter2';
  const wrong: [string, () => unknown, RegExp][] = [
    ['an ARN as a name', () => LokiSecret.fromSecretName(ARN), /secretName is an ARN, not a name.*fromSecretArn/],
    ['a field in the name', () => LokiSecret.fromSecretName('loki#token'), /secretName has other characters.*`field`/],
    ['a token as a name', () => LokiSecret.fromSecretName(value), /secretName has other characters/],
    ['a long name', () => LokiSecret.fromSecretName('x'.repeat(513)), /secretName has other characters.*at most 512/],
    [
      'an ARN as a parameter',
      () => LokiSecret.fromSsmParameterName('arn:aws:ssm:eu-central-1:111111111111:parameter/loki'),
      /parameterName is an ARN, not a name/,
    ],
    ['a token as a parameter', () => LokiSecret.fromSsmParameterName(value), /parameterName has other characters/],
    [
      'a simple name with a path',
      () => LokiSecret.fromSsmParameterName('/loki/token', { simpleName: true }),
      /simpleName is true.*begins with/,
    ],
    [
      'a path without one',
      () => LokiSecret.fromSsmParameterName('loki', { simpleName: false }),
      /simpleName is false.*does not begin/,
    ],
  ];
  for (const [what, make, message] of wrong) {
    it(`are refused: ${what}`, () => {
      assert.throws(make, (error: Error) => message.test(error.message) && !error.message.includes('hunter2'));
    });
  }

  it('that are known at deployment alone need to say whether they are paths', () => {
    const stack = newStack(ENV);
    const name = new CfnParameter(stack, 'Name').valueAsString;
    assert.throws(
      () => LokiSecret.fromSsmParameterName(name),
      /only known at deployment.*simpleName true for loki-token, false for/,
    );
    for (const [simpleName, slash] of [
      [true, '/'],
      [false, ''],
    ] as const) {
      const { fn } = attached((scope) =>
        LokiAuth.bearer(LokiSecret.fromSsmParameterName(new CfnParameter(scope, 'Name').valueAsString, { simpleName })),
      );
      assert.equal(
        text(variables(fn).LOKI_API_KEY_SECRET),
        `arn:aws:ssm:eu-central-1:111111111111:parameter${slash}<Name>`,
      );
    }
  });

  it('that may be partial are granted both ways', () => {
    const partial = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:loki-secret';
    const { stack } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(partial)));
    assert.deepEqual(
      allowed(stack).sort(),
      [partial, `${partial}-??????`].map((each) => `secretsmanager:GetSecretValue ${each}`),
    );
  });
});

describe("secrets that CDK can't refer to", () => {
  const secretIn = (scope: Construct, env: object, Scope: typeof Stack = Stack): secretsmanager.Secret =>
    new secretsmanager.Secret(new Scope(scope, 'Secrets', env), 'Secret');
  const cases: [string, () => { secret: secretsmanager.Secret; fn: lambda.Function; root: App }, RegExp][] = [
    [
      'of another region',
      () => {
        const root = newApp();
        return {
          root,
          secret: secretIn(root, { env: { ...ENV.env, region: 'us-east-1' } }),
          fn: newFunction(new Stack(root, 'Stack', ENV)),
        };
      },
      /is in aws:\/\/111111111111\/us-east-1, and its name is not known in aws:\/\/111111111111\/eu-central-1/,
    ],
    [
      'of another account',
      () => {
        const root = newApp();
        return {
          root,
          secret: secretIn(root, { env: { ...ENV.env, account: '222222222222' } }),
          fn: newFunction(new Stack(root, 'Stack', ENV)),
        };
      },
      /is in aws:\/\/222222222222\/eu-central-1/,
    ],
    [
      'of another stage',
      () => {
        const root = newApp();
        return { root, secret: secretIn(root, ENV), fn: newFunction(new Stack(new Stage(root, 'Prod'), 'Stack', ENV)) };
      },
      /belongs to stage of the app/,
    ],
  ];
  for (const [what, make, message] of cases) {
    it(`${what}: attach says so with the way out, attachAll passes over the function`, () => {
      const { secret, fn, root } = make();
      const watch = new LambdaWatch(root, 'Watch', {
        endpoint: ENDPOINT,
        auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)),
      });
      assert.throws(
        () => watch.attach(fn),
        (error: Error) => {
          assert.match(error.message, /^LambdaWatch Watch: \S*Stack\/Fn can't use the credentials\. The secret /);
          assert.match(error.message, message);
          assert.match(error.message, /LokiSecret\.fromSecretName or fromSecretArn/);
          return true;
        },
      );
      watch.attachAll(root);
      root.synth();
      assert.match(JSON.stringify([fn.node.metadata, fn.node.defaultChild!.node.metadata]), /secret-elsewhere/);
    });
  }

  it('of another account with a name: its policy has to name the role, which needs a name as well', () => {
    const app = newApp();
    const home = new Stack(app, 'Home', { env: { ...ENV.env, account: '222222222222' } });
    const secret = new secretsmanager.Secret(home, 'Secret', {
      secretName: 'loki',
      encryptionKey: new kms.Key(home, 'Key', { alias: 'loki' }),
    });
    const stack = new Stack(app, 'Stack', ENV);
    const role = (id: string, roleName?: string): iam.Role =>
      new iam.Role(stack, id, { roleName, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const unnamed = newFunction(stack, 'Unnamed', { role: role('R1') });
    const named = newFunction(stack, 'Named', { role: role('R2', PhysicalName.GENERATE_IF_NEEDED) });
    const watch = new LambdaWatch(stack, 'Watch', {
      endpoint: ENDPOINT,
      auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)),
    });
    assert.throws(
      () => watch.attach(unnamed),
      /Stack\/Unnamed can't use the credentials\. The secret is in aws:.*its policy has to name Stack\/R1; give that role a roleName/,
    );
    const withoutKey = LokiSecret.fromSecretsManager(new secretsmanager.Secret(home, 'Plain', { secretName: 'plain' }));
    const other = new LambdaWatch(stack, 'Other', { endpoint: ENDPOINT, auth: LokiAuth.bearer(withoutKey) });
    assert.throws(
      () => other.attach(named),
      /The secret is in aws:\S+ and has no encryptionKey, .*; give it one, or name/,
    );
    watch.attachAll(stack);
    app.synth();
    assert.ok(warnings(stack).includes('/Stack/Unnamed: lambdawatch:secret-elsewhere'));
    assert.equal(variables(named).LOKI_API_KEY_SECRET === undefined, false);
  });

  it('a secret with a key, of a stack that is deployed before, makes no circle', () => {
    const app = newApp();
    const [secrets, functions] = ['Secrets', 'Functions'].map((id) => new Stack(app, id, ENV));
    const secret = new secretsmanager.Secret(secrets, 'Secret', { encryptionKey: new kms.Key(secrets, 'Key') });
    const fn = newFunction(functions);
    functions.addDependency(secrets);
    new LambdaWatch(functions, 'Watch', {
      endpoint: ENDPOINT,
      auth: LokiAuth.bearer(LokiSecret.fromSecretsManager(secret)),
      functions: [fn],
    });
    app.synth();
    assert.ok(allowed(functions).some((line) => line.startsWith('kms:Decrypt')));
  });
});

describe('grants', () => {
  const KEY = 'arn:aws:kms:eu-central-1:111111111111:key/k';
  const keyOf = (scope: Stack): kms.IKey => kms.Key.fromKeyArn(scope, 'Key', KEY);
  const withKey: [string, (stack: Stack) => LokiSecret][] = [
    [
      'fromSecretsManager',
      (stack) =>
        LokiSecret.fromSecretsManager(secretsmanager.Secret.fromSecretCompleteArn(stack, 'S', ARN), {
          encryptionKey: keyOf(stack),
        }),
    ],
    ['fromSecretName', (stack) => LokiSecret.fromSecretName('loki', { encryptionKey: keyOf(stack) })],
    ['fromSecretArn', (stack) => LokiSecret.fromSecretArn(ARN, { encryptionKey: keyOf(stack) })],
    [
      'fromSsmParameter',
      (stack) =>
        LokiSecret.fromSsmParameter(
          ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'P', { parameterName: '/loki' }),
          { encryptionKey: keyOf(stack) },
        ),
    ],
    ['fromSsmParameterName', (stack) => LokiSecret.fromSsmParameterName('/loki', { encryptionKey: keyOf(stack) })],
  ];
  for (const [factory, secret] of withKey) {
    it(`allow decryption with the encryptionKey of ${factory}, by way of the service alone`, () => {
      const { stack } = attached((scope) => LokiAuth.bearer(secret(scope)));
      assert.ok(allowed(stack).includes(`kms:Decrypt ${KEY}`), allowed(stack).join());
      const service = factory.includes('Ssm') ? 'ssm' : 'secretsmanager';
      assert.match(
        JSON.stringify(resourcesOfType(stack, 'AWS::IAM::Policy')),
        new RegExp(`"kms:ViaService":"${service}\\.eu-central-1\\.amazonaws\\.com"`),
      );
      assert.deepEqual(warnings(stack), []);
    });
  }

  it('that CDK drops are warned of: an alias by its name is no key', () => {
    const options = (scope: Stack): { encryptionKey: kms.IKey } => ({
      encryptionKey: kms.Alias.fromAliasName(scope, 'Key', 'alias/loki'),
    });
    const secrets: ((scope: Stack) => LokiSecret)[] = [
      (scope) => LokiSecret.fromSecretName('loki', options(scope)),
      (scope) =>
        LokiSecret.fromSecretsManager(
          secretsmanager.Secret.fromSecretAttributes(scope, 'S', { secretCompleteArn: ARN, ...options(scope) }),
        ),
    ];
    for (const secret of secrets) {
      const { stack } = attached((scope) => LokiAuth.bearer(secret(scope)));
      const granted = allowed(stack).some((line) => line.startsWith('kms:Decrypt'));
      assert.deepEqual(warnings(stack), granted ? [] : ['/Stack/Fn: lambdawatch:grant-dropped']);
    }
  });

  it('over plain HTTP would give the credentials away, so that there is a warning', () => {
    const endpoint = 'http://loki.internal/loki/api/v1/push';
    assert.deepEqual(warnings(attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)), { endpoint }).stack), [
      '/Stack/Watch: lambdawatch:plain-http',
    ]);
    assert.deepEqual(warnings(attached(() => LokiAuth.none(), { endpoint }).stack), []);
  });

  it('can be switched off', () => {
    const { stack, fn } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)), { grantAccess: false });
    assert.equal(variables(fn).LOKI_API_KEY_SECRET, ARN);
    assert.deepEqual(allowed(stack), []);
  });

  it('go to an imported role', () => {
    const role = (scope: Stack): Partial<lambda.FunctionProps> => ({
      role: iam.Role.fromRoleArn(scope, 'Role', THEIRS),
    });
    const { stack } = attached(() => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)), {}, role);
    assert.deepEqual(allowed(stack), [`secretsmanager:GetSecretValue ${ARN}`]);
    assert.deepEqual(warnings(stack), []);
  });

  it('to an imported role are in the stack of the function, which waits for them', () => {
    const app = newApp();
    const home = new Stack(app, 'Home', ENV);
    const role = iam.Role.fromRoleArn(home, 'Role', THEIRS);
    const stack = new Stack(app, 'Stack', ENV);
    newFunction(stack, 'Fn', { role });
    const watch = new LambdaWatch(stack, 'Logs', {
      endpoint: ENDPOINT,
      auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki')),
    });
    watch.attachAll(stack);
    assert.equal(allowed(stack).length, 1);
    assert.deepEqual(allowed(home), []);
    const [policy] = Object.keys(resourcesOfType(stack, 'AWS::IAM::Policy'));
    const [fn] = Object.values(resourcesOfType(stack, 'AWS::Lambda::Function')) as { DependsOn?: string[] }[];
    assert.deepEqual(fn.DependsOn, [policy]);
  });

  it('to an immutable role would vanish, so that there is a warning', () => {
    const role = (scope: Stack): Partial<lambda.FunctionProps> => ({
      role: iam.Role.fromRoleArn(scope, 'Role', THEIRS, { mutable: false }),
    });
    const auth = (): LokiAuth => LokiAuth.bearer(LokiSecret.fromSecretArn(ARN));
    assert.deepEqual(warnings(attached(auth, {}, role).stack), ['/Stack/Fn: lambdawatch:immutable-role']);
    assert.deepEqual(warnings(attached(auth, { grantAccess: false }, role).stack), []);
    assert.deepEqual(warnings(attached(() => LokiAuth.none(), {}, role).stack), []);
  });

  it('for a raw resource go to the role that is passed, without which it is refused', () => {
    const stack = newStack(ENV);
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const raw = new lambda.CfnFunction(stack, 'Raw', {
      code: { zipFile: 'x' },
      role: role.roleArn,
      runtime: 'nodejs22.x',
      handler: 'index.handler',
    });
    const watch = new LambdaWatch(stack, 'Watch', {
      endpoint: ENDPOINT,
      auth: LokiAuth.bearer(LokiSecret.fromSecretArn(ARN)),
    });
    assert.throws(() => watch.attachCfnFunction(raw), /Stack\/Raw needs its role as well/);
    watch.attachCfnFunction(raw, role);
    assert.equal(variables(raw).LOKI_API_KEY_SECRET, ARN);
    assert.deepEqual(allowed(stack), [`secretsmanager:GetSecretValue ${ARN}`]);
  });
});
