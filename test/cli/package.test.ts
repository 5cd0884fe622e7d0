import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, ENDPOINT, reasonToSkip, REGION, ROOT } from './support';

/** The packed npm package, in a folder where there is nothing else. */
describe('npx cdk-lambdawatch', () => {
  let moto: Moto | undefined;
  let folder = '';
  let skip: string | undefined;

  const npx = (...args: string[]): string =>
    execFileSync('npx', ['--no-install', 'cdk-lambdawatch', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: REGION,
        ...(moto ? { AWS_ENDPOINT_URL: moto.url } : {}),
      },
    });

  before(async () => {
    try {
      await builtCli();
      moto = await startMoto();
    } catch (error) {
      skip = reasonToSkip(error);
      return;
    }
    folder = mkdtempSync(join(tmpdir(), 'lambdawatch-npx-'));
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
    const packed = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
    writeFileSync(join(folder, 'package.json'), '{}');
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--offline', `./${packed}`], {
      cwd: folder,
    });
    writeFileSync(join(folder, 'index.mjs'), 'export const handler = async ({ id }) => console.log("order", id);\n');
    const account = new Account(moto.url);
    await account.function('orders', await account.role('orders'));
  });
  after(() => moto?.stop());

  it('brings no other package along', (t) => {
    if (skip !== undefined) return t.skip(skip);
    assert.deepEqual(
      readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['cdk-lambdawatch'],
    );
    const licenses = readFileSync(
      join(folder, 'node_modules', 'cdk-lambdawatch', 'lib', 'cli', 'THIRD-PARTY-LICENSES.txt'),
      'utf8',
    );
    for (const name of ['@aws-sdk/client-lambda', 'commander', 'ora'])
      assert.match(licenses, new RegExp(`^  ${name} \\d`, 'm'));
  });

  for (const [args, words] of [
    [['--version'], /^\d+\.\d+\.\d+/],
    [['publish', '--arch', 'x86_64'], /published/],
    [['attach', '-f', 'orders', '--endpoint', ENDPOINT, '--yes'], /orders +eu-west-1 +attached/],
    [['status'], /^orders .*lambdawatch-x86_64:1/m],
    [['cloudwatch', 'off', '-f', 'orders', '--yes'], /orders +eu-west-1 +off/],
    [['cloudwatch', 'on', '-f', 'orders', '--yes'], /on again/],
    [['detach', '-f', 'orders', '--yes'], /detached/],
    [['extract', '--arch', 'arm64', '--to', 'image'], /opt\/extensions\/lambdawatch/],
    [['run', '--handler', 'index.handler', '--event', '{"id": 4}'], /INFO\torder 4$/m],
    [['completion', 'bash'], /complete/],
  ] as const) {
    it(args.join(' '), (t) => {
      if (skip !== undefined) return t.skip(skip);
      assert.match(npx(...args), words);
    });
  }
});
