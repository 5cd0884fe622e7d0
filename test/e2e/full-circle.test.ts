import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';
import { LambdaWatch, RequestIdMode } from '../../src';
import { nodeFunction } from '../functions';
import { type FakeLoki, startFakeLoki } from '../../sandbox/loki';
import { freePort, startEnvironment } from '../../sandbox';
import { functionLines } from '../support/e2e';

const ARCHITECTURE = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
const FUNCTION_CODE = join(__dirname, '..', 'functions', 'node');
const LINES = ['an order', '{"level":"error","message":"no stock"}'];

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;
}

interface Synthesised {
  /** Exactly what the template says. */
  readonly variables: Record<string, string>;
  readonly handler: string;
  readonly functionName: string;
  /** Files of the cloud assembly. */
  readonly layerZip: string;
  readonly code: string;
}

// Nothing but the cloud assembly goes from the construct to the sandbox: no setting and no file that a deployment would
// not have.
describe('full circle', () => {
  let loki: FakeLoki;
  let outdir: string;
  before(async () => {
    loki = await startFakeLoki({});
    outdir = mkdtempSync(join(tmpdir(), 'lambdawatch-cdk-out-'));
  });
  after(async () => {
    await loki.stop();
    rmSync(outdir, { recursive: true, force: true });
  });

  it('a function that runs with the layer and the environment of a synthesised app has its lines in Loki, with labels', async (t) => {
    if (!(await layerIsBuilt(t))) return;
    const { variables, handler, functionName, layerZip, code } = synthesise(outdir, loki.pushUrl, await freePort());

    const environment = await startEnvironment({
      runtime: { ...nodeFunction(code), handler },
      functionName,
      environment: variables,
      layerZips: [layerZip],
      timeoutMs: 20_000,
    });
    try {
      const { requestId, status } = await environment.invoke({
        write: LINES.map((line) => ({ via: 'raw', text: `${line}\n` })),
      });
      assert.equal(status, 'success', environment.extensionStderr);
      const ended = await environment.shutdown();
      assert.deepEqual(ended.extensionExitCodes, { lambdawatch: 0 });

      const stored = await loki.lines();
      assert.deepEqual(
        functionLines(stored).map(({ line }) => line),
        LINES,
      );
      for (const { labels, metadata } of functionLines(stored)) {
        assert.equal(labels.function_name, 'orders');
        assert.equal(labels.service_name, 'shop');
        assert.equal(labels.env, 'test');
        assert.equal(labels.team, 'größe "1"');
        assert.equal(labels.request_id, undefined);
        assert.equal(metadata.request_id, requestId);
      }
      assert.equal(environment.extensionStderr, '');
    } finally {
      await environment.close();
    }
  });
});

async function layerIsBuilt(t: TestContext): Promise<boolean> {
  try {
    await ensureLayer(ARCHITECTURE.name === 'arm64' ? 'arm64' : 'x86_64');
    return true;
  } catch (error) {
    if (!(error instanceof HostBuildError) || error.code !== 'RUST_MISSING') throw error;
    t.skip(error.message);
    return false;
  }
}

/** Synthesises an app as a user writes it, and reads back what a deployment would take from `cdk.out`. */
function synthesise(outdir: string, endpoint: string, telemetryPort: number): Synthesised {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Shop');
  const orders = new lambda.Function(stack, 'Orders', {
    functionName: 'orders',
    runtime: lambda.Runtime.NODEJS_20_X,
    architecture: ARCHITECTURE,
    handler: 'handler.handler',
    code: lambda.Code.fromAsset(FUNCTION_CODE),
  });
  const watch = new LambdaWatch(stack, 'Logs', {
    endpoint,
    telemetryPort,
    serviceName: 'shop',
    labels: { env: 'test', team: 'größe "1"' },
    requestId: RequestIdMode.METADATA,
  });
  watch.attach(orders);
  const { templateFullPath } = app.synth().getStackArtifact(stack.artifactId);

  const template = JSON.parse(readFileSync(templateFullPath, 'utf8')) as Template;
  const [fn] = ofType(template, 'AWS::Lambda::Function');
  const [layer] = ofType(template, 'AWS::Lambda::LayerVersion');
  const layers = fn.properties.Layers as { Ref: string }[];
  assert.deepEqual(layers, [{ Ref: layer.id }]);
  return {
    variables: (fn.properties.Environment as { Variables: Record<string, string> }).Variables,
    handler: fn.properties.Handler as string,
    functionName: fn.properties.FunctionName as string,
    layerZip: assetFile(outdir, stack, (layer.properties.Content as { S3Key: string }).S3Key),
    code: assetFile(outdir, stack, (fn.properties.Code as { S3Key: string }).S3Key),
  };
}

function ofType({ Resources }: Template, type: string): { id: string; properties: Record<string, unknown> }[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties }]) => ({ id, properties: Properties }));
}

/** The file or folder in the cloud assembly that is uploaded under a key. */
function assetFile(outdir: string, stack: Stack, s3Key: string): string {
  const manifest = JSON.parse(readFileSync(join(outdir, `${stack.artifactId}.assets.json`), 'utf8')) as {
    files: Record<string, { source: { path: string } }>;
  };
  const asset = manifest.files[basename(s3Key, '.zip')];
  assert.ok(asset, `${s3Key} is not in the assets' manifest`);
  return join(outdir, asset.source.path);
}
