import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const ROOT = join(__dirname, '..', '..');

/** What a build leaves that users need. */
const BUILT = [
  '.jsii',
  'lib/index.js',
  'lib/index.d.ts',
  'lib/private/settings.js',
  'lib/private/settings.d.ts',
  'lib/layer/lambdawatch-x86_64.zip',
  'lib/layer/lambdawatch-arm64.zip',
  'lib/cli/lambdawatch.js',
];

/** What may lie about in a working folder, and is nobody else's business. */
const STRAY = [
  '.env',
  'notes.log',
  'cdk-lambdawatch-0.0.1.tgz',
  '.cache/token',
  'coverage/index.html',
  'cdk.out/Shop.template.json',
  'id_rsa',
  'dist/js/cdk-lambdawatch-0.0.1.tgz',
  'credentials.json',
  '.vscode/settings.json',
  'tsconfig.tsbuildinfo',
];

describe('the npm package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambdawatch-package-'));
  let packed: string[];

  before(() => {
    const left = ['node_modules', '.git', 'lib', 'dist', '.jsii', 'extension', 'bench'];
    for (const name of readdirSync(ROOT).filter((entry) => !left.includes(entry))) {
      cpSync(join(ROOT, name), join(folder, name), {
        recursive: true,
        filter: (file) => !file.endsWith('node_modules'),
      });
    }
    for (const file of [...BUILT, ...STRAY]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), 'contents');
    }
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
    packed = files.map(({ path }) => path);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has all that users need', () => {
    const missing = [...BUILT, 'package.json', 'README.md', 'LICENSE', 'API.md'].filter(
      (file) => !packed.includes(file),
    );
    assert.deepEqual(missing, []);
  });

  it('has nothing else, whatever lies in the folder', () => {
    const allowed = /^(lib\/.*|\.jsii|\.jsii\.tabl\.json|package\.json|README\.md|LICENSE|API\.md)$/;
    assert.deepEqual(
      packed.filter((file) => !allowed.test(file)),
      [],
    );
  });
});
