import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, hashOf } from '../../build/cache';

const root = join(__dirname, '..', '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What the tests use besides CDK, in the versions that this checkout has. */
const OTHERS = ['@gfx/zopfli', 'aws-cdk', 'cdk-nag', 'esbuild', 'tsx', 'typescript', 'yazl'];

const PARTS = [
  'src',
  'build',
  'lib/layer',
  'test/construct',
  'extension/config',
  'extension/diagnostics.ts',
  'extension/platform',
  'README.md',
  'API.md',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** The versions can't be had from npm. */
export class CdkUnavailableError extends Error {
  override readonly name = 'CdkUnavailableError';
}

export interface Versions {
  readonly 'aws-cdk-lib': string;
  readonly constructs: string;
}

/**
 * Calls `run` with a copy of what the construct's tests need, beneath a folder where other versions of CDK are
 * installed. Everything is copied: a linked folder would still find this checkout's CDK.
 */
export async function withCdk<T>(cdk: Versions, run: (copy: string) => T): Promise<T> {
  const versions = { ...cdk, ...Object.fromEntries(OTHERS.map((name) => [name, present(name)])) };
  const installed = await cached('cdk', hashOf(JSON.stringify(versions)), async (folder) => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
    const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    try {
      execFileSync(npm, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
    } catch (error) {
      throw new CdkUnavailableError(`npm can't install ${JSON.stringify(cdk)}: ${(error as Error).message}`);
    }
  });
  const copy = mkdtempSync(join(installed, 'run-'));
  try {
    for (const part of PARTS) {
      mkdirSync(join(copy, part, '..'), { recursive: true });
      if (existsSync(join(root, part))) cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    return run(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The newest version of a package on npm. */
export function newest(name: string): string {
  return execFileSync(npm, ['view', name, 'version', '--loglevel=error'], { cwd: root, encoding: 'utf8' }).trim();
}

function present(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;
}
