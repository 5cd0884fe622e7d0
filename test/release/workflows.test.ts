import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CommandError, runCommand } from '../../build/command';
import { actionlint, ActionlintUnavailableError } from '../tools/actionlint';

const FOLDER = join(__dirname, '..', '..', '.github', 'workflows');
const FILES = readdirSync(FOLDER).map((name) => join(FOLDER, name));

describe('the workflow files', () => {
  it('pin each action to a commit, and say which version it is', () => {
    const uses = FILES.flatMap((file) => readFileSync(file, 'utf8').match(/\buses: .*/g) ?? []);
    assert.ok(uses.length > 20, `${uses.length} uses`);
    const loose = uses.filter((line) => !/^uses: (\.\/\S+|[^@\s]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(line));
    assert.deepEqual(loose, []);
  });

  it('give every job no more than the permissions that it names', () => {
    for (const file of FILES) {
      const [, jobs] = readFileSync(file, 'utf8').split(/^jobs:$/m);
      const names = [...jobs.matchAll(/^ {2}(\w[\w-]*):$/gm)].map(([, name]) => name);
      const permissions = jobs.match(/^ {4}permissions:/gm) ?? [];
      assert.equal(permissions.length, names.length, `${file}: ${names.join(', ')}`);
    }
  });
});

describe('actionlint', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-workflows-'));
  let program: string | undefined;
  let missing = '';

  before(async () => {
    program = await actionlint().catch((error: Error) => {
      if (!(error instanceof ActionlintUnavailableError)) throw error;
      missing = error.message;
      return undefined;
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('finds nothing in the workflow files', async (context) => {
    if (!program) return context.skip(missing);
    assert.equal(await lint(program, FILES), '');
  });

  it('would find a job that needs one that is not there', async (context) => {
    if (!program) return context.skip(missing);
    const file = join(folder, 'release.yml');
    const release = readFileSync(join(FOLDER, 'release.yml'), 'utf8');
    writeFileSync(file, release.replace('needs: release_github', 'needs: release_gitlab'));
    assert.match(await lint(program, [file]), /release_gitlab/);
  });
});

/** What actionlint says of files. Shell scripts are left to the shell: its checker is not part of actionlint. */
async function lint(program: string, files: readonly string[]): Promise<string> {
  try {
    return await runCommand(program, ['-no-color', '-oneline', '-shellcheck=', '-pyflakes=', ...files]);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.output || error.message;
  }
}
