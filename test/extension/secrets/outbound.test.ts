import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diagnostics } from '../../../extension/diagnostics';
import { LokiClient } from '../../../extension/loki/loki-client';
import type { Outcome } from '../../../extension/loki/outcome';
import type { HttpRequest } from '../../../extension/platform/types';
import { createOutbound } from '../../../extension/secrets';
import { settingsOf } from '../support/builders';
import { type Answer, FakePlatform } from '../support/fake-platform';

const CERT = '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki';
const AWS_KEYS = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'key-of-the-role' };

function benchOf(env: Record<string, string>, onLoki: (request: HttpRequest, index: number) => Answer = () => ({ status: 204 }), onAws: () => Answer = () => ({ status: 200, body: '{"SecretString":"pw"}' })) {
  const platform = new FakePlatform({ ...AWS_KEYS, ...env });
  const settings = settingsOf(env);
  const diagnostics = new Diagnostics(platform);
  const toLoki: HttpRequest[] = [];
  const toAws: HttpRequest[] = [];
  platform.onRequest = (request) => {
    if (request.url.includes('secretsmanager')) {
      toAws.push(request);
      return onAws();
    }
    toLoki.push(request);
    return onLoki(request, toLoki.length - 1);
  };
  const outbound = settings.outbound ? createOutbound(platform, diagnostics, settings) : undefined;
  const client = new LokiClient(platform, { ...settings, url: settings.endpoint!.url, ...(outbound && { loadOutbound: async () => outbound }) });
  const push = (limitMs = Infinity): Promise<Outcome> => client.push(client.encode('{}'), limitMs);
  /** The part that asks AWS is loaded, which takes no time on the fake platform, and has asked. */
  const asked = async (times = 1): Promise<void> => {
    for (let turns = 0; toAws.length < times && turns < 10_000; turns++) await platform.settle();
    assert.ok(toAws.length >= times, `${toAws.length} requests`);
  };
  return { platform, client, toLoki, toAws, push, asked };
}

test('without any of it, requests have neither TLS settings nor a proxy', async () => {
  const { platform, push, toLoki } = benchOf({});
  await platform.until(push());
  assert.ok(!('tls' in toLoki[0]) && !('proxy' in toLoki[0]));
});

test('pushes go through the proxy, with the plain credentials; AWS is asked through it, too', async () => {
  const { platform, push, toLoki, toAws } = benchOf({ HTTPS_PROXY: 'http://u:p@proxy:3128', LOKI_USERNAME: 'a', LOKI_PASSWORD: 'b' });
  await platform.until(push());
  assert.deepEqual([toLoki[0].proxy, toLoki[0].headers.authorization], ['http://u:p@proxy:3128', `Basic ${Buffer.from('a:b').toString('base64')}`]);
  const secret = benchOf({ HTTPS_PROXY: 'proxy:3128', LOKI_API_KEY_SECRET: SECRET });
  const outcome = secret.push();
  await secret.asked();
  await secret.platform.until(outcome);
  assert.deepEqual([secret.toAws[0].proxy, secret.toLoki[0].headers.authorization], ['http://proxy:3128', 'Bearer pw']);
  assert.equal(toAws.length, 0);
});

test('files are read once, at the first push, and the TLS settings are one object', async () => {
  const { platform, push, toLoki } = benchOf({ LOKI_CA_CERT: '/opt/ca.pem' });
  platform.files.set('/opt/ca.pem', CERT);
  await platform.until(push());
  platform.files.clear();
  await platform.until(push());
  assert.deepEqual(toLoki[0].tls, { ca: CERT });
  assert.equal(toLoki[1].tls, toLoki[0].tls);
  assert.deepEqual(platform.stderrLines, []);
});

test('what the platform can\'t use is left out, of several pushes at once too, and said once', async () => {
  const { platform, push, toLoki } = benchOf({ LOKI_CA_CERT: CERT, LOKI_CLIENT_CERT: CERT, LOKI_CLIENT_KEY: KEY }, ({ tls }) => {
    if (tls?.cert) return { error: 'EINVAL', about: 'cert', message: 'tls.cert and tls.key can\'t be used: keys may not be consistent' };
    return tls?.ca ? { error: 'EINVAL', about: 'ca', message: 'tls.ca is not well-formed PEM' } : { status: 204 };
  });
  assert.deepEqual(await platform.until(Promise.all([push(), push(), push()])), [{ kind: 'stored' }, { kind: 'stored' }, { kind: 'stored' }]);
  assert.equal(toLoki.length, 9);
  assert.deepEqual(platform.stderrLines, [
    '[lambdawatch] warn: LOKI_CLIENT_CERT and LOKI_CLIENT_KEY can\'t be used: LOKI_CLIENT_CERT and LOKI_CLIENT_KEY can\'t be used: keys may not be consistent; no client certificate is used',
    '[lambdawatch] warn: LOKI_CA_CERT can\'t be used: it is not well-formed PEM; only the public roots are trusted',
  ]);
});

test('another EINVAL is no reason to try again', async () => {
  const { platform, push, toLoki } = benchOf({ LOKI_CA_CERT: CERT }, () => ({ error: 'EINVAL', message: 'the URL can\'t be used' }));
  assert.deepEqual(await platform.until(push()), { kind: 'denied', reason: 'the URL can\'t be used' });
  assert.equal(toLoki.length, 1);
});

test('a push waits for the secret within its own limit, which is then a failure to be tried again', async () => {
  const { platform, push, asked, toLoki } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, undefined, () => ({ hangs: true }));
  const before = platform.monotonic();
  const outcome = push(200);
  await asked();
  assert.deepEqual(await platform.until(outcome), { kind: 'failed', reason: 'the secrets are not there yet', retryAfterMs: 0, told: true });
  assert.equal(platform.monotonic() - before, 200);
  assert.equal(toLoki.length, 0, 'nothing goes out without credentials');
});

test('called off while it waits for a secret: at once, and nothing is sent', async () => {
  const { client, push, asked, toLoki } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, undefined, () => ({ hangs: true }));
  const outcomes = [push(), push()];
  await asked();
  client.cancelAll();
  assert.deepEqual(await Promise.all(outcomes), [{ kind: 'canceled' }, { kind: 'canceled' }]);
  assert.equal(toLoki.length, 0);
});

test('called off while it waits for a new secret after a 401', async () => {
  let aws: Answer = { status: 200, body: '{"SecretString":"pw"}' };
  const { platform, client, push, asked, toLoki } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, () => ({ status: 401 }), () => aws);
  const first = push();
  await asked();
  await platform.until(first);
  await platform.advance(30_000);
  aws = { hangs: true };
  const outcome = push();
  await asked(3);
  client.cancelAll();
  assert.deepEqual(await outcome, { kind: 'canceled' });
  assert.equal(toLoki.length, 2);
});

test('a request to AWS that a freeze cut is sent again at once', async () => {
  let aws: Answer = { hangs: true };
  const { platform, push, asked, toAws } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, undefined, () => aws);
  const outcome = push(100);
  await asked();
  await platform.until(outcome);
  aws = { status: 200, body: '{"SecretString":"pw"}' };
  await platform.freeze(3_600_000);
  assert.deepEqual(await platform.until(push()), { kind: 'stored' });
  assert.equal(toAws.length, 2);
  assert.deepEqual(platform.stderrLines, []);
});

test('TLS settings are left alone where Loki is not reached by TLS', async () => {
  const { platform, push, toLoki } = benchOf({ LOKI_ENDPOINT: 'http://logs.example.com/loki/api/v1/push', LOKI_CA_CERT: '/nowhere' });
  await platform.until(push());
  assert.equal(toLoki[0].tls, undefined);
  assert.deepEqual(platform.stderrLines, []);
});
