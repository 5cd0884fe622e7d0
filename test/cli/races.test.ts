import {
  CreateAliasCommand,
  GetAliasCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { type Moto, startMoto } from '../tools/moto';
import { AwsInBetween } from './aws-in-between';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip } from './support';

interface Results {
  readonly functions: readonly { function: string; action: string; reason?: string }[];
}

/** What others do to a function at the same time, and functions that are nearly full or not ours. */
describe('attach, beside others', () => {
  let moto: Moto | undefined;
  let aws: AwsInBetween;
  let cli: CommandLine;
  let account: Account;
  let role = '';
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      aws = await AwsInBetween.start(moto.url);
      cli = new CommandLine(file, aws.url);
      account = new Account(moto.url);
      role = await account.role('shared');
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(async () => {
    aws?.stop();
    await moto?.stop();
  });
  beforeEach(() => {
    if (skip === undefined) aws.hook = () => undefined;
  });

  const attach = (name: string, ...more: string[]): ReturnType<typeof cli.json<Results>> =>
    cli.json<Results>(['attach', '-f', name, '--endpoint', ENDPOINT, '--yes', ...more]);

  it('keeps on record what another attach has set meanwhile, so that detach takes it back', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    await account.function('twice', role, { Environment: { Variables: { STAGE: 'test' } } });
    const found = await account.snapshot('twice');
    let raced = false;
    aws.hook = async ({ action }) => {
      if (action !== 'UpdateFunctionConfiguration' || raced) return;
      raced = true;
      assert.equal((await attach('twice')).code, 0);
    };
    assert.deepEqual([(await attach('twice')).code, raced], [0, true]);
    const { code } = await cli.run(['detach', '-f', 'twice', '--yes']);
    assert.equal(code, 0);
    assert.deepEqual(await account.snapshot('twice'), found);
  });

  it('does not release code that somebody deploys meanwhile', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    await account.function('deployed', role);
    await account.lambda.send(new PublishVersionCommand({ FunctionName: 'deployed' }));
    await account.lambda.send(new CreateAliasCommand({ FunctionName: 'deployed', Name: 'live', FunctionVersion: '1' }));
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('exports.handler = async () => "not released yet";\n'), 'index.js');
    zip.end();
    const code = await buffer(zip.outputStream);
    let raced = false;
    aws.hook = async ({ action }) => {
      if (action !== 'UpdateFunctionConfiguration' || raced) return;
      raced = true;
      await account.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'deployed', ZipFile: code }));
      aws.revise('deployed');
    };
    const ran = await attach('deployed', '--alias', 'live');
    assert.deepEqual([ran.code, ran.value.functions[0].action, raced], [1, 'failed', true]);
    assert.match(ran.value.functions[0].reason ?? '', /the alias live is at version 1, and code of \$LATEST/);
    assert.equal(
      (await account.lambda.send(new GetAliasCommand({ FunctionName: 'deployed', Name: 'live' }))).FunctionVersion,
      '1',
    );
  });

  for (const given of ['arn:aws:lambda:eu-west-1:999999999999:function:mine', '999999999999:function:mine']) {
    it(`leaves a function of the same name alone when it is asked for ${given}`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      await account.function('mine', role).catch(() => undefined);
      const found = await account.snapshot('mine');
      const { code, stdout } = await cli.run(['attach', '-f', given, '--endpoint', ENDPOINT, '--yes', '--json']);
      assert.match((JSON.parse(stdout) as Results).functions[0].reason ?? '', /account 123456789012.*999999999999/);
      assert.equal(code, 1);
      assert.deepEqual(await account.snapshot('mine'), found);
    });
  }

  it('refuses a function that has no room for the tags of its record', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    await account.function('tagged', role, {
      Tags: Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`tag-${i}`, 'x'])),
    });
    const { code, value } = await attach('tagged', '--dry-run');
    assert.deepEqual([code, value.functions[0].action], [1, 'refused']);
    assert.match(value.functions[0].reason ?? '', /it has 48 tags.*50/);
  });
});
