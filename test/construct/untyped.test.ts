import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Certificate,
  FunctionFilter,
  LambdaWatch,
  LambdaWatchLayer,
  LokiAuth,
  LokiEndpoint,
  LokiSecret,
  type LambdaWatchProps,
} from '../../src';
import { ENDPOINT, layers, newFunction, newStack, rendered, resources } from './support';

before(layers);

/** What plain JavaScript lets pass: nothing is of the declared type. */
const wrong: [string, object, RegExp][] = [
  ['a number as text', { batching: { maxLines: '100' } }, /batching\.maxLines is "100"; .*number/],
  ['no number', { telemetryPort: null }, /telemetryPort is null; .*number/],
  ['a number as a group of options', { batching: 100 }, /batching is 100; .*object/],
  ['a size as text', { batching: { maxSize: '5MB' } }, /batching\.maxSize is "5MB"; .*Size/],
  ['a size as a number', { buffer: { maxSize: 4096 } }, /buffer\.maxSize is 4096; .*Size/],
  ['a duration as text', { retry: { requestTimeout: '3s' } }, /retry\.requestTimeout is "3s"; .*Duration/],
  ['a switch as text', { batching: { gzip: 'false' } }, /batching\.gzip is "false"; .*true or false/],
  ['grantAccess as text', { grantAccess: 'false' }, /grantAccess is "false"; .*true or false/],
  ['sharedPolicy as text', { sharedPolicy: 'yes' }, /sharedPolicy is "yes"; .*true or false/],
  ['a tenant that is a number', { tenantId: 42 }, /tenantId is 42; .*quotes/],
  ['a name that is a number', { serviceName: 42 }, /serviceName is 42; .*quotes/],
  ['an endpoint that is a URL', { endpoint: new URL(ENDPOINT) }, /endpoint is "https:.*; .*string/],
  ['cloudWatchLogs in lower case', { cloudWatchLogs: 'deny' }, /cloudWatchLogs is "deny"; .*CloudWatchLogs\.KEEP/],
  ['cloudWatchLogs: false', { cloudWatchLogs: false }, /cloudWatchLogs is false; .*CloudWatchLogs\.KEEP/],
  ['a secret as auth', { auth: LokiSecret.fromSecretName('x') }, /auth is no LokiAuth; use LokiAuth\.bearer/],
  ['an ARN as layer', { layer: 'arn:aws:lambda:x' }, /layer is "arn:aws:lambda:x"; .*fromLayerVersionArn/],
  ['an ARN in layers', { layers: { arm64: 'arn:x' } }, /layers\.arm64 is "arn:x"; .*fromLayerVersionArn/],
  ['nothing in layers', { layers: { arm64: undefined } }, /layers\.arm64 is undefined; .*fromLayerVersionArn/],
  ['a wrong name in layers', { layers: { ARM_64: undefined } }, /layers has the name "ARM_64"; .*x86_64 and arm64/],
  ['one log type', { logTypes: 'function' }, /logTypes is "function"; it must be a list/],
  ['labels as text', { labels: 'env=prod' }, /labels is "env=prod"; it must be an object/],
  ['one bypass', { proxy: { bypass: 'a.com' } }, /proxy\.bypass is "a\.com"; it must be a list/],
  ['a path as certificate', { tls: { ca: '/opt/ca.pem' } }, /tls\.ca is no Certificate; .*Certificate\.fromPath/],
  ['one function', { functions: {} }, /functions is {}; it must be a list/],
];

describe('from JavaScript', () => {
  for (const [what, props, message] of wrong) {
    it(`${what} is refused by name`, () => {
      const stack = newStack();
      const make = (): unknown => new LambdaWatch(stack, 'W', { endpoint: ENDPOINT, ...props } as LambdaWatchProps);
      assert.throws(make, (error: Error) => {
        assert.match(error.message, /^LambdaWatch Stack\/W: /);
        assert.match(error.message, message);
        assert.equal(error.message.split('\n').length, 1, error.message);
        return true;
      });
      assert.deepEqual(resources(stack), {});
    });
  }

  it('auth that is the secret itself is not repeated', () => {
    const make = (): unknown =>
      new LambdaWatch(newStack(), 'W', { endpoint: ENDPOINT, auth: 'glc_topsecret' } as never);
    assert.throws(make, ({ message }: Error) => !message.includes('topsecret') && /auth is no LokiAuth/.test(message));
  });

  const secret = LokiSecret.fromSecretName('x');
  const given: [string, () => unknown, RegExp][] = [
    [
      'bearer',
      () => LokiAuth.bearer('glc_topsecret' as never),
      /^LokiAuth\.bearer: token is a string, not a LokiSecret/,
    ],
    ['no token', () => LokiAuth.bearer(undefined as never), /^LokiAuth\.bearer: token is undefined.*fromSecretName/],
    [
      "CDK's secret",
      () => LokiAuth.bearer(new secretsmanager.Secret(newStack(), 'Secret') as never),
      /an object of another kind, not a LokiSecret; put it into LokiSecret\.fromSecretsManager\(…\)\.$/,
    ],
    ['no user', () => LokiAuth.basic(undefined as never, secret), /^LokiAuth\.basic: username is undefined/],
    [
      'a user number',
      () => LokiAuth.basic(123456 as never, secret),
      /^LokiAuth\.basic: username is a number, not a str/,
    ],
    ['password', () => LokiAuth.basic('me', 'glc_topsecret' as never), /^LokiAuth\.basic: password is a string, not a/],
    [
      'two texts as secrets',
      () => LokiAuth.basicFromSecrets('me' as never, 'glc_topsecret' as never),
      /^LokiAuth\.basicFromSecrets: username is a string, not a LokiSecret/,
    ],
    [
      'no secret name',
      () => LokiSecret.fromSecretName(undefined as never),
      /^LokiSecret\.fromSecretName: secretName is un/,
    ],
    ['no secret', () => LokiSecret.fromSecretsManager(undefined as never), /: secret is undefined; give a Secret/],
    [
      'a name as secret',
      () => LokiSecret.fromSecretsManager('loki' as never),
      /is a string; .*there is fromSecretName/,
    ],
    [
      'a field as options',
      () => LokiSecret.fromSecretName('x', 'token' as never),
      /options is a string; .*\{ field: 'tok/,
    ],
    [
      'a number as field',
      () => LokiSecret.fromSecretName('x', { field: 1 as never }),
      /: field is a number, not a string/,
    ],
    [
      "a key's ARN",
      () => LokiSecret.fromSecretName('x', { encryptionKey: 'arn:aws:kms:x' as never }),
      /^LokiSecret\.fromSecretName: encryptionKey is a string; .*kms\.Key\.fromKeyArn/,
    ],
    ['a name as parameter', () => LokiSecret.fromSsmParameter('/loki' as never), /there is fromSsmParameterName\.$/],
    [
      'no parameter name',
      () => LokiSecret.fromSsmParameterName(null as never),
      /: parameterName is null, not a string/,
    ],
    ['no endpoint name', () => LokiEndpoint.fromSsmParameterName(undefined as never), /: parameterName is undefined/],
    [
      'a file',
      () => Certificate.fromPem(Buffer.from('topsecret') as never),
      /pem is an object.*readFileSync\(file, 'utf8'\)/,
    ],
    ['no path', () => Certificate.fromPath(undefined as never), /^Certificate\.fromPath: path is undefined/],
    [
      'a list of scopes',
      () => FunctionFilter.within([newStack()] as never),
      /within was given a list; .*\(\.\.\.list\)/,
    ],
    ['a list of paths', () => FunctionFilter.path(['a'] as never), /a pattern is a list, not a string; .*one by one/],
    [
      "a runtime's name",
      () => FunctionFilter.runtime('nodejs22.x' as never),
      /a runtime is a string; .*lambda\.Runtime/,
    ],
    ['no tag', () => FunctionFilter.tag(undefined as never), /^FunctionFilter\.tag: key is undefined/],
    ['a number as tag', () => FunctionFilter.tag('team', 7 as never), /^FunctionFilter\.tag: value is a number/],
    ['a path as filter', () => FunctionFilter.not('a' as never), /^FunctionFilter\.not: filter is a string/],
    ['a list of filters', () => FunctionFilter.allOf([] as never), /allOf: a filter is a list; .*one by one/],
    [
      'no props',
      () => new LambdaWatch(newStack(), 'W', undefined as never),
      /^LambdaWatch Stack\/W: props is undefined/,
    ],
    ['no scope', () => LambdaWatch.leaveOut(undefined as never), /^LambdaWatch: leaveOut was given undefined/],
    [
      'an architecture as text',
      () => LambdaWatchLayer.copyExecutable('.', 'arm64' as never),
      /^LambdaWatchLayer\.copyExecutable: architecture is a string; give lambda\.Architecture/,
    ],
    [
      'an architecture as text for a layer',
      () => new LambdaWatchLayer(newStack(), 'L', { architecture: 'arm64' as never }),
      /^LambdaWatchLayer: architecture is a string/,
    ],
  ];
  for (const [what, make, message] of given) {
    it(`${what}: an error that says what to give`, () => {
      assert.throws(make, (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /topsecret/);
        assert.equal(error.name, 'Error');
        return true;
      });
    });
  }

  it('each method of a watch says what it takes', () => {
    const stack = newStack();
    const watch = new LambdaWatch(stack, 'W', { endpoint: ENDPOINT });
    const raw = new lambda.CfnFunction(stack, 'Raw', { code: { zipFile: 'x' }, role: 'arn:aws:iam::1:role/r' });
    const calls: [() => unknown, RegExp][] = [
      [() => watch.attachImage(undefined as never), /LambdaWatch Stack\/W: attachImage was given undefined; /],
      [() => watch.attachCfnFunction(undefined as never), /W: attachCfnFunction was given undefined; .*CfnFunction/],
      [() => watch.attachCfnFunction(raw, 'arn:x' as never), /attachCfnFunction: role is a string; .*fromRoleArn/],
      [() => watch.attachCfnFunction(raw, undefined, 'arm64' as never), /: architecture is a string; .*ARM_64/],
      [() => watch.configure(undefined as never, {}), /Stack\/W: configure was given undefined/],
      [() => watch.layerFor(stack, 'arm64' as never), /W: layerFor: architecture is a string/],
      [() => watch.layerFor(undefined as never), /W: layerFor was given undefined/],
      [() => watch.environmentFor('Stack' as never), /W: environmentFor was given "Stack"/],
    ];
    for (const [call, message] of calls) assert.throws(call, message);
    assert.equal(rendered(raw).Layers, undefined);
  });

  for (const [name, value] of Object.entries({ endpoint: ENDPOINT, auth: {}, cloudWatchLogs: 'DENY', layer: {} })) {
    it(`configure refuses ${name}, which is the same for all functions of a watch`, () => {
      const stack = newStack();
      const fn = newFunction(stack);
      const watch = new LambdaWatch(stack, 'W', { endpoint: ENDPOINT });
      assert.throws(
        () => watch.configure(fn, { [name]: value } as never),
        new RegExp(`configure Stack/Fn: ${name} .*LambdaWatch of its own`),
      );
    });
  }

  it('attach takes functions, attachAll a scope and lists of filters; each says so', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    const watch = new LambdaWatch(stack, 'W', { endpoint: ENDPOINT });
    const all = (options: unknown): void => watch.attachAll(stack, options as never);
    assert.throws(() => watch.attach([fn] as never), /Stack\/W: attach was given a list; .*attach\(\.\.\.list\)/);
    assert.throws(() => watch.attach(undefined as never), /LambdaWatch Stack\/W: attach was given undefined/);
    assert.throws(() => watch.attachAll(undefined as never), /LambdaWatch Stack\/W: attachAll was given undefined/);
    assert.throws(() => all({ include: FunctionFilter.path('**') }), /Stack\/W: attachAll: include .*list of filters/);
    assert.throws(() => all({ exclude: [fn] }), /Stack\/W: attachAll: exclude .*FunctionFilter\.within/);
  });
});
