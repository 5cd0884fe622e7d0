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
    for (const part of ['src', 'lib/layer', 'tsconfig.json']) cpSync(join(root, part), join(installed, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: 'cdk-lambdawatch', version: release }));
  }
  for (const architecture of ['x86_64', 'arm64']) appendFileSync(join(folder, '1.1.0', 'lib', 'layer', `lambdawatch-${architecture}.zip`), 'newer');
});
after(() => rmSync(folder, { recursive: true }));

/** The resources of an app's stacks under their paths, made with a release of the library. */
function synthesise(release: string, context: Record<string, unknown> = {}): Record<string, Resource> {
  const { LambdaWatch, LokiAuth, LokiSecret } = createRequire(__filename)(join(folder, release, 'src')) as typeof library;
  const app = newApp({ context });
  const stack = new Stack(app, 'Stack');
  newFunction(stack, 'Plain');
  newFunction(stack, 'Arm', { architecture: lambda.Architecture.ARM_64 });
  newFunction(new NestedStack(stack, 'Nested'), 'Inner');
  const published = newFunction(stack, 'Published');
  new lambda.Alias(stack, 'Live', { aliasName: 'live', version: published.currentVersion });
  new LambdaWatch(app, 'Watch', { endpoint: ENDPOINT, auth: LokiAuth.bearer(LokiSecret.fromSecretName('loki')) }).attachAll(app);
  const stacks = app.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct));
  return Object.fromEntries(stacks.flatMap((each) => Object.entries(resources(each)).map(([id, resource]) => [`${each.node.path} ${id}`, resource])));
}

describe('an upgrade of the library', () => {
  it('changes the asset of each layer, and nothing else but what points to it', () => {
    const [was, is] = ['1.0.0', '1.1.0'].map((release) => synthesise(release));
    assert.deepEqual(Object.keys(is).sort(), Object.keys(was).sort(), 'no resource comes, goes, or changes its logical id');

    const changed = Object.keys(was).filter((id) => JSON.stringify(was[id]) !== JSON.stringify(is[id]));
    const ours = Object.keys(was).filter((id) => was[id].Type === 'AWS::Lambda::LayerVersion');
    const nested = Object.keys(was).filter((id) => was[id].Type === 'AWS::CloudFormation::Stack');
    assert.equal(ours.length, 3, 'for two architectures in the stack and one in the nested stack');
    assert.deepEqual(changed.sort(), [...ours, ...nested].sort(), 'a nested stack\'s template is an asset itself');
    for (const id of ours) {
      assert.notDeepEqual(is[id].Properties.Content, was[id].Properties.Content);
      assert.deepEqual({ ...is[id].Properties, Content: 0 }, { ...was[id].Properties, Content: 0 });
    }
  });

  it('publishes a new version of functions with currentVersion, when CDK\'s flag says so', () => {
    const [was, is] = ['1.0.0', '1.1.0'].map((release) => Object.keys(synthesise(release, { '@aws-cdk/aws-lambda:recognizeLayerVersion': true })));
    const gone = was.filter((id) => !is.includes(id));
    assert.equal(gone.length, 1, gone.join());
    assert.match(gone[0], /^Stack PublishedCurrentVersion[0-9a-fA-F]+$/);
    assert.equal(was.length, is.length);
  });
});
