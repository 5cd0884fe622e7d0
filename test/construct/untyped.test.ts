import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FunctionFilter, LambdaWatch, LokiSecret, type LambdaWatchProps } from '../../src';
import { ENDPOINT, layers, newFunction, newStack, resources } from './support';

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
