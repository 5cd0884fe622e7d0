import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diagnostics } from '../../../extension/diagnostics';
import { createLineMetadata } from '../../../extension/lines';
import { ID_1, settingsOf } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

function created(variables: Record<string, string>, env: Record<string, string> = {}) {
  const platform = new FakePlatform(env);
  const parts = createLineMetadata(platform, new Diagnostics(platform), settingsOf(variables), { concurrent: false });
  parts.facts?.invoked(ID_1, undefined);
  return { ...parts, warnings: platform.stderrLines, coldStart: parts.facts?.of(ID_1) };
}

test('lines are read for metadata only where a setting asks for it', () => {
  assert.equal(created({ LOKI_METADATA_DEFAULT: 'false' }).lineMetadata, undefined);
  for (const [variables, unwraps] of [
    [{}, false],
    [{ LOKI_METADATA_DEFAULT: 'false', LOKI_METADATA: 'orderId' }, false],
    [{ LOKI_METADATA_DEFAULT: 'false', LOKI_UNWRAP_JSON: 'true' }, true],
  ] as const) {
    const { lineMetadata, unwrapper, warnings } = created(variables);
    assert.deepEqual([lineMetadata === undefined, unwrapper !== undefined, warnings], [false, unwraps, []]);
  }
});

test('a field that can not be used is named', () => {
  const { warnings } = created({ LOKI_METADATA: 'orderId:request_id' });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /LOKI_METADATA: /);
});

test('the first invocation is a cold start, unless the environment was made before anybody called', () => {
  const type = (name: string) => created({}, { AWS_LAMBDA_INITIALIZATION_TYPE: name }).coldStart;
  assert.deepEqual(created({}).coldStart, { cold_start: 'true' });
  assert.deepEqual(type('on-demand'), { cold_start: 'true' });
  assert.equal(type('provisioned-concurrency'), undefined);
  assert.equal(type('lambda-managed-instances'), undefined);
});
