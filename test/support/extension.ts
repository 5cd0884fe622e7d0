import { build } from 'esbuild';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureLayer } from '../../build/layer';
import { HostBuildError } from '../../build/toolchain';
import type { EnvironmentOptions } from '../../sandbox';

/** How a sandbox environment gets the extension. */
export interface ExtensionUnderTest extends Pick<EnvironmentOptions, 'layerZips' | 'extensions'> {
  /** Whether this is the layer as users get it, not the stand-in on Node.js. */
  readonly native: boolean;
}

let found: Promise<ExtensionUnderTest> | undefined;

/**
 * From now on this zip is what is under test, in place of the one that is built from the source at hand; for tables old
 * against new.
 */
export function useLayer(zip: string): void {
  found = Promise.resolve({ native: true, layerZips: [resolve(zip)] });
}

/** Variables that every environment gets beside those of its test; for runs of a whole suite under another setting. */
export const extraEnvironment: Record<string, string> = {};

/**
 * The layer's zip for this machine's processor, built if need be. Where there is no Rust to build it with, the same
 * TypeScript on Node.js, after a line that says so.
 */
export function extensionUnderTest(): Promise<ExtensionUnderTest> {
  return (found ??= find());
}

async function find(): Promise<ExtensionUnderTest> {
  // Another layer under the tests that play one, to see what they say of it.
  const { LAMBDAWATCH_LAYER: other } = process.env;
  if (other) return { native: true, layerZips: [resolve(other)] };
  try {
    const { zip } = await ensureLayer(process.arch === 'arm64' ? 'arm64' : 'x86_64');
    return { native: true, layerZips: [zip] };
  } catch (error) {
    if (!(error instanceof HostBuildError) || error.code !== 'RUST_MISSING') throw error;
    console.error(
      `${error.message}\nUntil then the extension runs on Node.js here, which is larger and slower than the layer.`,
    );
    const outfile = join(mkdtempSync(join(tmpdir(), 'lambdawatch-node-')), 'lambdawatch.cjs');
    await build({
      entryPoints: [join(__dirname, '..', '..', 'extension', 'main.node.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile,
      logLevel: 'error',
    });
    return { native: false, extensions: [{ name: 'lambdawatch', command: [process.execPath, outfile] }] };
  }
}
