import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { layers, type Resource } from './support';

before(layers);

describe("cdk synth --strict, by the CDK's own command line", () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-cli-'));
  after(() => rmSync(folder, { recursive: true }));

  const synth = (name: string, ...context: string[]): { status: number | null; output: string } => {
    const app = `node --import tsx test/construct/fixtures/${name}-app.ts`;
    const args = [
      require.resolve('aws-cdk/bin/cdk'),
      'synth',
      '--strict',
      '--quiet',
      '--output',
      join(folder, 'cdk.out'),
      '--app',
      app,
      ...context.flatMap((pair) => ['--context', pair]),
    ];
    const env = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true', NO_COLOR: '1' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: join(__dirname, '..', '..'),
      env,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };
  const warnings = (output: string): string[] => output.match(/\bWARNING\b.*/gi) ?? [];

  it('fails on an app with every kind of function, naming each that needs a decision', () => {
    const { status, output } = synth('every-kind');
    assert.equal(status, 1, output);
    for (const id of ['Edge/Fn', 'Full', 'Image', 'Raw', 'Sam', 'Version']) {
      assert.ok(
        warnings(output).some((line) => line.includes(`LambdaWatch: Kinds/${id} `)),
        `${id} is not named in\n${output}`,
      );
    }
  });

  it('passes once the warnings are acknowledged', () => {
    const { status, output } = synth('every-kind', 'acknowledged=true');
    assert.equal(status, 0, output);
    assert.deepEqual(warnings(output), []);
    assert.ok(existsSync(join(folder, 'cdk.out', 'Kinds.template.json')));
  });

  it('passes and says nothing of ours on an app whose functions can all be attached, but for those that CDK makes for itself', () => {
    rmSync(join(folder, 'cdk.out'), { recursive: true, force: true });
    const { status, output } = synth('quiet');
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /lambda-?watch/i);
    const functions = readdirSync(join(folder, 'cdk.out'))
      .filter((name) => name.endsWith('.template.json'))
      .flatMap((name) => {
        const { Resources = {} } = JSON.parse(readFileSync(join(folder, 'cdk.out', name), 'utf8')) as {
          Resources?: Record<string, Resource>;
        };
        return Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
      });
    const attached = functions.filter(({ Properties }) => JSON.stringify(Properties).includes('LOKI_ENDPOINT'));
    assert.equal(attached.length, 6);
    assert.ok(functions.length - attached.length >= 22, `CDK made ${functions.length - attached.length}`);
  });
});
