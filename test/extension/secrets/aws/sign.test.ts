import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { sign, type Unsigned } from '../../../../extension/secrets/aws/sign';
import { FakePlatform } from '../../support/fake-platform';

const IDENTITY = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' };
const DATE = '20260102T030405Z';
const HEADERS = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'T.Op' };

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The signature, as AWS's documentation has it ("Signature Version 4"), of these canonical parts. */
function signatureOf(method: string, path: string, host: string, body: string): string {
  const headers: Record<string, string> = {
    ...HEADERS,
    host,
    'x-amz-date': DATE,
    'x-amz-security-token': 'token',
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const request = [method, path, '', lines, names.join(';'), sha256(body)].join('\n');
  const scope = `${DATE.slice(0, 8)}/eu-west-1/ssm/aws4_request`;
  const key = ['eu-west-1', 'ssm', 'aws4_request'].reduce<Buffer>(hmac, hmac('AWS4secret', DATE.slice(0, 8)));
  return hmac(key, ['AWS4-HMAC-SHA256', DATE, scope, sha256(request)].join('\n')).toString('hex');
}

async function signed(url: string, more: Partial<Unsigned> = {}): Promise<Record<string, string>> {
  const request = { method: 'POST', url, headers: HEADERS, body: '{"a":"ä"}', ...more };
  return { ...(await sign(request, 'ssm', 'eu-west-1', IDENTITY, new FakePlatform())) };
}

for (const [url, host, path] of [
  ['https://ssm.eu-west-1.amazonaws.com/', 'ssm.eu-west-1.amazonaws.com', '/'],
  ['https://SSM.eu-west-1.amazonaws.com:443/', 'ssm.eu-west-1.amazonaws.com', '/'],
  ['http://localhost:80/', 'localhost', '/'],
  ['https://localhost:80/', 'localhost:80', '/'],
  ['http://localhost:443/', 'localhost:443', '/'],
  ['http://localhost:4566/a/b', 'localhost:4566', '/a/b'],
]) {
  test(`signs ${url}`, async () => {
    const headers = await signed(url);
    const signature = signatureOf('POST', path, host, '{"a":"ä"}');
    assert.match(headers.authorization, new RegExp(`Signature=${signature}$`));
    assert.equal(headers.host, host);
    assert.equal(headers['x-amz-date'], DATE);
  });
}

test('the body and the method are signed', async () => {
  const headers = await signed('https://ssm.example/', { method: 'GET', body: '' });
  assert.match(headers.authorization, new RegExp(`Signature=${signatureOf('GET', '/', 'ssm.example', '')}$`));
});
