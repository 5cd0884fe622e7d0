import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { denyDocument } from '../../cli/plan/log-group';
import { type Moto, startMoto } from '../tools/moto';
import { AwsInBetween } from './aws-in-between';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip } from './support';

interface Results {
  readonly functions: readonly { function: string; action: string; reason?: string; notes?: string[] }[];
}

const group = (name: string): string => `arn:aws:logs:eu-west-1:123456789012:log-group:${name}`;
const policy = (...groups: string[]): unknown => ({
  LambdaWatchDenyCloudWatchLogs: denyDocument(groups.flatMap((one) => [one, `${one}:*`])),
});

describe('lambdawatch cloudwatch', () => {
  let moto: Moto | undefined;
  let aws: AwsInBetween;
  let cli: CommandLine;
  let account: Account;
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      aws = await AwsInBetween.start(moto.url);
      cli = new CommandLine(file, aws.url);
      account = new Account(moto.url);
      const [shared, own] = [await account.role('shared'), await account.role('own')];
      for (const name of ['a', 'b', 'c']) await account.function(name, shared);
      await account.function('d', own);
      await account.function('bare', own);
      assert.equal(
        (await cli.run(['attach', '-f', 'd', '--endpoint', ENDPOINT, '--ship-diagnostics', 'true', '--yes'])).code,
        0,
      );
      aws.overlays.set('d', { LoggingConfig: { LogGroup: 'custom/d' } });
      assert.equal((await cli.run(['attach', '--all', '--exclude', 'bare', '--endpoint', ENDPOINT, '--yes'])).code, 0);
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(async () => {
    aws?.stop();
    await moto?.stop();
  });

  it('denies each role the log groups of its functions, and no others', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, value, stderr } = await cli.json<Results>([
      'cloudwatch',
      'off',
      '-f',
      'a',
      '-f',
      'b',
      '-f',
      'd',
      '--yes',
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await account.policies('shared'), policy(group('/aws/lambda/a'), group('/aws/lambda/b')));
    assert.deepEqual(await account.policies('own'), policy(group('custom/d')));
    assert.deepEqual(value.functions[0].notes, [
      'its role is shared with b, c, whose own log groups are not affected',
      "the extension's own warnings will be nowhere; lambdawatch attach --ship-diagnostics true sends them to Loki",
    ]);
    assert.deepEqual(value.functions[2].notes, ['its role is shared with bare, whose own log groups are not affected']);
  });

  it('shows in the status which are off', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { value } = await cli.json<{ functions: { function: string; cloudWatch: string }[] }>(['status']);
    assert.deepEqual(
      value.functions.map((one) => `${one.function} ${one.cloudWatch}`),
      ['a off', 'b off', 'c on', 'd off'],
    );
  });

  it('changes nothing the second time', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, value } = await cli.json<Results>(['cloudwatch', 'off', '-f', 'a', '--check']);
    assert.deepEqual([code, value.functions[0].action], [0, 'unchanged']);
    assert.equal((await cli.run(['cloudwatch', 'off', '-f', 'c', '--check'])).code, 3);
  });

  it('refuses a function whose logs would be nowhere', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, value } = await cli.json<Results>(['cloudwatch', 'off', '-f', 'bare', '--yes']);
    assert.deepEqual([code, value.functions[0].action], [1, 'refused']);
    assert.match(value.functions[0].reason ?? '', /not attached, so that its logs would be nowhere/);
  });

  it("warns where a log group is another function's, too", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    aws.overlays.set('c', { LoggingConfig: { LogGroup: '/aws/lambda/a' } });
    const { value } = await cli.json<Results>(['cloudwatch', 'off', '-f', 'c', '--dry-run']);
    // Moto's list of functions has no log groups, so that c is the one that writes where a does.
    assert.ok(value.functions[0].notes?.includes("its role and log group are a's, too, whose logs stop as well"));
    const on = await cli.json<Results>(['cloudwatch', 'on', '-f', 'c', '--dry-run']);
    assert.deepEqual(on.value.functions[0].notes, ["its role and log group are a's, too, whose logs resume as well"]);
    aws.overlays.delete('c');
  });

  it('is told of when a function is detached whose logs would be nowhere then', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { value } = await cli.json<Results>(['detach', '-f', 'a', '-f', 'bare', '--dry-run']);
    assert.match(
      value.functions[0].notes?.join() ?? '',
      /its CloudWatch logs are off.*lambdawatch cloudwatch on --function a/,
    );
    assert.equal(value.functions[1].notes, undefined);
  });

  it('names the variable where the extension is in an image, which attach can not change', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const variables = { LOKI_ENDPOINT: ENDPOINT };
    const role = await account.role('image');
    await account.function('image', role, { PackageType: 'Image', Environment: { Variables: variables } });
    const { value } = await cli.json<Results>(['cloudwatch', 'off', '-f', 'image', '--dry-run']);
    assert.deepEqual(value.functions[0].notes, [
      "the extension's own warnings will be nowhere; its variable LOKI_SHIP_DIAGNOSTICS=true sends them to Loki",
    ]);
  });

  it("refuses what IAM would not take: a role's inline policies have 10 240 characters", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const crowded = await account.role('crowded');
    const names = Array.from({ length: 12 }, (_, i) => `crowded-${String.fromCharCode(97 + i)}`);
    for (const name of names) {
      await account.function(name, crowded, { Tags: { suite: 'crowded' } });
      aws.overlays.set(name, { LoggingConfig: { LogGroup: `/${name}/${'x'.repeat(450)}` } });
    }
    const args = ['--tag', 'suite=crowded', '--force', '--yes'];
    const { code, value } = await cli.json<Results>(['cloudwatch', 'off', ...args]);
    const actions = value.functions.map(({ action }) => action);
    assert.deepEqual([code, actions.filter((action) => action === 'off').length], [1, 9]);
    const failed = value.functions.filter(({ action }) => action === 'failed');
    assert.equal(failed.length, 3);
    for (const { reason } of failed)
      assert.match(
        reason ?? '',
        /role crowded would have \d{5} characters, and IAM allows 10240; give some .* pattern/,
      );
    const written = JSON.stringify((await account.policies('crowded')).LambdaWatchDenyCloudWatchLogs).length;
    assert.ok(written <= 10_240, String(written));
    assert.equal((await cli.run(['cloudwatch', 'on', ...args.filter((one) => one !== '--force')])).code, 0);
    assert.deepEqual(await account.policies('crowded'), {});
  });

  it("takes back one function's part, and the policy with the last one", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    assert.equal((await cli.run(['cloudwatch', 'on', '-f', 'a', '--yes'])).code, 0);
    assert.deepEqual(await account.policies('shared'), policy(group('/aws/lambda/b')));
    assert.equal((await cli.run(['cloudwatch', 'on', '--all', '--yes'])).code, 0);
    assert.deepEqual([await account.policies('shared'), await account.policies('own')], [{}, {}]);
  });
});
