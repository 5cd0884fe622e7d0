import { PublishLayerVersionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip } from './support';

interface Results {
  readonly functions: readonly {
    function: string;
    action: string;
    reason?: string;
    notes?: string[];
    changes?: { subject: string; before?: string; after?: string }[];
  }[];
  readonly counts: Record<string, number>;
}

const FOREIGN = ['tracing', 'secrets', 'insights', 'wrapper', 'fonts'];
const ATTACH = ['attach', '--all', '--endpoint', ENDPOINT, '--labels', 'team=shop', '--yes'];

/** What a user with thirty functions goes through, in order, against moto as it is. */
describe('thirty functions of mixed state', () => {
  let moto: Moto | undefined;
  let cli: CommandLine;
  let account: Account;
  let skip: string | undefined;
  const names: string[] = [];
  const original = new Map<string, unknown>();
  let foreign: string[] = [];

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      cli = new CommandLine(file, moto.url);
      account = new Account(moto.url);
    } catch (error) {
      skip = reasonToSkip(error);
      return;
    }
    foreign = await Promise.all(
      FOREIGN.map(
        async (name) =>
          (
            await account.lambda.send(
              new PublishLayerVersionCommand({
                LayerName: name,
                Content: { ZipFile: Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1') },
              }),
            )
          ).LayerVersionArn ?? '',
      ),
    );
    const role = await account.role('functions');
    const make = async (name: string, options: Parameters<Account['function']>[2] = {}): Promise<void> => {
      await account.function(name, role, options);
      names.push(name);
    };
    for (let i = 1; i <= 10; i++) await make(`plain-${i}`, { Tags: { team: 'shop' } });
    for (let i = 1; i <= 3; i++)
      await make(`arm-${i}`, { Architectures: ['arm64'], Environment: { Variables: { STAGE: 'prod' } } });
    for (let i = 1; i <= 2; i++) await make(`image-${i}`, { PackageType: 'Image' });
    for (let i = 1; i <= 2; i++) await make(`full-${i}`, { Layers: foreign });
    for (let i = 1; i <= 2; i++) await make(`large-${i}`, { Environment: { Variables: { BLOB: 'x'.repeat(4000) } } });
    for (let i = 1; i <= 3; i++) await make(`stack-${i}`, { Tags: { 'aws:cloudformation:stack-name': 'shop' } });
    for (let i = 1; i <= 4; i++)
      await make(`layers-${i}`, { Layers: i % 2 === 0 ? foreign.slice(0, i) : foreign.slice(0, i).reverse() });
    await make('own-endpoint', {
      Environment: {
        Variables: { LOKI_ENDPOINT: 'https://own.example.com/loki/api/v1/push', LOKI_LABELS: '{"team":"mine"}' },
      },
    });
    await make('own-names', {
      Environment: {
        Variables: { BUFFER_SIZE: '3', SERVICE_NAME: 'shop', LOKI_URL: 'https://own.example.com/loki/api/v1/push' },
      },
    });
    await make('label-mode', { Environment: { Variables: { LOKI_REQUEST_ID_AS: 'label' } } });
    await make('json', { Environment: { Variables: { QUOTED: '{"a":"\\"b\\""}', UNICODE: 'naïve – 日本' } } });
    for (const name of names) original.set(name, await account.snapshot(name));
    assert.equal(names.length, 30);
  });
  after(() => moto?.stop());

  it('shows what would change, and changes nothing', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const ran = await cli.run(['attach', '--all', '--endpoint', ENDPOINT, '--dry-run']);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(
      ran.stdout,
      /plain-1 eu-west-1\n {2}\+ layer: arn:aws:lambda:eu-west-1:123456789012:layer:lambdawatch-x86_64:\(to be published\)\n {2}\+ LOKI_ENDPOINT/,
    );
    assert.match(ran.stdout, /^21 would change, |, 21 would change/m);
    for (const name of names) assert.deepEqual(await account.snapshot(name), original.get(name));
  });

  it("attaches those that it can, says why it can't the others, and ends with 1", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, value, stderr } = await cli.json<Results>(ATTACH);
    assert.equal(code, 1, stderr);
    assert.deepEqual(value.counts, { attached: 21, refused: 6, skipped: 3 });
    assert.match(
      value.functions.find((one) => one.function === 'plain-1')?.changes?.[0].after ?? '',
      /:layer:lambdawatch-x86_64:\d+$/,
    );
    const reason = (name: string): string => value.functions.find((one) => one.function === name)?.reason ?? '';
    assert.match(reason('image-1'), /container image, which can't have layers; lambdawatch extract/);
    assert.match(reason('full-1'), /it has 5 layers, and Lambda allows 5/);
    assert.match(reason('large-1'), /would take 4\d{3} bytes, and Lambda allows 4096; the largest are BLOB \(4000\)/);
    assert.match(reason('stack-1'), /next deployment of the stack shop .* would undo this; .*--force/);
    for (const name of names.filter((one) => /^(image|full|large|stack)/.test(one)))
      assert.deepEqual(await account.snapshot(name), original.get(name));
  });

  it("has kept the order of other layers and the function's own variables", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    for (let i = 1; i <= 4; i++) {
      const { config } = await account.snapshot(`layers-${i}`);
      const had = i % 2 === 0 ? foreign.slice(0, i) : foreign.slice(0, i).reverse();
      assert.deepEqual(
        config.Layers?.map(({ Arn: arn }) => arn),
        [...had, 'arn:aws:lambda:eu-west-1:123456789012:layer:lambdawatch-x86_64:1'],
      );
    }
    assert.deepEqual(
      (await account.snapshot('arm-1')).config.Layers?.map(({ Arn: arn }) => arn),
      ['arn:aws:lambda:eu-west-1:123456789012:layer:lambdawatch-arm64:1'],
    );
    assert.deepEqual((await account.snapshot('arm-1')).config.Environment?.Variables, {
      STAGE: 'prod',
      LOKI_ENDPOINT: ENDPOINT,
      LOKI_LABELS: '{"team":"shop"}',
      LOKI_REQUEST_ID_AS: 'metadata',
    });
    assert.deepEqual((await account.snapshot('own-endpoint')).config.Environment?.Variables, {
      LOKI_ENDPOINT: 'https://own.example.com/loki/api/v1/push',
      LOKI_LABELS: '{"team":"mine"}',
      LOKI_REQUEST_ID_AS: 'metadata',
    });
    assert.deepEqual((await account.snapshot('own-names')).config.Environment?.Variables, {
      BUFFER_SIZE: '3',
      SERVICE_NAME: 'shop',
      LOKI_URL: 'https://own.example.com/loki/api/v1/push',
      LOKI_LABELS: '{"team":"shop"}',
      LOKI_REQUEST_ID_AS: 'metadata',
    });
    assert.equal((await account.snapshot('label-mode')).config.Environment?.Variables?.LOKI_REQUEST_ID_AS, 'label');
  });

  it('changes nothing the second time, and the drift check says so', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const attached = await Promise.all(names.map((name) => account.snapshot(name)));
    const { value } = await cli.json<Results>(ATTACH);
    assert.deepEqual(value.counts, { unchanged: 21, refused: 6, skipped: 3 });
    assert.deepEqual(await Promise.all(names.map((name) => account.snapshot(name))), attached);
    const check = await cli.run([
      'attach',
      '--tag',
      'team=shop',
      '--endpoint',
      ENDPOINT,
      '--labels',
      'team=shop',
      '--check',
    ]);
    assert.equal(check.code, 0, check.stdout);
  });

  it('finds drift, with exit code 3, and mends it', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    // A deployment that knows nothing of the layer.
    await account.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'plain-3', Layers: [] }));
    const args = ['attach', '--tag', 'team=shop', '--endpoint', ENDPOINT];
    const check = await cli.run([...args, '--check']);
    assert.equal(check.code, 3);
    assert.match(check.stdout, /plain-3 eu-west-1\n {2}\+ layer/);
    const status = await cli.run(['status', '-f', 'plain-3']);
    assert.equal(status.code, 1);
    assert.match(status.stdout, /the layer is missing, though it was attached/);
    assert.equal((await cli.run([...args, '--yes'])).code, 0);
    assert.equal((await cli.run([...args, '--check'])).code, 0);
  });

  it('shows the state of those that are attached', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const ran = await cli.run(['status']);
    assert.equal(ran.code, 0, ran.stdout);
    assert.match(
      ran.stdout,
      /^plain-1 +eu-west-1 +lambdawatch-x86_64:1 \(0\.0\.0\) +https:\/\/logs\.example\.com\/loki\/api\/v1\/push +LOKI_LABELS=/m,
    );
    assert.doesNotMatch(ran.stdout, /^(image|full|large|stack)-/m);
  });

  it('upgrades the layer in its place and changes a setting, and nothing else', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    // The layer of an earlier release, under the next version's number, with a foreign layer after it.
    const { LayerVersionArn: old = '' } = await account.lambda.send(
      new PublishLayerVersionCommand({
        LayerName: 'lambdawatch-x86_64',
        Content: { ZipFile: Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1') },
      }),
    );
    await account.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'layers-2', Layers: [foreign[1], old, foreign[0]] }),
    );
    const { code, value } = await cli.json<Results>(['attach', '-f', 'layers-2', '--batch-size', '50', '--yes']);
    assert.equal(code, 0);
    assert.deepEqual(value.functions[0].changes, [
      { subject: 'layer', before: old, after: 'arn:aws:lambda:eu-west-1:123456789012:layer:lambdawatch-x86_64:1' },
      { subject: 'LOKI_BATCH_SIZE', after: '50' },
    ]);
    const { config } = await account.snapshot('layers-2');
    assert.deepEqual(
      config.Layers?.map(({ Arn: arn }) => arn),
      [foreign[1], 'arn:aws:lambda:eu-west-1:123456789012:layer:lambdawatch-x86_64:1', foreign[0]],
    );
    await account.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'layers-2',
        Layers: [...foreign.slice(0, 2), 'arn:aws:lambda:eu-west-1:123456789012:layer:lambdawatch-x86_64:1'],
      }),
    );
  });

  it('stops their logs in CloudWatch, passes over those without the extension, and resumes them', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const off = await cli.json<Results>(['cloudwatch', 'off', '--all', '--yes']);
    assert.deepEqual([off.code, off.value.counts], [0, { off: 21, skipped: 9 }]);
    assert.equal((await cli.run(['cloudwatch', 'off', '--all', '--check'])).code, 0);
    const on = await cli.json<Results>(['cloudwatch', 'on', '--all', '--yes']);
    assert.deepEqual([on.code, on.value.counts], [0, { 'on again': 21, unchanged: 9 }]);
    assert.deepEqual(await account.policies('functions'), {});
  });

  it('detaches, and each function is as it was', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, value, stderr } = await cli.json<Results>(['detach', '--all', '--yes']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(value.counts, { detached: 21, unchanged: 9 });
    for (const name of names) assert.deepEqual(await account.snapshot(name), original.get(name), name);
    const again = await cli.json<Results>(['detach', '--all', '--yes']);
    assert.deepEqual([again.code, again.value.counts], [0, { unchanged: 30 }]);
  });
});
