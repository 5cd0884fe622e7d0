import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvocationFacts } from '../../../extension/lines/invocation-facts';
import { levelInText } from '../../../extension/lines/level-in-text';
import { LineMetadata } from '../../../extension/lines/line-metadata';
import { FakePlatform } from '../support/fake-platform';

test('metadata that lines share is never that of another invocation', () => {
  const facts = new InvocationFacts(false, false);
  const metadata = new LineMetadata({ platform: new FakePlatform(), byDefault: true, fields: [], facts });
  facts.started('a', { tenantId: 'blue' });
  facts.started('b', { tenantId: 'red' });
  const ofHead = (id: string | undefined): unknown => metadata.ofHead({ level: 'info' }, id);
  assert.deepEqual(ofHead('a'), { tenant_id: 'blue', level: 'info' });
  assert.deepEqual(ofHead('b'), { tenant_id: 'red', level: 'info' });
  assert.deepEqual(ofHead(undefined), { level: 'info' });
  assert.deepEqual(metadata.of('{"level":30}', 'a'), { tenant_id: 'blue', level: 'info' });
  assert.deepEqual(metadata.of('INFO x', 'b'), { tenant_id: 'red', level: 'info' });
});

test('a line that only begins like JSON has what is known of its invocation', () => {
  const facts = new InvocationFacts(false, false);
  const metadata = new LineMetadata({ platform: new FakePlatform(), byDefault: true, fields: [], facts });
  facts.started('a', { tenantId: 'blue' });
  assert.deepEqual(metadata.of('{no JSON', 'a'), { tenant_id: 'blue' });
  assert.equal(metadata.of('{no JSON', undefined), undefined);
});

test('a name that only begins with a word for a level is a name', () => {
  for (const next of ['0', '9', 'A', 'Z', 'a', 'z', '_']) {
    assert.equal(levelInText(`03:04:05 INFO${next}.x ERROR y`), 'error', next);
  }
  for (const next of ['/', ':']) assert.equal(levelInText(`03:04:05 INFO${next}.x ERROR y`), 'info', next);
  for (const next of ['@', '`', '{', '^']) assert.equal(levelInText(`03:04:05 INFO${next}.x ERROR y`), undefined, next);
  assert.equal(levelInText('03:04:05 +1 ERROR x'), 'error', 'a zone');
});
