import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached, hashOf } from '../../build/cache';
import { layers } from './support';

/**
 * Runs the construct's tests against the newest CDK. The library's development dependency is the oldest CDK that it works with, so that
 * both ends of the range are covered. Everything is copied: a linked folder would still find the old CDK.
 *
 *     npm run test:newest-cdk
 */
const root = join(__dirname, '..', '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What the tests use besides CDK, in the versions that this checkout has. */
const OTHERS = ['aws-cdk', 'cdk-nag', 'esbuild', 'tsx', 'yazl'];

const PARTS = [
  'src', 'build', 'lib/layer', 'test/construct', 'extension/config', 'extension/diagnostics.ts', 'package.json', 'package-lock.json', 'tsconfig.json',
];

async function main(): Promise<number> {
  await layers();
  const versions = Object.fromEntries([
    ...['aws-cdk-lib', 'constructs'].map((name) => [name, newest(name)]),
    ...OTHERS.map((name) => [name, present(name)]),
  ]) as Record<string, string>;
  console.log(Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', '));

  const installed = await cached('newest-cdk', hashOf(JSON.stringify(versions)), async (folder) => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
    execFileSync(npm, ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
  });

  const copy = mkdtempSync(join(tmpdir(), 'lambdawatch-newest-'));
  try {
    for (const part of PARTS) {
      if (existsSync(join(root, part))) cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    cpSync(join(installed, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(copy, 'lib'), { recursive: true });
    const tests = join('test', 'construct');
    const files = readdirSync(join(copy, tests)).filter((name) => name.endsWith('.test.ts')).map((name) => join(tests, name));
    return spawnSync(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=spec', ...files], { cwd: copy, stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function present(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}

function newest(name: string): string {
  return execFileSync(npm, ['view', name, 'version', '--loglevel=error'], { cwd: root, encoding: 'utf8' }).trim();
}

void main().then((code) => process.exit(code));
