import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type FakeLoki, startFakeLoki } from '../../sandbox/loki';
import { type Moto, startMoto } from '../tools/moto';
import { AwsInBetween } from './aws-in-between';
import { Account, builtCli, CommandLine, reasonToSkip } from './support';

interface Diagnosis {
  readonly findings: readonly { level: string; about: string; text: string; wayOut?: string }[];
}

describe('lambdawatch doctor', () => {
  let moto: Moto | undefined;
  let aws: AwsInBetween;
  let cli: CommandLine;
  let account: Account;
  let loki: FakeLoki;
  let secret = '';
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      aws = await AwsInBetween.start(moto.url);
      cli = new CommandLine(file, aws.url);
      account = new Account(moto.url);
      loki = await startFakeLoki({ credentials: { username: 'me', password: 'geheim-genug' } });
      secret = await moto.createSecret('loki', 'geheim-genug');
      await account.function('orders', await account.role('orders'), {
        Environment: { Variables: { DATABASE: 'postgres://user:pw@db' } },
      });
      const args = [
        'attach',
        '-f',
        'orders',
        '--endpoint',
        loki.pushUrl,
        '--username',
        'me',
        '--password-secret',
        secret,
        '--yes',
      ];
      assert.equal((await cli.run(args)).code, 0);
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(async () => {
    await loki?.stop();
    aws?.stop();
    await moto?.stop();
  });

  it('finds nothing wrong with a function that works, and its line is in Loki', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stdout, stderr } = await cli.run(['doctor', 'orders', '--push']);
    assert.equal(code, 0, stdout + stderr);
    for (const words of [
      /^✓ layer: arn:\S+:lambdawatch-x86_64:1, for x86_64$/m,
      /^✓ settings: /m,
      /^✓ role: it may secretsmanager:GetSecretValue/m,
      /^✓ network: not in a VPC/m,
      /^✓ CloudWatch: on/m,
      /^✓ Loki: \S+ has stored a line/m,
    ])
      assert.match(stdout, words);
    assert.deepEqual(
      (await loki.lines()).map(({ labels }) => labels.source),
      ['lambdawatch-doctor'],
    );
    assert.equal((await cli.run(['doctor', 'orders'])).code, 0);
    assert.equal((await loki.lines()).length, 1);
  });

  it('writes a report without secrets, account and values of others', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const file = join(mkdtempSync(join(tmpdir(), 'lambdawatch-doctor-')), 'report.json');
    assert.equal((await cli.run(['doctor', 'orders', '--bundle', file])).code, 0);
    const text = readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /geheim|postgres|123456789012|orders/);
    const report = JSON.parse(text) as { function: { Variables: Record<string, string> } };
    assert.equal(report.function.Variables.DATABASE, '(21 bytes)');
    assert.equal(report.function.Variables.LOKI_USERNAME, 'me');
  });

  const broken: [string, () => Promise<void> | void, RegExp, RegExp][] = [
    [
      'the role may not read the secret',
      () => void (aws.allowed = () => false),
      /^it may not secretsmanager:GetSecretValue/,
      /--grant$/,
    ],
    [
      'the VPC has no way to the secret',
      () => void aws.overlays.set('orders', { VpcConfig: { VpcId: 'vpc-1', SubnetIds: ['subnet-1'] } }),
      /^the secrets can't be read from vpc-1: .*com\.amazonaws\.eu-west-1\.secretsmanager/,
      /endpoint, or a NAT gateway/,
    ],
    [
      'the layer is gone',
      async () =>
        void (await account.lambda.send(
          new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Layers: [] }),
        )),
      /^it was attached, and the layer is gone/,
      /attach again/,
    ],
    [
      'the password was changed',
      () => moto!.changeSecret(secret, 'another-one'),
      /does not let us in: status 401/,
      /check user, password or token/,
    ],
  ];
  for (const [what, change, text, wayOut] of broken) {
    it(`finds that ${what}, and says what to do`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      await change();
      const { code, value } = await cli.json<Diagnosis>(['doctor', 'orders']);
      assert.equal(code, 1);
      const found = value.findings.find((one) => one.level === 'problem' && text.test(one.text));
      assert.ok(found, JSON.stringify(value.findings, null, 1));
      assert.match(found.wayOut ?? '', wayOut);
      aws.allowed = () => true;
      aws.overlays.clear();
    });
  }

  it('looks at Loki alone, without AWS', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const env = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_REGION: undefined,
      LOKI_USERNAME: 'me',
      LOKI_PASSWORD: 'geheim-genug',
    };
    const ran = await cli.run(['doctor', '--endpoint', loki.pushUrl], { env });
    assert.equal(ran.code, 0, ran.stdout);
    const wrong = await cli.run(['doctor', '--endpoint', loki.pushUrl], {
      env: { ...env, LOKI_PASSWORD: 'falsch-gedacht' },
    });
    assert.equal(wrong.code, 1);
    assert.doesNotMatch(wrong.stdout + wrong.stderr, /falsch/);
    const nobody = await cli.run(['doctor', '--endpoint', 'http://127.0.0.1:9/loki/api/v1/push'], { env });
    assert.equal(nobody.code, 1);
    assert.match(nobody.stdout, /^✗ Loki: 127\.0\.0\.1:9 does not answer/m);
  });

  it('refuses to look at nothing', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const ran = await cli.run(['doctor']);
    assert.deepEqual([ran.code, ran.stderr], [2, 'error: name a function, or give --endpoint to look at Loki alone\n']);
    assert.match((await cli.run(['doctor', 'nobody'])).stderr, /there is no function nobody in eu-west-1/);
  });
});
