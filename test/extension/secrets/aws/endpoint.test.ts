import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf } from '../../../../extension/secrets/aws/endpoint';

const SECRETS = { service: 'secretsmanager', region: 'eu-west-1', partition: 'aws' } as const;
const SSM = { service: 'ssm', region: 'us-gov-west-1', partition: 'aws-us-gov' } as const;

for (const [what, ref, env, url] of [
  ['the region of the ARN', SECRETS, {}, 'https://secretsmanager.eu-west-1.amazonaws.com'],
  [
    "the partition's own domain",
    { ...SECRETS, region: 'cn-north-1', partition: 'aws-cn' },
    {},
    'https://secretsmanager.cn-north-1.amazonaws.com.cn',
  ],
  [
    'the common domain where the partition is unknown',
    { ...SECRETS, partition: 'aws-new' },
    {},
    'https://secretsmanager.eu-west-1.amazonaws.com',
  ],
  ['FIPS', SECRETS, { AWS_USE_FIPS_ENDPOINT: ' True ' }, 'https://secretsmanager-fips.eu-west-1.amazonaws.com'],
  ['no FIPS', SECRETS, { AWS_USE_FIPS_ENDPOINT: 'false' }, 'https://secretsmanager.eu-west-1.amazonaws.com'],
  [
    'FIPS of SSM in GovCloud, whose one endpoint it is',
    SSM,
    { AWS_USE_FIPS_ENDPOINT: 'true' },
    'https://ssm.us-gov-west-1.amazonaws.com',
  ],
  [
    'FIPS of SSM elsewhere',
    { ...SSM, region: 'us-east-1', partition: 'aws' },
    { AWS_USE_FIPS_ENDPOINT: 'true' },
    'https://ssm-fips.us-east-1.amazonaws.com',
  ],
  [
    'FIPS of Secrets Manager in GovCloud',
    { ...SSM, service: 'secretsmanager' },
    { AWS_USE_FIPS_ENDPOINT: 'true' },
    'https://secretsmanager-fips.us-gov-west-1.amazonaws.com',
  ],
  [
    'an endpoint of the environment',
    SECRETS,
    { AWS_ENDPOINT_URL: ' https://vpce.example.com// ' },
    'https://vpce.example.com',
  ],
  [
    "the service's own before the common one",
    SECRETS,
    {
      AWS_ENDPOINT_URL: 'https://a',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://b:1/path',
      AWS_ENDPOINT_URL_SSM: 'https://c',
    },
    'http://b:1/path',
  ],
  [
    "another service's is not used",
    SECRETS,
    { AWS_ENDPOINT_URL_SSM: 'https://c' },
    'https://secretsmanager.eu-west-1.amazonaws.com',
  ],
  [
    'an empty one is none',
    SECRETS,
    { AWS_ENDPOINT_URL_SECRETS_MANAGER: ' ', AWS_ENDPOINT_URL: 'https://a' },
    'https://a',
  ],
  [
    'configured endpoints are ignored where the environment says so',
    SECRETS,
    { AWS_ENDPOINT_URL: 'https://a', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
    'https://secretsmanager.eu-west-1.amazonaws.com',
  ],
] as const) {
  test(`asks where AWS's own clients would: ${what}`, () => assert.deepEqual(endpointOf(ref, env), { url }));
}

for (const url of ['vpce.example.com', 'ftp://a', 'https://user@a', 'https://a?b', 'https://a/b c']) {
  test(`an endpoint that is not a URL is named, and AWS's own is used: ${url}`, () => {
    assert.deepEqual(endpointOf(SECRETS, { AWS_ENDPOINT_URL: url }), {
      url: 'https://secretsmanager.eu-west-1.amazonaws.com',
      problem: "AWS_ENDPOINT_URL is not a URL; AWS's own endpoint is used",
    });
  });
}
