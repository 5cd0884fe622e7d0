import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseFunction } from '../../cli/aws/arn';
import { isDenied, denyDocument, logGroupArns } from '../../cli/plan/log-group';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip } from './support';

interface Results {
  readonly functions: readonly { function: string; region: string; action: string; reason?: string }[];
}

describe('which functions', () => {
  let moto: Moto | undefined;
  let cli: CommandLine;
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      cli = new CommandLine(file, moto.url);
      const account = new Account(moto.url);
      const role = await account.role('any');
      await account.function('shop-orders', role, { Tags: { team: 'shop', stage: 'prod' } });
      await account.function('shop-legacy-1', role, { Tags: { team: 'shop', stage: 'prod' } });
      await account.function('shop-test', role, { Tags: { team: 'shop', stage: 'test' } });
      await account.function('billing', role, { Tags: { team: 'billing', 'aws:cloudformation:stack-name': 'money' } });
      await new Account(moto.url, 'us-east-1').function(
        'edge',
        await account.role('edge', ['lambda.amazonaws.com', 'edgelambda.amazonaws.com']),
      );
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });
  after(() => moto?.stop());

  for (const [args, expected] of [
    [['--all'], ['billing', 'shop-legacy-1', 'shop-orders', 'shop-test']],
    [['--all', '--exclude', 'shop-*'], ['billing']],
    [['--regex', '^shop-.*[rt]s$'], ['shop-orders']],
    [
      ['--tag', 'team=shop', '--tag', 'stage=prod'],
      ['shop-legacy-1', 'shop-orders'],
    ],
    [['--tag', 'team=shop', '--tag', 'stage=prod', '--exclude', 'shop-legacy-*'], ['shop-orders']],
    [['--tag', 'team=shop', '--tag', 'team=billing', '--tag', 'stage=prod'], []],
    [['--stack', 'money'], ['billing']],
    [
      ['-f', 'arn:aws:lambda:eu-west-1:123456789012:function:billing', '-f', 'shop-test'],
      ['billing', 'shop-test'],
    ],
    [
      ['--all', '--region', 'us-east-1', '--region', 'eu-west-1', '--exclude', 'shop-*'],
      ['billing', 'edge'],
    ],
  ] as const) {
    it(args.join(' '), async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const ran = await cli.run(['attach', ...args, '--endpoint', ENDPOINT, '--force', '--dry-run', '--json']);
      if (expected.length === 0) {
        assert.match(ran.stderr, /^error: no function in eu-west-1 matches/);
        return assert.equal(ran.code, 1);
      }
      assert.deepEqual(
        (JSON.parse(ran.stdout) as Results).functions.map((one) => one.function),
        expected,
      );
    });
  }

  for (const [args, words] of [
    [['--tag', 'team=nobody'], /^error: no function in eu-west-1 matches; check the selectors/],
    [['--regex', '^nothing$'], /^error: no function in eu-west-1 matches/],
    [['--stack', 'nothing'], /^error: no function in eu-west-1 matches/],
    [['-f', 'nobody'], /there is no function nobody in eu-west-1/],
    [['-f', 'billing'], /it is not attached; lambdawatch attach --function billing attaches it/],
  ] as const) {
    it(`status ${args.join(' ')} finds none, which is no success`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const { code, stdout, stderr } = await cli.run(['status', ...args]);
      assert.equal(code, 1, stdout + stderr);
      assert.match(stdout + stderr, words);
    });
  }

  for (const args of [[], ['--all'], ['--tag', 'team=shop']]) {
    it(`status ${args.join(' ')} looks at functions of which none is attached`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const { code, stderr } = await cli.run(['status', ...args]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^No function here has LambdaWatch \([34] looked at\)/);
    });
  }

  it('not those of Lambda@Edge, which their role tells', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, value } = await cli.json<Results>([
      'attach',
      '--all',
      '--region',
      'us-east-1',
      '--endpoint',
      ENDPOINT,
      '--yes',
    ]);
    assert.deepEqual([code, value.functions[0].action], [1, 'refused']);
    assert.match(value.functions[0].reason ?? '', /its role may be taken by Lambda@Edge/);
  });
});

describe('a name as Lambda itself reads it', () => {
  const regions = ['eu-west-1', 'us-east-1'];
  for (const [text, expected] of [
    ['orders', regions.map((region) => ({ region, name: 'orders' }))],
    ['function:orders', regions.map((region) => ({ region, name: 'orders' }))],
    ['orders:$LATEST', regions.map((region) => ({ region, name: 'orders' }))],
    ['111122223333:function:orders', regions.map((region) => ({ region, name: 'orders', account: '111122223333' }))],
    ['111122223333:orders', regions.map((region) => ({ region, name: 'orders', account: '111122223333' }))],
    ['ap-south-1:111122223333:function:orders', [{ region: 'ap-south-1', name: 'orders', account: '111122223333' }]],
    [
      'arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:orders',
      [{ region: 'us-gov-west-1', name: 'orders', account: '111122223333' }],
    ],
  ] as const) {
    it(text, () => assert.deepEqual(parseFunction(text, regions), expected));
  }

  for (const [text, words] of [
    ['function:orders:live', /is an alias; give orders \(with --alias live/],
    ['orders:3', /^UsageError: "orders:3" is a version, which never changes; give orders$/],
    ['arn:aws:lambda:eu-west-1:111122223333:layer:mine:1', /give a function's name or ARN/],
    ['arn:aws:lambda', /give a function's name or ARN/],
    ['orders eu', /give a function's name or ARN/],
    ['', /give a function's name or ARN/],
  ] as const) {
    it(`and refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseFunction(text, regions), words));
  }
});

describe('the log group of a function', () => {
  for (const [partition, region] of [
    ['aws', 'eu-west-1'],
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
  ]) {
    it(`is one of the partition ${partition}`, () => {
      const config = { FunctionArn: `arn:${partition}:lambda:${region}:111122223333:function:orders` };
      const group = `arn:${partition}:logs:${region}:111122223333:log-group:/aws/lambda/orders`;
      assert.deepEqual(logGroupArns(config), [group, `${group}:*`]);
      assert.ok(isDenied(denyDocument([group, `${group}:*`]), config));
      assert.ok(!isDenied(denyDocument([`${group}-2`, `${group}-2:*`]), config));
    });
  }
});
