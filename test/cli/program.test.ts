import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { flagOf } from '../../extension/config/catalogue';
import { SETTING_FLAGS } from '../../cli/settings/settings';
import { builtCli, CommandLine, reasonToSkip, ROOT } from './support';

const COMMANDS = ['publish', 'attach', 'detach', 'status', 'cloudwatch off', 'cloudwatch on', 'extract'];

describe('the lambdawatch command', () => {
  let cli: CommandLine;
  let skip: string | undefined;
  let folder = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lambdawatch-cli-'));
    try {
      cli = new CommandLine(await builtCli(), 'http://127.0.0.1:9');
    } catch (error) {
      skip = reasonToSkip(error);
    }
  });

  for (const command of COMMANDS) {
    it(`${command} --help has an example, which the command line takes`, async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const { code, stdout } = await cli.run([...command.split(' '), '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples?:\\n {2}lambdawatch ${command}`));
    });
  }

  it('has a flag with a sentence for each setting', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { stdout } = await cli.run(['attach', '--help']);
    const flags = SETTING_FLAGS.map(({ flag }) => flag);
    assert.ok(flags.length > 25);
    for (const flag of flags) assert.match(stdout, new RegExp(`^ {2}${flag} <[^>]+> +\\S`, 'm'));
    // `--no-…` has a meaning of its own to the parser of arguments.
    assert.deepEqual(
      SETTING_FLAGS.filter(({ setting, flag }) => flag !== flagOf(setting)).map(({ flag }) => flag),
      ['--proxy-bypass'],
    );
  });

  it('prints its version', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    assert.equal((await cli.run(['--version'])).stdout, `${version}\n`);
  });

  it('names the nearest command', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { code, stderr } = await cli.run(['atach']);
    assert.deepEqual([code, stderr], [2, "error: unknown command 'atach'\n(Did you mean attach?)\n"]);
  });

  it("has no colours where they are not wanted or can't be seen", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const args = ['attach', '--all', '--batch-size', '0'];
    const escape = /\u001b\[/;
    assert.doesNotMatch((await cli.run(args)).stderr, escape);
    assert.match((await cli.run(args, { env: { FORCE_COLOR: '1' } })).stderr, escape);
    assert.doesNotMatch((await cli.run(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stderr, escape);
  });

  it('completes commands, flags and words in a shell', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    assert.match((await cli.run(['complete', '--', 'at'])).stdout, /^attach\t/m);
    assert.match((await cli.run(['complete', '--', 'attach', '--batch'])).stdout, /^--batch-size\t/m);
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      const { code, stdout } = await cli.run(['completion', shell]);
      assert.equal(code, 0);
      assert.match(stdout, /lambdawatch/);
    }
    const script = join(folder, 'completion.bash');
    writeFileSync(script, (await cli.run(['completion', 'bash'])).stdout);
    execFileSync('bash', ['-n', script]);
  });

  it('writes the executable for a container image', async (t) => {
    if (skip !== undefined) return t.skip(skip);
    for (const [arch, machine] of [
      ['x86_64', 0x3e],
      ['arm64', 0xb7],
    ] as const) {
      const { code, stdout } = await cli.run(['extract', '--arch', arch, '--to', join(folder, arch)]);
      assert.equal(code, 0);
      assert.match(stdout, /COPY --chmod=755 lambdawatch \/opt\/extensions\/lambdawatch/);
      const file = join(folder, arch, 'lambdawatch');
      assert.equal(statSync(file).mode & 0o777, 0o755);
      assert.equal(readFileSync(file).readUInt16LE(18), machine);
    }
  });

  it("says why it can't write it", async (t) => {
    if (skip !== undefined) return t.skip(skip);
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await cli.run(['extract', '--arch', 'arm64', '--to', join(folder, 'file')]);
    assert.equal(code, 1);
    assert.match(stderr, /^error: --to \S+ can't be written to: EEXIST/);
    mkdirSync(join(folder, 'taken', 'lambdawatch'), { recursive: true });
    assert.equal((await cli.run(['extract', '--arch', 'arm64', '--to', join(folder, 'taken')])).code, 1);
    assert.deepEqual(readdirSync(join(folder, 'taken')), ['lambdawatch'], 'nothing half-written is left');
    assert.equal((await cli.run(['extract'])).code, 2);
  });

  it('says so where the system makes no folders, and does not try for ever', { timeout: 20_000 }, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    if (!existsSync('/proc/self')) return t.skip('this system has no /proc');
    let kill!: (signal: NodeJS.Signals) => void;
    const running = cli.run(['extract', '--arch', 'arm64', '--to', '/proc/x/y'], { onStart: (send) => (kill = send) });
    const limit = setTimeout(() => kill('SIGKILL'), 15_000);
    const { code, stderr } = await running;
    clearTimeout(limit);
    assert.equal(code, 1);
    assert.match(stderr, /^error: --to \/proc\/x\/y can't be written to: ENOENT[^\n]*\n$/);
  });
});
