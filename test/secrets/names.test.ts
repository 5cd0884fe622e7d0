import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseSecretRef } from '../../extension/config/secret-ref';
import { Diagnostics } from '../../extension/diagnostics';
import { createNodePlatform } from '../../extension/platform/node';
import { createSecretStore } from '../../extension/secrets/aws';
import type { SecretOutcome } from '../../extension/secrets/secret-store';
import { startFakeLoki } from '../../sandbox/loki';
import { startSecretsManager, type SecretsManager } from './secrets-manager';
import { startEnvironment, stored } from './support';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';

describe('names of secrets', () => {
  let aws: SecretsManager;
  before(async () => {
    aws = await startSecretsManager();
    for (const name of ['grafana-cloud', 'loki-secret', 'team/loki-prod01', 'loki']) aws.add(name, `value of ${name}`);
  });
  after(() => aws.stop());

  async function read(id: string): Promise<SecretOutcome> {
    const env = { AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'key' };
    const platform = { ...createNodePlatform(), env };
    const [outcome] = await createSecretStore(platform, new Diagnostics(platform), undefined).fetch([
      parseSecretRef('LOKI_API_KEY_SECRET', id).ref!,
    ]);
    return outcome;
  }

  it('are found whatever they end in, from a partial ARN, with one request where that is enough', async () => {
    for (const [name, requests] of [
      ['grafana-cloud', 1],
      ['loki-secret', 2],
      ['team/loki-prod01', 2],
    ] as const) {
      aws.requests.length = 0;
      assert.deepEqual(await read(`${ARN}${name}`), { value: `value of ${name}` });
      assert.equal(aws.requests.length, requests, name);
    }
  });

  it('are found from a complete ARN with one request', async () => {
    aws.requests.length = 0;
    assert.deepEqual(await read(aws.arn('loki-secret')), { value: 'value of loki-secret' });
    assert.equal(aws.requests.length, 1);
  });

  it('that do not exist are reported as such', async () => {
    const outcome = await read(`${ARN}other-secret`);
    assert.match('problem' in outcome ? outcome.problem : '', /does not exist.*Secrets Manager can't find/);
    assert.equal('kind' in outcome && outcome.kind, 'lasting');
  });

  it('that the role may not read are reported with the permission that is missing', async () => {
    aws.allowed = () => false;
    try {
      const outcome = await read(`${ARN}loki-secret`);
      assert.match(
        'problem' in outcome ? outcome.problem : '',
        /the function's role needs secretsmanager:GetSecretValue/,
      );
    } finally {
      aws.allowed = undefined;
    }
  });

  it('ending in a hyphen and six characters serve the built layer, with a role that may read just this secret', async () => {
    const loki = await startFakeLoki({});
    const environment = await startEnvironment(loki.pushUrl, {
      AWS_ENDPOINT_URL: aws.url,
      LOKI_API_KEY_SECRET: `${ARN}loki-secret`,
    });
    try {
      aws.allowed = (arn) => new RegExp(`^${ARN}loki-secret-.{6}$`).test(arn);
      await environment.invoke(['a line']);
      assert.deepEqual(stored(loki), ['a line']);
      assert.equal(loki.pushes.at(-1)!.headers.authorization, 'Bearer value of loki-secret');
    } finally {
      aws.allowed = undefined;
      await environment.close();
      await loki.stop();
    }
  });
});
