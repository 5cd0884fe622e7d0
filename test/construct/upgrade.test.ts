import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { NestedStack, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as library from '../../src';
import { ENDPOINT, layers, newApp, newFunction, type Resource, resources } from './support';

const root = join(__dirname, '..', '..');

/** Two releases of the library, installed side by side; the zips of the second have other bytes. */
const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-upgrade-'));
before(async () => {
  await layers();
  for (const release of ['1.0.0', '1.1.0']) {
    const installed = join(folder, release);
    for (const part of ['src', 'lib/layer', 'tsconfig.json'])
      cpSync(join(root, part), join(installed, part), { recursive: true });
    symlinkSync(join(require.resolve('aws-cdk-lib/package.json'), '..', '..'), join(installed, 'node_modules'));
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: 'cdk-lambdawatch', version: release }));
  }
  for (const architecture of ['x86_64', 'arm64'])
    appendFileSync(join(folder, '1.1.0', 'lib', 'layer', `lambdawatch-${architecture}.zip`), 'newer');
});
after(() => rmSync(folder, { recursive: true }));

/** The resources of an app's stacks under their paths, made with a release of the library. */
function synthesise(release: string, context: Record<string, unknown> = {}): Record<string, Resource> {
  const { LambdaWatch, LokiAuth, LokiSecret } = createRequire(__filename)(
    join(folder, release, 'src'),
  ) as typeof library;
  const app = newApp({ context });
  const stack = new Stack(app, 'Stack');
  newFunction(stack, 'Plain');
  newFunction(stack, 'Arm', { architecture: lambda.Architecture.ARM_64 });
  newFunction(new NestedStack(stack, 'Nested'), 'Inner');
  const published = newFunction(stack, 'Published');
  new lambda.Alias(stack, 'Live', { aliasName: 'live', version: published.currentVersion });
  new LambdaWatch(app, 'Watch', {
    endpoint: ENDPOINT,
    auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki')),
  }).attachAll(app);
  const stacks = app.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct));
  return Object.fromEntries(
    stacks.flatMap((each) =>
      Object.entries(resources(each)).map(([id, resource]) => [`${each.node.path} ${id}`, resource]),
    ),
  );
}

describe('an upgrade of the library', () => {
  const versions = (made: Record<string, Resource>): string[] =>
    Object.keys(made).filter((id) => made[id].Type === 'AWS::Lambda::Version');

  it('changes the layers, and nothing else but what points to them and the versions of functions', () => {
    const [was, is] = ['1.0.0', '1.1.0'].map((release) => synthesise(release));
    const published = [...versions(was), ...versions(is)];
    const others = (made: Record<string, Resource>): string[] =>
      Object.keys(made)
        .filter((id) => !published.includes(id))
        .sort();
    assert.deepEqual(others(is), others(was), 'no other resource comes, goes, or changes its logical id');

    const changed = others(was).filter((id) => JSON.stringify(was[id]) !== JSON.stringify(is[id]));
    const ours = Object.keys(was).filter((id) => was[id].Type === 'AWS::Lambda::LayerVersion');
    const pointing = Object.keys(was).filter((id) =>
      ['AWS::CloudFormation::Stack', 'AWS::Lambda::Alias'].includes(was[id].Type),
    );
    assert.equal(ours.length, 3, 'for two architectures in the stack and one in the nested stack');
    assert.deepEqual(changed.sort(), [...ours, ...pointing].sort(), "a nested stack's template is an asset itself");
    for (const id of ours) {
      assert.notDeepEqual(is[id].Properties.Content, was[id].Properties.Content);
      assert.match(String(was[id].Properties.Description), /^LambdaWatch 1\.0\.0 for (x86_64|arm64)/);
      assert.match(String(is[id].Properties.Description), /^LambdaWatch 1\.1\.0 for (x86_64|arm64)/);
      assert.equal(is[id].Properties.LicenseInfo, 'MIT');
    }
  });

  for (const flag of [false, true]) {
    it(`reaches aliases: currentVersion is published anew, with CDK's flag for layers ${flag ? 'on' : 'off'}`, () => {
      const context = { '@aws-cdk/aws-lambda:recognizeLayerVersion': flag };
      const [was, is] = ['1.0.0', '1.1.0'].map((release) => versions(synthesise(release, context)));
      assert.equal(was.length, 1);
      assert.match(is[0], /^Stack PublishedCurrentVersion[0-9a-fA-F]+$/);
      assert.notDeepEqual(is, was);
      assert.deepEqual(versions(synthesise('1.1.0', context)), is, 'and not at each synthesis');
    });
  }
});
