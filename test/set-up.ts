import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureLayer } from '../build/layer';
import { HostBuildError } from '../build/toolchain';
import { ensureFunction, MissingToolchainError } from './functions';
import { ensureLokiBinary, LokiBuildError } from './loki/build';
import { importsOf } from './support/imports';

const say = (line: string): void => console.error(line);

/** What tests run and the module through which they ask for it. Each is cached. */
export const PARTS: readonly { readonly module: string; readonly make: () => Promise<unknown> }[] = [
  { module: 'build/layer.ts', make: async () => [await ensureLayer('x86_64'), await ensureLayer('arm64')] },
  ...(['node', 'python', 'go', 'java'] as const).map((name) => ({
    module: 'test/functions/index.ts',
    make: () => ensureFunction(name, say),
  })),
  { module: 'test/loki/build.ts', make: () => ensureLokiBinary({ onProgress: say }) },
];

const root = join(__dirname, '..');

/** The modules that the files import, directly or not, as paths from the root. */
export function modulesOf(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = files.map((file) => join(root, file));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(root, file);
    if (found.has(name) || !existsSync(file)) continue;
    found.add(name);
    queue.push(
      ...importsOf(file, readFileSync(file, 'utf8'))
        .filter(({ typeOnly }) => !typeOnly)
        .map(({ path }) => path),
    );
  }
  return found;
}

/**
 * Builds what these test files run, so that no test spends its time limit on building. A part that can't be built here
 * for want of a tool is named now and its tests are skipped, with the reason, later.
 * @param strict a missing tool is an error
 */
export async function setUp(files: readonly string[], { strict }: { readonly strict: boolean }): Promise<void> {
  const modules = modulesOf(files);
  for (const { module, make } of PARTS) {
    if (!modules.has(module)) continue;
    try {
      await make();
    } catch (error) {
      if (strict || !isMissingTool(error)) throw error;
      say(error.message);
    }
  }
}

function isMissingTool(error: unknown): error is Error {
  if (error instanceof HostBuildError) return error.code !== 'BUILD_FAILED';
  return error instanceof MissingToolchainError || error instanceof LokiBuildError;
}
