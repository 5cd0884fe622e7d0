import { GetLayerVersionCommand, GetLayerVersionPolicyCommand, ListLayerVersionsCommand } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, CommandLine, reasonToSkip, REGION } from './support';

interface Published {
  readonly layers: readonly { region: string; architecture: string; action: string; arn?: string; shared: boolean }[];
}

describe('lambdawatch publish', () => {
  let moto: Moto | undefined;
  let cli: CommandLine;
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      cli = new CommandLine(file, moto.url);
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(() => moto?.stop());

  it('publishes both layers into two regions, and a second time nothing', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const args = ['publish', '--region', 'eu-west-1', '--region', 'us-east-1'];
    const first = await cli.json<Published>(args);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(
      first.value.layers.map(({ region, architecture, action }) => `${region} ${architecture} ${action}`),
      [
        'eu-west-1 x86_64 published',
        'eu-west-1 arm64 published',
        'us-east-1 x86_64 published',
        'us-east-1 arm64 published',
      ],
    );

    for (const { region, architecture, arn } of first.value.layers) {
      const version = await new Account(cli.url, region).lambda.send(
        new GetLayerVersionCommand({ LayerName: `lambdawatch-${architecture}`, VersionNumber: 1 }),
      );
      const zip = await readFile(`${__dirname}/../../lib/layer/lambdawatch-${architecture}.zip`);
      assert.equal(version.Content?.CodeSha256, createHash('sha256').update(zip).digest('base64'));
      assert.deepEqual(version.CompatibleArchitectures, [architecture]);
      assert.equal(version.LayerVersionArn, arn);
    }

    const second = await cli.json<Published>(args);
    assert.equal(second.code, 0);
    assert.deepEqual(
      second.value.layers.map(({ action, arn }) => `${action} ${arn}`),
      first.value.layers.map(({ arn }) => `present ${arn}`),
    );
    const versions = await new Account(cli.url).lambda.send(
      new ListLayerVersionsCommand({ LayerName: 'lambdawatch-arm64' }),
    );
    assert.equal(versions.LayerVersions?.length, 1);
  });

  it('with --dry-run only says what it would do', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const ran = await cli.run(['publish', '--arch', 'arm64', '--name', 'other', '--dry-run']);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^eu-west-1 +arm64 +would publish/m);
    const versions = await new Account(cli.url).lambda.send(new ListLayerVersionsCommand({ LayerName: 'other-arm64' }));
    assert.equal(versions.LayerVersions?.length, 0);
  });

  it('shares with an account and an organization, once', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const args = [
      'publish',
      '--arch',
      'x86_64',
      '--name',
      'shared',
      '--share',
      '111122223333',
      '--share',
      'o-a1b2c3d4e5',
    ];
    assert.deepEqual(
      (await cli.json<Published>(args)).value.layers.map(({ shared }) => shared),
      [true],
    );
    assert.deepEqual(
      (await cli.json<Published>(args)).value.layers.map(({ shared }) => shared),
      [false],
    );
    const { Policy: policy } = await new Account(cli.url, REGION).lambda.send(
      new GetLayerVersionPolicyCommand({ LayerName: 'shared-x86_64', VersionNumber: 1 }),
    );
    const statements = (JSON.parse(policy ?? '') as { Statement: { Sid: string; Condition?: unknown }[] }).Statement;
    assert.deepEqual(statements.map(({ Sid: id }) => id).sort(), ['account-111122223333', 'organization-o-a1b2c3d4e5']);
  });

  for (const [what, args, words] of [
    ['an architecture that there is none of', ['--arch', 'mips'], /choices are x86_64, arm64, all/],
    ['no region', ['--region', 'Ireland'], /--region is "Ireland"; regions look like eu-west-1/],
    [
      'nobody to share with',
      ['--share', 'everyone'],
      /--share is "everyone"; give an account \(12 digits\) or an organization/,
    ],
    ['no layer name', ['--name', 'a b'], /--name is "a b"; layer names are/],
    ['an option with a slip of the pen', ['--dryrun'], /unknown option '--dryrun'\n\(Did you mean --dry-run\?\)/],
    ['too many at a time', ['--concurrency', '1000'], /whole number from 1 to 64/],
    ['no URL', ['--endpoint-url', 'localhost:5000'], /--endpoint-url is "localhost:5000"; it must be a URL/],
  ] as const) {
    it(`refuses ${what}, with exit code 2`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const ran = await cli.run(['publish', ...args]);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, words);
      assert.equal(ran.stdout, '');
    });
  }

  for (const [what, env, words] of [
    ['there is no region', { AWS_REGION: undefined }, /no region is set; pass --region, or set AWS_REGION/],
    ['there are no credentials', { AWS_ACCESS_KEY_ID: undefined }, /no AWS credentials: .*aws sso login/],
    ['nothing answers', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /AWS can't be reached \(ECONNREFUSED/],
  ] as const) {
    it(`says in one line that ${what}`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const ran = await cli.run(['publish', '--arch', 'arm64'], { env });
      assert.notEqual(ran.code, 0);
      const said = ran.stdout + ran.stderr;
      assert.match(said, words);
      assert.doesNotMatch(said, /^\s+at /m);
    });
  }
});
