import { GetFunctionConfigurationCommand, GetLayerVersionCommand } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodeFunction } from '../functions';
import { LokiBuildError } from '../loki/build';
import { startRealLoki } from '../loki/real';
import type { LokiUnderTest } from '../../sandbox/loki/types';
import { startEnvironment } from '../../sandbox';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, CommandLine, reasonToSkip, ROOT } from './support';

describe('what attach has deployed', () => {
  let moto: Moto | undefined;
  let loki: LokiUnderTest | undefined;
  let cli: CommandLine;
  let skip: string | undefined;

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      cli = new CommandLine(file, moto.url);
      loki = await startRealLoki();
    } catch (error) {
      skip = error instanceof LokiBuildError ? error.message : reasonToSkip(error);
    }
  });
  after(async () => {
    await loki?.stop();
    await moto?.stop();
  });

  it("delivers a function's lines to a real Loki", async (t) => {
    if (skip !== undefined || !loki) return t.skip(skip);
    const account = new Account(cli.url);
    const arm = process.arch === 'arm64';
    await account.function('orders', await account.role('orders'), { Architectures: [arm ? 'arm64' : 'x86_64'] });
    const ran = await cli.run(['attach', '-f', 'orders', '--endpoint', loki.pushUrl, '--labels', 'team=shop', '--yes']);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);

    // What AWS says of the function is what Lambda would start it with.
    const config = await account.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'orders' }));
    const [name, version] = (config.Layers?.[0].Arn ?? '').split(':').slice(-2);
    const { Content: layer } = await account.lambda.send(
      new GetLayerVersionCommand({ LayerName: name, VersionNumber: Number(version) }),
    );
    const zip = join(ROOT, 'lib', 'layer', `lambdawatch-${config.Architectures?.[0]}.zip`);
    assert.equal(layer?.CodeSha256, createHash('sha256').update(readFileSync(zip)).digest('base64'));
    const environment = await startEnvironment({
      functionName: 'orders',
      runtime: nodeFunction(),
      layerZips: [zip],
      environment: config.Environment?.Variables,
      timeoutMs: 10_000,
    });
    t.after(() => environment.close());
    await environment.invoke({ write: [{ text: 'an order' }] });
    await environment.shutdown();
    const stored = (await loki.waitForLines(4)).find(({ line }) => line.endsWith('an order'));
    assert.equal(stored?.labels.team, 'shop');
    assert.match(stored?.metadata.request_id ?? '', /^[0-9a-f-]{36}$/);
    // The function's lines are one stream.
    assert.match(
      (await cli.run(['doctor', 'orders'])).stdout,
      /^✓ streams: 1 of the tenant in the last hour, of 5000/m,
    );
  });
});
