import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNodePlatform } from '../../extension/platform/node';
import { endpointOf } from '../../extension/secrets/aws/endpoint';
import { type AwsIdentity, sign, type Unsigned } from '../../extension/secrets/aws/sign';
import { MotoUnavailableError } from '../tools/moto';
import { askBotocore } from './ask-botocore';

interface Signing extends Unsigned {
  readonly service: string;
  readonly region: string;
  readonly identity: AwsIdentity;
  readonly time: number;
}

const KEYS: AwsIdentity = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SESSION: AwsIdentity = {
  ...KEYS,
  accessKeyId: 'ASIAEXAMPLE',
  sessionToken: 'IQoJb3JpZ2luX2VjE//////////wEaCWV1LXdlc3QtMSJ=+/',
};
const JSON_1_1 = { 'content-type': 'application/x-amz-json-1.1' };
const base: Signing = {
  method: 'POST',
  url: 'https://secretsmanager.eu-west-1.amazonaws.com/',
  service: 'secretsmanager',
  region: 'eu-west-1',
  identity: SESSION,
  headers: { ...JSON_1_1, 'x-amz-target': 'secretsmanager.GetSecretValue' },
  time: Date.UTC(2026, 0, 2, 3, 4, 5),
  body: '{"SecretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf"}',
};
const ssm: Partial<Signing> = {
  service: 'ssm',
  url: 'https://ssm.us-east-1.amazonaws.com/',
  region: 'us-east-1',
  headers: { ...JSON_1_1, 'x-amz-target': 'AmazonSSM.GetParameter' },
  body: '{"Name":"arn:aws:ssm:us-east-1:111122223333:parameter/loki/password","WithDecryption":true}',
};

const SIGNINGS: Record<string, Signing> = {
  'a secret with a session token': base,
  'a secret with keys alone': { ...base, identity: KEYS },
  'a parameter': { ...base, ...ssm },
  'a parameter, keys alone, on the last second of a year': {
    ...base,
    ...ssm,
    identity: KEYS,
    time: Date.UTC(2027, 11, 31, 23, 59, 59),
  },
  China: { ...base, url: 'https://secretsmanager.cn-north-1.amazonaws.com.cn/', region: 'cn-north-1' },
  'GovCloud, FIPS': {
    ...base,
    url: 'https://secretsmanager-fips.us-gov-west-1.amazonaws.com/',
    region: 'us-gov-west-1',
  },
  'an endpoint with a port': { ...base, url: 'http://127.0.0.1:4566/' },
  'an endpoint that names the port of its scheme': {
    ...base,
    url: 'https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com:443/',
  },
  'a path, with characters that are escaped': { ...base, url: 'https://proxy.example.com/aws/secrets%20manager/ä/' },
  'no body': { ...base, method: 'GET', body: '', headers: {} },
  'a body beyond ASCII': { ...base, body: '{"SecretId":"schlüssel 🔑 \\u0000"}' },
  'a body of 100 000 characters': { ...base, body: 'x'.repeat(100_000) },
  'header values with spaces': { ...base, headers: { ...base.headers, 'x-amz-note': '  two   spaces  ' } },
  'secret keys with every kind of character': {
    ...base,
    identity: { ...SESSION, secretAccessKey: 'a/b+c=d~!@#$%^&*() üé' },
  },
};

const REGIONS = {
  'us-east-1': 'aws',
  'eu-west-1': 'aws',
  'ap-south-2': 'aws',
  'cn-north-1': 'aws-cn',
  'cn-northwest-1': 'aws-cn',
  'us-gov-west-1': 'aws-us-gov',
  'us-gov-east-1': 'aws-us-gov',
  'us-iso-east-1': 'aws-iso',
  'us-isob-east-1': 'aws-iso-b',
  'eu-isoe-west-1': 'aws-iso-e',
  'us-isof-south-1': 'aws-iso-f',
  'eusc-de-east-1': 'aws-eusc',
};

test('AWS requests are what botocore makes of them', async (t) => {
  const endpoints = Object.entries(REGIONS).flatMap(([region, partition]) =>
    (['secretsmanager', 'ssm'] as const).flatMap((service) =>
      [false, true].map((fips) => ({ do: 'endpoint', service, region, partition, fips })),
    ),
  );
  let answers: unknown[];
  try {
    answers = await askBotocore([...Object.values(SIGNINGS).map((each) => ({ do: 'sign', ...each })), ...endpoints]);
  } catch (error) {
    if (!(error instanceof MotoUnavailableError)) throw error;
    return t.skip(error.message);
  }
  const expected = answers.splice(0, Object.keys(SIGNINGS).length) as Record<string, string>[];

  for (const [i, [name, { service, region, identity, time, ...request }]] of Object.entries(SIGNINGS).entries()) {
    await t.test(`signature: ${name}`, async () => {
      const platform = { ...createNodePlatform(), now: () => time };
      const headers = await sign(request, service, region, identity, platform);
      assert.equal(headers.authorization, expected[i].authorization);
      assert.equal(headers['x-amz-date'], expected[i]['x-amz-date']);
      assert.equal(headers['x-amz-security-token'], expected[i]['x-amz-security-token']);
    });
  }
  for (const [i, { service, region, partition, fips }] of endpoints.entries()) {
    await t.test(`endpoint: ${service} in ${region}${fips ? ', FIPS' : ''}`, () => {
      assert.equal(
        `${endpointOf({ service, region, partition }, fips ? { AWS_USE_FIPS_ENDPOINT: 'true' } : {}).url}/`,
        answers[i],
      );
    });
  }
  return undefined;
});

test("endpoints from the environment go before AWS's own", () => {
  const where = (env: Record<string, string>, service: 'ssm' | 'secretsmanager' = 'ssm'): unknown =>
    endpointOf({ service, region: 'eu-west-1', partition: 'aws' }, env);
  assert.deepEqual(where({ AWS_ENDPOINT_URL: 'http://localhost:4566/' }), { url: 'http://localhost:4566' });
  assert.deepEqual(where({ AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_SSM: 'https://ssm.internal' }), {
    url: 'https://ssm.internal',
  });
  assert.deepEqual(
    where({ AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_SSM: 'https://ssm.internal' }, 'secretsmanager'),
    { url: 'http://all' },
  );
  assert.deepEqual(where({ AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://sm' }, 'secretsmanager'), { url: 'http://sm' });
  assert.deepEqual(where({ AWS_ENDPOINT_URL: ' ' }), { url: 'https://ssm.eu-west-1.amazonaws.com' });
  assert.deepEqual(where({ AWS_ENDPOINT_URL: 'http://all', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }), {
    url: 'https://ssm.eu-west-1.amazonaws.com',
  });
  assert.deepEqual(where({ AWS_ENDPOINT_URL_SSM: 'nonsense' }), {
    url: 'https://ssm.eu-west-1.amazonaws.com',
    problem: "AWS_ENDPOINT_URL_SSM is not a URL; AWS's own endpoint is used",
  });
});
