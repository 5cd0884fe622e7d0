import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LambdaWatch, LambdaWatchLayer } from '../../src';
import { ENDPOINT, layerIds, layers, newFunction, newStack, resources } from './support';

before(layers);

const zip = (architecture: string): string =>
  join(__dirname, '..', '..', 'lib', 'layer', `lambdawatch-${architecture}.zip`);

describe('the layer', () => {
  it('reaches the assets of the app as the prebuilt zip, byte for byte', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new LambdaWatchLayer(stack, 'Layer', { architecture: lambda.Architecture.ARM_64, layerVersionName: 'shared' });
    const assembly = app.synth();
    const { S3Key } = Object.values(resources(stack))[0].Properties.Content as { S3Key: string };
    assert.deepEqual(readFileSync(join(assembly.directory, `asset.${S3Key}`)), readFileSync(zip('arm64')));
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::LayerVersion', { LayerName: 'shared' });
  });

  it('names no runtimes and architectures, which would keep out new ones', () => {
    const stack = newStack();
    new LambdaWatchLayer(stack, 'Layer');
    const [{ Properties }] = Object.values(resources(stack));
    assert.equal(Properties.CompatibleRuntimes, undefined);
    assert.equal(Properties.CompatibleArchitectures, undefined);
  });

  it('has an asset hash that comes from its content alone', () => {
    const hash = (): unknown => {
      const stack = newStack();
      new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT }).attach(newFunction(stack));
      return resources(stack)[layerIds(stack)[0]].Properties.Content;
    };
    const first = hash();
    const mode = statSync(zip('x86_64')).mode & 0o777;
    chmodSync(zip('x86_64'), 0o600);
    try {
      assert.deepEqual(hash(), first);
    } finally {
      chmodSync(zip('x86_64'), mode);
    }
  });

  it('is not shared with another copy of this library in the app, whose layer may be of another version', () => {
    const stack = newStack();
    const other = new LambdaWatchLayer(stack, 'LambdaWatchLayer-x86_64');
    Object.defineProperty(other, Symbol.for('cdk-lambdawatch.origin'), { value: '/elsewhere/lib/private' });
    const fn = newFunction(stack);
    new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT }).attach(fn);
    assert.equal(layerIds(stack).length, 2);
    const { Layers } = Object.values(resources(stack)).find(({ Type }) => Type === 'AWS::Lambda::Function')!.Properties;
    assert.notDeepEqual(Layers, [stack.resolve(other.layerVersionArn)]);
  });

  it('can be wired by hand', () => {
    const stack = newStack();
    const watch = new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, tenantId: 'a' });
    const fn = newFunction(stack, 'Fn', { layers: [watch.layerFor(stack)], environment: watch.environmentFor(stack) });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Layers: [{ Ref: layerIds(stack)[0] }],
      Environment: { Variables: { LOKI_ENDPOINT: ENDPOINT, LOKI_TENANT_ID: 'a' } },
    });
    assert.ok(fn);
  });

  it('is refused for an architecture that there is none for', () => {
    const stack = newStack();
    const architecture = lambda.Architecture.custom('riscv64');
    assert.throws(
      () => new LambdaWatchLayer(stack, 'Layer', { architecture }),
      /no layer for architecture "riscv64"; there are layers for x86_64 and arm64/,
    );
  });
});

describe('copyExecutable', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lambdawatch-image-'));
  after(() => rmSync(directory, { recursive: true }));

  it('writes a program that can be run, and writes it once', () => {
    const file = LambdaWatchLayer.copyExecutable(directory);
    assert.equal(file, join(directory, 'lambdawatch'));
    assert.equal(readFileSync(file).subarray(0, 4).toString('latin1'), '\x7fELF');
    assert.equal(statSync(file).mode & 0o777, 0o755);
    const { mtimeMs } = statSync(file);
    LambdaWatchLayer.copyExecutable(directory);
    assert.equal(statSync(file).mtimeMs, mtimeMs);
    writeFileSync(file, 'an older one');
    LambdaWatchLayer.copyExecutable(directory, lambda.Architecture.X86_64);
    assert.equal(readFileSync(file).subarray(0, 4).toString('latin1'), '\x7fELF');
  });

  it('refuses a directory that is not there', () => {
    assert.throws(() => LambdaWatchLayer.copyExecutable(join(directory, 'nowhere')), /is not a directory/);
  });
});
