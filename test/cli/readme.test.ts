import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type FakeLoki, startFakeLoki } from '../../sandbox/loki';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip, ROOT } from './support';

const section = /^## Without CDK$.*?^## /ms.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[0] ?? '';
const commands = [...section.matchAll(/^npx cdk-lambdawatch (.+)$/gm)].map(([, command]) => command);
const settings = /^```json\n(.+?)^```/ms.exec(section)?.[1] ?? '';

describe('the commands of README\'s "Without CDK"', () => {
  let moto: Moto | undefined;
  let loki: FakeLoki;
  let cli: CommandLine;
  let skip: string | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-readme-'));

  before(async () => {
    try {
      const file = await builtCli();
      moto = await startMoto();
      loki = await startFakeLoki();
      cli = new CommandLine(file, moto.url);
      const account = new Account(moto.url);
      const role = await account.role('shop');
      for (const name of ['orders', 'payments']) await account.function(name, role, { Tags: { team: 'shop' } });
    } catch (error) {
      skip = reasonToSkip(error);
      return;
    }
    writeFileSync(join(folder, 'lambdawatch.json'), settings);
    writeFileSync(join(folder, 'index.js'), 'exports.handler = async ({ id }) => console.log("order", id);');
  });
  after(async () => {
    await loki?.stop();
    await moto?.stop();
  });

  it('are there', () => assert.ok(commands.length >= 12, commands.join('\n')));

  for (const command of commands) {
    it(command, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) =>
        (quoted ?? plain).replace(ENDPOINT, loki.pushUrl),
      );
      const { code, stdout, stderr } = await cli.run(words, {
        cwd: folder,
        env: command.startsWith('run') ? { AWS_ENDPOINT_URL: undefined } : {},
      });
      assert.equal(code, 0, stdout + stderr);
      assert.notEqual(stdout, '');
    });
  }
});
