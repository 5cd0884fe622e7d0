import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsInUse } from '../../../extension/config/in-use';
import { settingsOf } from '../support/builders';

test('only the settings that differ from their defaults are named, and never a credential', () => {
  assert.equal(settingsInUse(settingsOf()), 'all settings have their defaults');
  const settings = settingsOf({
    LOKI_PASSWORD: 's3cret',
    LOKI_LABELS: '{"a":"s3cret"}',
    LOKI_BATCH_SIZE: '50',
    LOKI_BUFFER_SIZE: '10000',
    LOKI_ENABLE_GZIP: 'false',
    LOKI_REQUEST_ID_AS: 'metadata',
    LOKI_LOG_TYPES: 'function',
  });
  assert.equal(
    settingsInUse(settings),
    'settings: LOKI_BATCH_SIZE=50 LOKI_ENABLE_GZIP=false LOKI_REQUEST_ID_AS=metadata LOKI_LOG_TYPES=function',
  );
});
