import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSecretRef } from '../../../../extension/config/secret-ref';
import { AwsError, readSecret } from '../../../../extension/secrets/aws/call';
import { type Answer, FakePlatform } from '../../support/fake-platform';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const IDENTITY = { accessKeyId: 'AKID', secretAccessKey: 'key' };

interface Asked {
  readonly platform: FakePlatform;
  /** What it gives, or AWS's name for the error. */
  readonly result: unknown;
  /** Target and body of each request. */
  readonly requests: readonly unknown[];
}

async function ask(arn: string, onRequest: (index: number, platform: FakePlatform) => Answer): Promise<Asked> {
  const platform = new FakePlatform();
  platform.onRequest = (_, index) => onRequest(index, platform);
  const ref = parseSecretRef('LOKI_PASSWORD_SECRET', arn).ref!;
  const network = { proxies: undefined, tls: undefined };
  const reading = readSecret(ref, IDENTITY, platform, network).catch((error: AwsError) => [
    error.code,
    error.message,
    error.status,
  ]);
  return {
    platform,
    result: await platform.until(reading),
    requests: platform.sent.map(({ request }) => [request.headers['x-amz-target'], JSON.parse(String(request.body))]),
  };
}

const found: Answer = { status: 200, body: '{"SecretString":"pw"}' };
const refused = (code: string): Answer => ({ status: 400, body: JSON.stringify({ __type: code, message: 'no' }) });

test('a secret and a parameter are asked for in the way of their service', async () => {
  const { result, requests, platform } = await ask(`${SECRET}loki-AbCdEf`, () => found);
  assert.deepEqual(result, { SecretString: 'pw' });
  assert.deepEqual(requests, [['secretsmanager.GetSecretValue', { SecretId: `${SECRET}loki-AbCdEf` }]]);
  const [{ request }] = platform.sent;
  assert.deepEqual(
    [request.timeoutMs, request.maxIdleMs, request.maxResponseBytes],
    [3000, 0, 512 * 1024],
    'its limits, and a connection of its own',
  );
  const arn = 'arn:aws:ssm:eu-west-1:111122223333:parameter/loki';
  const parameter = await ask(arn, () => found);
  assert.deepEqual(parameter.requests, [['AmazonSSM.GetParameter', { Name: arn, WithDecryption: true }]]);
});

test('a name that ends like a complete ARN is asked for once more by name', async () => {
  for (const code of ['ResourceNotFoundException', 'AccessDeniedException']) {
    const { result, requests } = await ask(`${SECRET}loki-secret`, (index) => (index === 0 ? refused(code) : found));
    assert.deepEqual(result, { SecretString: 'pw' });
    assert.deepEqual(requests[1], ['secretsmanager.GetSecretValue', { SecretId: 'loki-secret' }]);
  }
});

test('where that is not found either, the first answer counts', async () => {
  const { result, requests } = await ask(`${SECRET}loki-secret`, (index) =>
    refused(index === 0 ? 'AccessDeniedException' : 'ResourceNotFoundException'),
  );
  assert.deepEqual([result, requests.length], [['AccessDeniedException', 'no', 400], 2]);
});

test('no other failure, and no other name, is asked for a second time', async () => {
  assert.equal((await ask(`${SECRET}loki-secret`, () => refused('InternalServiceError'))).requests.length, 1);
  assert.equal((await ask(`${SECRET}loki`, () => refused('ResourceNotFoundException'))).requests.length, 1);
});

test("an error has AWS's name for it, wherever that stands", async () => {
  const errorOf = async (answer: Answer): Promise<unknown> => (await ask(`${SECRET}loki`, () => answer)).result;
  for (const type of ['com.amazonaws.secretsmanager#Throttling', 'Throttling:http://x', 'Throttling']) {
    assert.deepEqual(await errorOf({ status: 400, body: JSON.stringify({ __type: type, Message: 'slow' }) }), [
      'Throttling',
      'slow',
      400,
    ]);
  }
  assert.deepEqual(await errorOf({ status: 403, headers: { 'x-amzn-errortype': 'Forbidden:x' }, body: '<html>' }), [
    'Forbidden',
    '',
    403,
  ]);
  assert.deepEqual(await errorOf({ status: 503 }), ['status 503', '', 503]);
});

test('what a freeze cut is asked once more, and what failed otherwise is not', async () => {
  const reset: Answer = { error: 'ECONNRESET', message: 'reset' };
  assert.deepEqual((await ask(`${SECRET}loki`, () => reset)).result, ['ECONNRESET', 'reset', undefined]);
  for (const [frozenMs, requests] of [
    [4000, 1],
    [4001, 2],
  ]) {
    const platform = new FakePlatform();
    platform.onRequest = () => ({ ...reset, afterMs: frozenMs });
    Object.assign(platform, { request: limitless(platform) });
    const ref = parseSecretRef('LOKI_PASSWORD_SECRET', `${SECRET}loki`).ref!;
    const reading = readSecret(ref, IDENTITY, platform, { proxies: undefined, tls: undefined }).catch(() => undefined);
    await platform.until(reading);
    assert.equal(platform.sent.length, requests, `${frozenMs} ms`);
  }
});

/** Requests whose own limit does not end them, as in a freeze. */
function limitless(platform: FakePlatform): FakePlatform['request'] {
  const { request } = platform;
  return (given) => request({ ...given, timeoutMs: Infinity });
}
