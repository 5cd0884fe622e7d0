import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diagnostics } from '../../../../extension/diagnostics';
import { LokiClient } from '../../../../extension/loki/loki-client';
import { Latency } from '../../../../extension/loki/latency';
import type { Outcome } from '../../../../extension/loki/classify';
import type { HttpRequest } from '../../../../extension/platform/types';
import { createOutbound } from '../../../../extension/loki/way';
import { settingsOf } from '../../support/builders';
import { type Answer, FakePlatform } from '../../support/fake-platform';

const CERT = '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki';
const AWS_KEYS = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'key-of-the-role' };

function benchOf(
  env: Record<string, string>,
  onLoki: (request: HttpRequest, index: number) => Answer = () => ({ status: 204 }),
  onAws: () => Answer = () => ({ status: 200, body: '{"SecretString":"pw"}' }),
) {
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
  const client = new LokiClient(
    platform,
    { ...settings, url: settings.endpoint!.url, ...(outbound && { loadOutbound: async () => outbound }) },
    new Latency(),
  );
  const push = (limitMs = Infinity): Promise<Outcome> => client.push(client.encode(['{}']), limitMs);
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
  assert.deepEqual([toLoki[0].tls, toLoki[0].proxy], [undefined, undefined]);
});

test('pushes go through the proxy, with the plain credentials; AWS is asked through it, too', async () => {
  const { platform, push, toLoki, toAws } = benchOf({
    HTTPS_PROXY: 'http://u:p@proxy:3128',
    LOKI_USERNAME: 'a',
    LOKI_PASSWORD: 'b',
  });
  await platform.until(push());
  assert.deepEqual(
    [toLoki[0].proxy, toLoki[0].headers.authorization],
    ['http://u:p@proxy:3128', `Basic ${Buffer.from('a:b').toString('base64')}`],
  );
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

test("a client certificate that the platform can't use is left out, of several pushes at once too, and said once", async () => {
  const { platform, push, toLoki } = benchOf(
    { LOKI_CA_CERT: CERT, LOKI_CLIENT_CERT: CERT, LOKI_CLIENT_KEY: KEY },
    ({ tls }) =>
      tls?.cert
        ? { error: 'EINVAL', about: 'cert', message: "tls.cert and tls.key can't be used: keys may not be consistent" }
        : { status: 204 },
  );
  assert.deepEqual(await platform.until(Promise.all([push(), push(), push()])), [
    { kind: 'stored' },
    { kind: 'stored' },
    { kind: 'stored' },
  ]);
  assert.deepEqual(
    toLoki.map(({ tls }) => tls),
    [...Array(3).fill({ ca: CERT, cert: CERT, key: KEY }), ...Array(3).fill({ ca: CERT })],
  );
  assert.deepEqual(platform.stderrLines, [
    "[lambdawatch] warn: LOKI_CLIENT_CERT and LOKI_CLIENT_KEY can't be used: LOKI_CLIENT_CERT and LOKI_CLIENT_KEY can't be used: keys may not be consistent; no client certificate is used",
  ]);
});

const BAD = CERT.replace('QUJD', FakePlatform.UNUSABLE);

for (const [what, bundle, used, warning] of [
  [
    'all of them',
    BAD + BAD,
    undefined,
    "LOKI_CA_CERT (/opt/ca.pem) can't be used: it has no certificate that can be used; only the public roots are trusted",
  ],
  [
    'one of them',
    CERT + BAD + CERT,
    CERT + BAD + CERT,
    "LOKI_CA_CERT (/opt/ca.pem): one of its 3 certificates can't be used and is left out",
  ],
  [
    'two of them',
    BAD + CERT + BAD,
    BAD + CERT + BAD,
    "LOKI_CA_CERT (/opt/ca.pem): 2 of its 3 certificates can't be used and are left out",
  ],
] as const) {
  test(`certificates of a CA that can't be used, ${what}: the others are trusted, and the setting is named`, async () => {
    const { platform, push, toLoki } = benchOf({ LOKI_CA_CERT: '/opt/ca.pem' });
    platform.files.set('/opt/ca.pem', bundle);
    await platform.until(Promise.all([push(), push()]));
    assert.deepEqual(
      toLoki.map(({ tls }) => tls?.ca),
      [used, used],
    );
    assert.deepEqual(platform.stderrLines, [`[lambdawatch] warn: ${warning}`]);
  });
}

for (const [what, bundle, used, warning] of [
  ['whole', CERT, CERT, undefined],
  [
    'without a usable certificate',
    BAD,
    undefined,
    "AWS_CA_BUNDLE (/opt/aws.pem) can't be used: it has no certificate that can be used; only the public roots are trusted for AWS",
  ],
  [
    'without any certificate',
    'no PEM',
    undefined,
    "AWS_CA_BUNDLE (/opt/aws.pem) can't be used: it has no certificate in PEM; only the public roots are trusted for AWS",
  ],
  [
    'with a bad certificate',
    BAD + CERT,
    BAD + CERT,
    "AWS_CA_BUNDLE (/opt/aws.pem): one of its 2 certificates can't be used and is left out",
  ],
  [
    'that is not there',
    undefined,
    undefined,
    "AWS_CA_BUNDLE can't be read: /opt/aws.pem; only the public roots are trusted for AWS",
  ],
] as const) {
  test(`AWS_CA_BUNDLE, ${what}`, async () => {
    const { platform, push, asked, toAws, toLoki } = benchOf({
      LOKI_API_KEY_SECRET: SECRET,
      AWS_CA_BUNDLE: '/opt/aws.pem',
    });
    if (bundle !== undefined) platform.files.set('/opt/aws.pem', bundle);
    const outcome = push();
    await asked();
    assert.deepEqual(await platform.until(outcome), { kind: 'stored' });
    assert.equal(toAws[0].tls?.ca, used);
    assert.equal(toLoki[0].tls, undefined, 'it is for AWS alone');
    assert.deepEqual(platform.stderrLines, warning === undefined ? [] : [`[lambdawatch] warn: ${warning}`]);
  });
}

for (const [what, error, env, advice] of [
  [
    'an issuer that is not known',
    { error: 'ETLS', about: 'issuer' },
    { LOKI_CA_CERT: CERT },
    'check the certificates in LOKI_CA_CERT',
  ],
  [
    'a client certificate that is not accepted',
    { error: 'ETLS', about: 'cert' },
    { LOKI_CLIENT_CERT: CERT, LOKI_CLIENT_KEY: KEY },
    'check LOKI_CLIENT_CERT and LOKI_CLIENT_KEY',
  ],
  [
    'a proxy that wants a login',
    { error: 'EPROXY', about: 'login' },
    { HTTPS_PROXY: 'proxy:3128' },
    'check user name and password in HTTPS_PROXY or HTTP_PROXY',
  ],
  [
    'another TLS error, whatever its words',
    { error: 'ETLS', message: 'unknown issuer of a client certificate' },
    { LOKI_CA_CERT: CERT },
    undefined,
  ],
  [
    'another refusal of a proxy, whatever its words',
    { error: 'EPROXY', message: 'status 407' },
    { HTTPS_PROXY: 'proxy:3128' },
    undefined,
  ],
] as const) {
  test(`advice about ${what}`, async () => {
    const { platform, push } = benchOf(env, () => ({ message: 'it failed', ...error }));
    const outcome = (await platform.until(push())) as { reason: string };
    assert.equal(outcome.reason, advice === undefined ? 'message' in error && error.message : `it failed; ${advice}`);
  });
}

test('another EINVAL is no reason to try again', async () => {
  const { platform, push, toLoki } = benchOf({ LOKI_CA_CERT: CERT }, () => ({
    error: 'EINVAL',
    message: "the URL can't be used",
  }));
  assert.deepEqual(await platform.until(push()), { kind: 'denied', reason: "the URL can't be used" });
  assert.equal(toLoki.length, 1);
});

test('a push waits for the secret within its own limit, which is then a failure to be tried again', async () => {
  const { platform, push, asked, toLoki } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, undefined, () => ({
    hangs: true,
  }));
  const before = platform.monotonic();
  const outcome = push(200);
  await asked();
  assert.deepEqual(await platform.until(outcome), {
    kind: 'failed',
    reason: 'the secrets are not there yet',
    retryAfterMs: 0,
    told: true,
  });
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
  const { platform, client, push, asked, toLoki } = benchOf(
    { LOKI_API_KEY_SECRET: SECRET },
    () => ({ status: 401 }),
    () => aws,
  );
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
  const { platform, push, toLoki } = benchOf({
    LOKI_ENDPOINT: 'http://logs.example.com/loki/api/v1/push',
    LOKI_CA_CERT: '/nowhere',
  });
  await platform.until(push());
  assert.equal(toLoki[0].tls, undefined);
  assert.deepEqual(platform.stderrLines, []);
});

for (const [what, answer, advised] of [
  ['status 401', { status: 401 }, true],
  ['status 403', { status: 403 }, true],
  ['status 404', { status: 404 }, false],
  ['status 503', { status: 503 }, false],
  ['a connection that ends', { error: 'ECONNRESET' }, true],
  ['a refused connection', { error: 'ECONNREFUSED' }, false],
] as const) {
  test(`${what} by way of a proxy without a tunnel: ${advised ? 'it may be the proxy' : 'it is not the proxy'}`, async () => {
    const endpoint = (scheme: string): Record<string, string> => ({
      LOKI_ENDPOINT: `${scheme}://logs.example.com/loki/api/v1/push`,
    });
    const reasonOf = async (env: Record<string, string>): Promise<string> => {
      const { platform, push } = benchOf({ LOKI_TENANT_ID: 't', ...env }, () => answer);
      return ((await platform.until(push())) as { reason: string }).reason;
    };
    const advice = /; if that was the proxy, check user name and password in HTTPS_PROXY or HTTP_PROXY$/;
    assert.equal(advice.test(await reasonOf({ ...endpoint('http'), HTTP_PROXY: 'proxy:3128' })), advised);
    assert.equal(advice.test(await reasonOf({ ...endpoint('https'), HTTPS_PROXY: 'proxy:3128' })), false, 'a tunnel');
    assert.equal(advice.test(await reasonOf({ ...endpoint('http'), LOKI_CA_CERT: CERT })), false, 'no proxy');
  });
}

test('a connection that ends may be due to the client certificate, if there is one', async () => {
  const reasonOf = async (env: Record<string, string>): Promise<string> => {
    const { platform, push } = benchOf(env, () => ({ error: 'ECONNRESET', message: 'reset' }));
    return ((await platform.until(push())) as { reason: string }).reason;
  };
  assert.equal(await reasonOf({ LOKI_CA_CERT: CERT }), 'reset');
  assert.match(await reasonOf({ LOKI_CLIENT_CERT: CERT, LOKI_CLIENT_KEY: KEY }), /maybe it does not accept the client/);
});

for (const [what, problem, reason] of [
  ['that is missing', { code: 'ENOENT' }, 'there is no such file'],
  ['that may not be read', { code: 'EACCES' }, 'permission denied'],
  ['that fails otherwise', { code: 'EIO' }, 'the disk is broken'],
  ['that fails for no known reason', {}, 'the disk is broken'],
] as const) {
  test(`a file ${what} is named with the reason, and left out`, async () => {
    const { platform, push, toLoki } = benchOf({ LOKI_CA_CERT: '/opt/ca.pem' });
    Object.assign(platform, {
      readTextFile: () => {
        throw Object.assign(new Error('the disk is broken'), problem);
      },
    });
    await platform.until(push());
    assert.deepEqual(toLoki[0].tls, {});
    assert.deepEqual(platform.stderrLines, [
      `[lambdawatch] warn: LOKI_CA_CERT (/opt/ca.pem) can't be read: ${reason}; only the public roots are trusted`,
    ]);
  });
}

test('a client certificate without a usable key is not used, nor is one that is none', async () => {
  for (const [cert, key] of [
    ['/opt/cert.pem', '/opt/none.pem'],
    ['/opt/text.pem', '/opt/key.pem'],
    ['/opt/cert.pem', '/opt/text.pem'],
  ]) {
    const { platform, push, toLoki } = benchOf({ LOKI_CLIENT_CERT: cert, LOKI_CLIENT_KEY: key });
    platform.files.set('/opt/cert.pem', CERT).set('/opt/key.pem', KEY).set('/opt/text.pem', 'no PEM');
    await platform.until(push());
    assert.deepEqual(toLoki[0].tls, {});
    assert.equal(platform.stderrLines.length, 1, platform.stderrLines.join());
    assert.match(platform.stderrLines[0], /; no client certificate is used$/);
  }
});

test('a push that is answered 403 is repeated with a secret that has changed', async () => {
  let aws: Answer = { status: 200, body: '{"SecretString":"pw"}' };
  const { platform, push, asked, toLoki, toAws } = benchOf(
    { LOKI_API_KEY_SECRET: SECRET },
    (_, index) => ({ status: index === 1 ? 403 : 204 }),
    () => aws,
  );
  const first = push();
  await asked();
  await platform.until(first);
  await platform.advance(30_000);
  aws = { status: 200, body: '{"SecretString":"new"}' };
  assert.deepEqual(await platform.until(push()), { kind: 'stored' });
  assert.deepEqual(
    toLoki.map(({ headers }) => headers.authorization),
    ['Bearer pw', 'Bearer pw', 'Bearer new'],
  );
  assert.equal(toAws.length, 2);
});

test('a secret that nobody may read denies the push until somebody acts', async () => {
  const { platform, push, asked, toLoki } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, undefined, () => ({
    status: 400,
    body: '{"__type":"AccessDeniedException","message":"no"}',
  }));
  const outcome = push(1000);
  await asked();
  assert.deepEqual(await platform.until(outcome), {
    kind: 'denied',
    reason: 'the secrets are not there yet',
    told: true,
  });
  assert.equal(toLoki.length, 0);
});

test('what waiting for a secret has taken is not there for the request any more', async () => {
  const { platform, push, asked, toLoki } = benchOf({ LOKI_API_KEY_SECRET: SECRET }, undefined, () => ({
    status: 200,
    body: '{"SecretString":"pw"}',
    afterMs: 300,
  }));
  const outcome = push(1000);
  await asked();
  await platform.until(outcome);
  assert.equal(toLoki.length, 1);
  assert.equal(toLoki[0].timeoutMs, 700);
});

test('a secret that is refused again after it has changed is not asked for a third time', async () => {
  let version = 0;
  const { platform, push, toLoki, toAws, asked } = benchOf(
    { LOKI_API_KEY_SECRET: SECRET },
    () => ({ status: 401 }),
    () => ({ status: 200, body: `{"SecretString":"pw${version++}"}` }),
  );
  const first = push();
  await asked();
  await platform.until(first);
  await platform.advance(30_000);
  const [before, sent] = [toAws.length, toLoki.length];
  const second = push();
  await asked(before + 1);
  assert.equal((await platform.until(second)).kind, 'denied');
  assert.deepEqual([toAws.length - before, toLoki.length - sent], [1, 2]);
});
