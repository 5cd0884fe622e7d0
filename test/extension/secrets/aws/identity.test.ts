import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Identity } from '../../../../extension/secrets/aws/identity';
import { FakePlatform } from '../../support/fake-platform';

const URL = 'http://169.254.170.23/v1/credentials';
const KEYS = { AccessKeyId: 'A', SecretAccessKey: 'S' };

test('an answer with a status of failure, or without one of the keys, gives no credentials', async () => {
  for (const [status, body] of [
    [500, KEYS],
    [200, { AccessKeyId: 'A' }],
    [200, { SecretAccessKey: 'S' }],
    [200, { ...KEYS, AccessKeyId: 7 }],
  ] as const) {
    const platform = new FakePlatform({ AWS_CONTAINER_CREDENTIALS_FULL_URI: URL });
    platform.onRequest = () => ({ status, body: JSON.stringify(body) });
    await assert.rejects(platform.until(new Identity(platform).get()), new RegExp(`no credentials: status ${status}`));
  }
});

test('credentials that do not say when they expire are kept, and so are requests short', async () => {
  for (const Expiration of [undefined, 'never']) {
    const platform = new FakePlatform({ AWS_CONTAINER_CREDENTIALS_FULL_URI: URL });
    platform.onRequest = () => ({ status: 200, body: JSON.stringify({ ...KEYS, Expiration }) });
    const identity = new Identity(platform);
    await platform.until(identity.get());
    await platform.advance(24 * 3_600_000);
    await platform.until(identity.get());
    assert.deepEqual(
      platform.sent.map(({ request }) => request.timeoutMs),
      [2000],
    );
  }
});
