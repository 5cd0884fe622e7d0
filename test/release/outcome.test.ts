import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { difference, read } from '../../release/outcome';

describe('the outcome of a rehearsed example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-outcome-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const fn = (layers: number) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Handler: 'a', Layers: Array(layers).fill('arn') },
  });
  const grant = (name: string) => ({
    Type: 'AWS::IAM::Policy',
    Properties: { Resource: `arn:aws:…:secret:${name}-??????` },
  });
  const complete = {
    Layer: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Bucket: 'assets', S3Key: 'layer.zip' } } },
    Orders: fn(1),
    Payments: fn(1),
    Legacy: fn(0),
    Grant: grant('grafana-cloud'),
  };

  function assembly(name: string, Resources: object): string {
    const out = join(folder, name);
    mkdirSync(out);
    writeFileSync(join(out, 'Shop.template.json'), JSON.stringify({ Resources }));
    writeFileSync(join(out, 'asset.layer.zip'), 'zip');
    return out;
  }

  it('has the hashes of the layers as they are deployed', () => {
    const { layers } = read(assembly('hashes', complete));
    assert.deepEqual(layers, [createHash('sha256').update('zip').digest('hex')]);
  });

  it('is the same whatever the order of keys, and not with another value', () => {
    const one = read(assembly('one', complete));
    const reordered = Object.fromEntries(Object.entries(complete).reverse());
    assert.equal(difference(one, read(assembly('two', reordered))), undefined);
    const other = { ...complete, Legacy: { ...fn(0), Properties: { Handler: 'b', Layers: [] } } };
    assert.match(difference(one, read(assembly('three', other)))!, /- +"Handler": "a"[^]*\+ +"Handler": "b"/);
    assert.ok(difference(one, read(assembly('four', { ...complete, Zebra: fn(0) }))));
  });

  it("is refused where a function was missed, or can't read the secret", () => {
    assert.throws(
      () => read(assembly('missed', { ...complete, Payments: fn(0) })),
      /1 functions have the layer, and 2 should/,
    );
    assert.throws(
      () => read(assembly('denied', { ...complete, Grant: grant('other') })),
      /isn't allowed to read the secret/,
    );
    const { Grant: _grant, ...without } = complete;
    assert.throws(() => read(assembly('without', without)), /isn't allowed to read the secret/);
  });
});
