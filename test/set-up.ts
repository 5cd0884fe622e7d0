import { ensureLayer } from '../build/layer';
import { HostBuildError } from '../build/toolchain';
import { ensureFunction, MissingToolchainError } from './functions';
import { ensureLokiBinary, LokiBuildError } from './loki/build';

/**
 * Builds what the tests run, so that no test spends its time limit on building. Each part is cached, and a part that can't be built here
 * for want of a tool is named now and its tests skipped, with the reason, later.
 * @param strict a missing tool is an error
 */
export async function setUp({ strict }: { readonly strict: boolean }): Promise<void> {
  const say = (line: string): void => console.error(line);
  for (const arch of ['x86_64', 'arm64'] as const) await attempt(() => ensureLayer(arch));
  for (const name of ['node', 'python', 'go', 'java'] as const) await attempt(() => ensureFunction(name, say));
  await attempt(() => ensureLokiBinary({ onProgress: say }));

  async function attempt(make: () => Promise<unknown>): Promise<void> {
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
