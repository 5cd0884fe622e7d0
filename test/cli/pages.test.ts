import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type FakeLoki, startFakeLoki } from '../../sandbox/loki';
import { blocksIn, commandsOf } from '../docs/pages';
import { type Moto, startMoto } from '../tools/moto';
import { Account, builtCli, CommandLine, ENDPOINT, reasonToSkip } from './support';

/** The commands of each page, in order. */
const commands = new Map<string, string[]>();
for (const block of blocksIn('sh')) {
  const own = commandsOf(block).filter((line) => line.startsWith('npx cdk-lambdawatch '));
  if (own.length > 0) commands.set(block.page, [...(commands.get(block.page) ?? []), ...own]);
}
const settings = blocksIn('json').find(({ page }) => page === 'docs/command-line.md')?.text ?? '';

describe('the commands of the pages', () => {
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

  it('are there', () => assert.ok([...commands.values()].flat().length >= 18, JSON.stringify([...commands])));

  for (const [page, lines] of commands) {
    describe(page, () => {
      // A reader has attached the function by then, as README shows.
      before(async () => {
        if (skip === undefined && page !== 'README.md') await run(`attach -f orders --endpoint ${ENDPOINT} --yes`);
      });
      for (const line of lines) {
        it(line, async (t) => (skip === undefined ? run(line.replace('npx cdk-lambdawatch ', '')) : t.skip(skip)));
      }
    });
  }

  async function run(command: string): Promise<void> {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) =>
      (quoted ?? plain).replace(ENDPOINT, loki.pushUrl),
    );
    const { code, stdout, stderr } = await cli.run(words, {
      cwd: folder,
      env: command.startsWith('run') ? { AWS_ENDPOINT_URL: undefined } : {},
    });
    assert.equal(code, 0, stdout + stderr);
    assert.notEqual(stdout, '');
  }
});
