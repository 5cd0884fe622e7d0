import {
  CreateAliasCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Moto, startMoto } from '../tools/moto';
import { AwsInBetween } from './aws-in-between';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip } from './support';

interface Results {
  readonly functions: readonly {
    function: string;
    action: string;
    reason?: string;
    notes?: string[];
    changes?: { subject: string; after?: string }[];
  }[];
}

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:loki-AbCdEf';

const NO_JSON = join(mkdtempSync(join(tmpdir(), 'lambdawatch-settings-')), 'settings.json');
writeFileSync(NO_JSON, '{"password":\n geheim}');

/** What goes wrong with AWS, and what others do meanwhile. */
describe('attach, when AWS is not as one would wish', () => {
  let moto: Moto | undefined;
  let aws: AwsInBetween;
  let cli: CommandLine;
  let account: Account;
  let role = '';
  let skip: string | undefined;
  let count = 0;

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
    if (skip !== undefined) return;
    aws.hook = () => undefined;
    aws.allowed = () => true;
    aws.calls.length = 0;
  });

  async function fresh(options: Parameters<Account['function']>[2] = {}): Promise<string> {
    const name = `fn-${++count}`;
    await account.function(name, role, options);
    return name;
  }
  const attach = (
    name: string,
    ...more: string[]
  ): Promise<Awaited<ReturnType<CommandLine['json']>> & { value: Results }> =>
    cli.json<Results>(['attach', '-f', name, '--endpoint', ENDPOINT, '--yes', ...more]);
  const updates = (name: string): number =>
    aws.calls.filter((call) => call.action === 'UpdateFunctionConfiguration' && call.function === name).length;

  it('keeps what somebody else writes between its reading and its writing', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh({ Environment: { Variables: { STAGE: 'test' } } });
    let raced = 0;
    aws.hook = async ({ action, function: fn }) => {
      if (action !== 'UpdateFunctionConfiguration' || fn !== name || raced >= 2) return;
      raced++;
      await account.lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: name,
          Environment: { Variables: { STAGE: `theirs-${raced}` } },
        }),
      );
      aws.revise(name);
    };
    const { code, value } = await attach(name);
    assert.deepEqual([code, value.functions[0].action, raced], [0, 'attached', 2]);
    const { config } = await account.snapshot(name);
    assert.deepEqual(config.Environment?.Variables, {
      STAGE: 'theirs-2',
      LOKI_ENDPOINT: ENDPOINT,
      LOKI_REQUEST_ID_AS: 'metadata',
    });
    assert.equal(config.Layers?.length, 1);
  });

  it('gives up on a function that is written to without end, and leaves it as it was', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    const original = await account.snapshot(name);
    aws.hook = ({ action, function: fn }) => {
      if (action === 'UpdateFunctionConfiguration' && fn === name) aws.revise(name);
    };
    const { code, value } = await attach(name);
    assert.equal(code, 1);
    assert.match(
      value.functions[0].reason ?? '',
      /changed by somebody else each of 10 times; wait until its deployment is over/,
    );
    assert.deepEqual(await account.snapshot(name), original);
  });

  it('repeats calls that are throttled', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    let refused = 0;
    aws.hook = ({ action }) =>
      action === 'UpdateFunctionConfiguration' && ++refused <= 2
        ? { status: 429, error: 'TooManyRequestsException', message: 'Rate exceeded' }
        : undefined;
    const { code, value } = await attach(name);
    assert.deepEqual([code, value.functions[0].action], [0, 'attached']);
    assert.equal(updates(name), 3);
  });

  it("waits for an update of somebody else's, and for its own", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    let busy = 2;
    aws.hook = ({ action, function: fn }) =>
      action === 'UpdateFunctionConfiguration' && fn === name && busy-- > 0
        ? { status: 409, error: 'ResourceConflictException', message: 'An update is in progress' }
        : undefined;
    aws.nextUpdates.set(name, { polls: 2, then: { LastUpdateStatus: 'Successful' } });
    const { code, value } = await attach(name);
    assert.deepEqual([code, value.functions[0].action], [0, 'attached']);
    const later = aws.calls.slice(aws.calls.map(({ action }) => action).lastIndexOf('UpdateFunctionConfiguration'));
    assert.ok(later.filter(({ action }) => action === 'GetFunctionConfiguration').length >= 3);
  });

  it("prints Lambda's reason when the update fails, and what to do", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    aws.nextUpdates.set(name, {
      polls: 1,
      then: {
        LastUpdateStatus: 'Failed',
        LastUpdateStatusReasonCode: 'FunctionError.TooManyExtensions',
        LastUpdateStatusReason: 'Too many extensions',
      },
    });
    const { code, value } = await attach(name);
    assert.equal(code, 1);
    assert.match(
      value.functions[0].reason ?? '',
      /FunctionError\.TooManyExtensions \(the function has more extensions than the 10 .* lambdawatch detach --function/,
    );
    // Lambda keeps the configuration, so that the record of it stays, and can be taken back.
    aws.nextUpdates.clear();
    assert.equal((await account.snapshot(name)).config.Layers?.length, 1);
    assert.equal((await cli.run(['detach', '-f', name, '--yes'])).code, 0);
    const { config, tags } = await account.snapshot(name);
    assert.deepEqual([config.Layers, tags], [[], {}]);
  });

  for (const [state, more, words] of [
    ['Deleting', {}, /it is being deleted/],
    [
      'Deactivating',
      { StateReasonCode: 'DrainingDurableExecutions' },
      /is being deactivated \(DrainingDurableExecutions\)/,
    ],
    ['Deactivated', {}, /it is deactivated; activate it first/],
    ['Failed', { StateReasonCode: 'SubnetOutOfIPAddresses' }, /its state is Failed \(SubnetOutOfIPAddresses\)/],
  ] as const) {
    it(`refuses a function in state ${state} before any change`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const name = await fresh();
      aws.overlays.set(name, { State: state, ...more });
      const { code, value } = await attach(name);
      assert.deepEqual([code, value.functions[0].action], [1, 'refused']);
      assert.match(value.functions[0].reason ?? '', words);
      assert.deepEqual([updates(name), aws.calls.filter(({ action }) => action === 'TagResource').length], [0, 0]);
    });
  }

  for (const state of ['ActiveNonInvocable', 'Inactive', 'SomethingNew']) {
    it(`attaches a function in state ${state}`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const name = await fresh();
      aws.overlays.set(name, { State: state });
      assert.equal((await attach(name)).code, 0);
    });
  }

  for (const [what, overlay, words] of [
    [
      "variables can't be decrypted",
      { Environment: { Error: { ErrorCode: 'AccessDeniedException', Message: 'kms:Decrypt' } } },
      /variables can't be read .* would lose them; allow kms:Decrypt/,
    ],
    [
      'place is at the edge',
      { MasterArn: 'arn:aws:lambda:us-east-1:123456789012:function:edge:1' },
      /replica of Lambda@Edge/,
    ],
    [
      'architecture is one of tomorrow',
      { Architectures: ['riscv64'] },
      /its architecture is riscv64, and there are layers for x86_64 and arm64/,
    ],
  ] as const) {
    it(`refuses a function whose ${what}`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const name = await fresh();
      aws.overlays.set(name, overlay);
      const { code, value } = await attach(name);
      assert.equal(code, 1);
      assert.match(value.functions[0].reason ?? '', words);
      assert.equal(updates(name), 0);
    });
  }

  it('goes on with the others when one fails, and names the permission that is missing', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const [good, bad] = [await fresh({ Tags: { suite: 'partial' } }), await fresh({ Tags: { suite: 'partial' } })];
    const original = await account.snapshot(bad);
    aws.hook = ({ action, function: fn }) =>
      action === 'UpdateFunctionConfiguration' && fn === bad
        ? {
            status: 403,
            error: 'AccessDeniedException',
            message: `User: arn:aws:iam::123456789012:user/dev is not authorized to perform: lambda:UpdateFunctionConfiguration on resource: arn:aws:lambda:eu-west-1:123456789012:function:${bad} because no identity-based policy allows the action`,
          }
        : undefined;
    const { code, value } = await cli.json<Results>([
      'attach',
      '--tag',
      'suite=partial',
      '--endpoint',
      ENDPOINT,
      '--yes',
    ]);
    assert.equal(code, 1);
    assert.deepEqual(
      value.functions.map((one) => [one.function, one.action]),
      [
        [good, 'attached'],
        [bad, 'failed'],
      ],
    );
    assert.match(
      value.functions[1].reason ?? '',
      /^not allowed: lambda:UpdateFunctionConfiguration on arn:\S+; allow it for arn:aws:iam::123456789012:user\/dev$/,
    );
    // The record of the change that did not come about is gone, too.
    assert.deepEqual(await account.snapshot(bad), original);
  });

  for (const [what, answer, words] of [
    [
      'expired credentials',
      { status: 403, error: 'ExpiredTokenException', message: 'The security token included in the request is expired' },
      /credentials have expired; sign in again/,
    ],
    [
      'credentials of nobody',
      {
        status: 403,
        error: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      },
      /AWS does not accept the credentials/,
    ],
  ] as const) {
    it(`says in one line that it has ${what}`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      aws.hook = () => answer;
      const { code, stderr } = await cli.run(['attach', '--all', '--endpoint', ENDPOINT, '--yes']);
      assert.equal(code, 1);
      assert.match(stderr, words);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }

  it('says so where not even the record of a change can be taken back, and goes on from there', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    const original = await account.snapshot(name);
    let expired = false;
    aws.hook = ({ action }) => {
      expired ||= action === 'UpdateFunctionConfiguration';
      return expired ? { status: 403, error: 'ExpiredTokenException', message: 'expired' } : undefined;
    };
    const { code, value } = await attach(name);
    assert.equal(code, 1);
    assert.match(
      value.functions[0].reason ?? '',
      /credentials have expired.*; its layers and variables are as they were, but its tags say.*run this again, or lambda/,
    );
    aws.hook = () => undefined;
    assert.deepEqual((await account.snapshot(name)).config, original.config);
    assert.equal((await attach(name)).value.functions[0].action, 'attached');
    assert.equal((await cli.run(['detach', '-f', name, '--yes'])).code, 0);
    assert.deepEqual((await account.snapshot(name)).tags, {});
  });

  it('says what Lambda does not: that the layer is too much for 250 MB', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    aws.hook = ({ action }) =>
      action === 'UpdateFunctionConfiguration'
        ? {
            status: 400,
            error: 'InvalidParameterValueException',
            message:
              'Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 263000000 bytes.',
          }
        : undefined;
    const { code, value } = await attach(name);
    assert.equal(code, 1);
    assert.match(value.functions[0].reason ?? '', /the 250 MB that Lambda allows.*263000000.*container image/);
    assert.deepEqual((await account.snapshot(name)).tags, {});
  });

  it('says that what answers is not AWS', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const server = createServer((_, response) => void response.end('<!doctype html><title>Sign in</title>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, stderr } = await cli.run(['status', '--all', '--endpoint-url', url], {
      env: { AWS_ENDPOINT_URL: url },
    });
    server.closeAllConnections();
    server.close();
    assert.equal(code, 1);
    assert.match(stderr, /^error: what answers is not AWS \(status 200\); check --endpoint-url, [^\n]+\n$/);
  });

  it('asks AWS about so many functions at a time as it is told, for planning as well', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    await Promise.all(Array.from({ length: 8 }, () => fresh({ Tags: { suite: 'planning' } })));
    const args = ['--tag', 'suite=planning', '--yes', '--concurrency', '2'];
    assert.equal((await cli.run(['attach', '--endpoint', ENDPOINT, ...args])).code, 0);
    let [now, most] = [0, 0];
    aws.hook = async ({ action }) => {
      if (action !== 'GetRolePolicy') return;
      most = Math.max(most, ++now);
      await setTimeout(20);
      now--;
    };
    assert.equal((await cli.run(['detach', ...args])).code, 0);
    assert.equal(most, 2);
  });

  it('changes nothing after Ctrl-C while it is still reading', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    let kill!: (signal: NodeJS.Signals) => void;
    let resume!: () => void;
    const held = new Promise<void>((resolve) => (resume = resolve));
    aws.hook = async ({ action }) => {
      if (action !== 'GetFunction') return;
      kill('SIGINT');
      await held;
    };
    // No layer of this name is published yet.
    const args = ['attach', '-f', name, '--endpoint', ENDPOINT, '--layer-name', 'late', '--yes', '--json'];
    const { code, stdout } = await cli.run(args, {
      onStart: (send) => (kill = send),
      onStderr: (said) => {
        if (said.includes('Interrupted')) resume();
      },
    });
    assert.deepEqual([code, (JSON.parse(stdout) as Results).functions[0].action], [130, 'not begun']);
    assert.deepEqual(
      aws.calls.filter(({ method }) => method !== 'GET'),
      [],
    );
  });

  it('says which function there is none of', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stdout } = await cli.run(['attach', '-f', 'nobody', '--endpoint', ENDPOINT, '--yes']);
    assert.equal(code, 1);
    assert.match(stdout, /there is no function nobody in eu-west-1; check the name, --region and --profile/);
  });

  it('finishes what it has begun at Ctrl-C, begins nothing more, and says what was done', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const names = await Promise.all([1, 2, 3].map(() => fresh({ Tags: { suite: 'interrupt' } })));
    let resume: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (resume = resolve));
    let begun!: () => void;
    const reached = new Promise<void>((resolve) => (begun = resolve));
    aws.hook = async ({ action }) => {
      if (action !== 'UpdateFunctionConfiguration') return;
      begun();
      await held;
    };
    let kill!: (signal: NodeJS.Signals) => void;
    const running = cli.run(
      ['attach', '--tag', 'suite=interrupt', '--endpoint', ENDPOINT, '--yes', '--concurrency', '1', '--json'],
      {
        onStderr: (said) => {
          if (said.includes('Interrupted')) resume?.();
        },
        onStart: (send) => (kill = send),
      },
    );
    await reached;
    kill('SIGINT');
    const { code, stdout } = await running;
    assert.equal(code, 130);
    assert.deepEqual(
      (JSON.parse(stdout) as Results).functions.map(({ action }) => action),
      ['attached', 'not begun', 'not begun'],
    );
    const attached = await Promise.all(
      names.sort().map(async (name) => (await account.snapshot(name)).config.Layers?.length),
    );
    assert.deepEqual(attached, [1, 0, 0]);
  });

  it('publishes a version and moves an alias to it, once, and back', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    await account.lambda.send(new PublishVersionCommand({ FunctionName: name }));
    await account.lambda.send(new CreateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: '1' }));
    const live = async (): Promise<[string | undefined, number]> => {
      const { FunctionVersion: version } = await account.lambda.send(
        new GetAliasCommand({ FunctionName: name, Name: 'live' }),
      );
      const { Layers: layers } = await account.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: version }),
      );
      return [version, layers?.length ?? 0];
    };
    const first = await attach(name, '--alias', 'live');
    assert.deepEqual([first.code, first.value.functions[0].notes], [0, ['alias live: version 2']]);
    assert.deepEqual(await live(), ['2', 1]);
    assert.equal((await attach(name, '--alias', 'live')).value.functions[0].action, 'unchanged');
    assert.equal((await cli.run(['detach', '-f', name, '--alias', 'live', '--yes'])).code, 0);
    assert.deepEqual(await live(), ['3', 0]);
    const none = await attach(name, '--alias', 'nobody');
    assert.match(none.value.functions[0].reason ?? '', /has no alias nobody/);
  });

  it('tells which permission the role lacks, or grants it and takes it back', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    aws.allowed = () => false;
    const settings = ['--api-key-secret', `${SECRET}#token`];
    const told = await attach(name, ...settings, '--dry-run');
    assert.deepEqual(told.value.functions[0].notes, [
      `its role may not secretsmanager:GetSecretValue ${SECRET}; --grant allows it`,
    ]);

    const granted = await attach(name, ...settings, '--grant');
    assert.equal(granted.code, 0);
    assert.ok(
      granted.value.functions[0].changes?.some(
        (change) => change.subject === 'role' && change.after === `may secretsmanager:GetSecretValue ${SECRET}`,
      ),
    );
    assert.deepEqual(await account.policies('shared'), {
      [`lambdawatch-secrets-eu-west-1-${name}`]: {
        Version: '2012-10-17',
        Statement: [{ Sid: 'Secrets', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: [SECRET] }],
      },
    });
    assert.deepEqual((await attach(name, ...settings, '--grant')).value.functions[0].action, 'unchanged');
    assert.equal((await cli.run(['detach', '-f', name, '--yes'])).code, 0);
    assert.deepEqual(await account.policies('shared'), {});
  });

  it('takes a grant back when the change that it was for fails', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const name = await fresh();
    aws.hook = ({ action }) =>
      action === 'UpdateFunctionConfiguration'
        ? { status: 400, error: 'InvalidParameterValueException', message: 'no' }
        : undefined;
    const { code } = await attach(name, '--api-key-secret', SECRET, '--grant');
    assert.equal(code, 1);
    assert.deepEqual(await account.policies('shared'), {});
    assert.deepEqual((await account.snapshot(name)).tags, {});
  });

  for (const [what, args, words] of [
    ['no function selected', [], /no function is selected; give --function, --regex, --tag, --stack or --all/],
    ['both a name and a search', ['-f', 'a', '--all'], /can't be given with it/],
    [
      'an alias as function',
      ['-f', 'a:live'],
      /"a:live" is an alias; give a \(with --alias live, attach and detach publish a version and move it there\)/,
    ],
    ['a pattern that is none', ['--regex', '('], /which is no regular expression/],
    ['a tag without a value', ['--tag', 'team'], /--tag is "team"; give KEY=VALUE/],
    [
      'a number out of range',
      ['-f', 'a', '--batch-size', '100000'],
      /--batch-size: "100000" is not a whole number from 1 to 10000/,
    ],
    ['a label that Loki refuses', ['-f', 'a', '--labels', '9x=1'], /--labels: /],
    ['an endpoint that is none', ['-f', 'a', '--endpoint', 'logs'], /--endpoint: "logs" /],
    [
      'a password in a URL',
      ['-f', 'a', '--endpoint', 'https://u:geheim@x.example.com/loki/api/v1/push'],
      /--endpoint has a user or password in it/,
    ],
    ['a password', ['-f', 'a', '--password', 'geheim'], /unknown option '--password'/],
    ['a secret that is no ARN', ['-f', 'a', '--password-secret', 'geheim'], /--password-secret: is not an ARN/],
    [
      'an unknown setting',
      ['-f', 'a', '--batchsize', '5'],
      /unknown option '--batchsize'\n\(Did you mean --batch-size\?\)/,
    ],
    [
      "a file that isn't there",
      ['-f', 'a', '--from-file', '/nowhere.json'],
      /--from-file \/nowhere\.json can't be read: ENOENT/,
    ],
    ['a file that is no JSON', ['-f', 'a', '--from-file', NO_JSON], /^error: --from-file \S+ is not JSON: [^\n]+\n$/],
    ['nobody to ask', ['--all', '--endpoint', ENDPOINT], /no terminal to ask on; pass --yes/],
  ] as const) {
    it(`refuses ${what}, with exit code 2 and nothing done`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const { code, stderr } = await cli.run(['attach', ...args]);
      assert.match(stderr, words);
      assert.equal(code, 2);
      assert.doesNotMatch(stderr, /geheim/);
      assert.ok(!aws.calls.some(({ method }) => method === 'PUT' || method === 'POST'));
    });
  }
});
