import type { Architecture } from '@aws-sdk/client-lambda';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from './errors';

export const ARCHITECTURES = ['x86_64', 'arm64'] as const satisfies readonly Architecture[];
export type LayerArchitecture = (typeof ARCHITECTURES)[number];

/** The name of the layers without the architecture, unless `--name` sets another one. */
export const LAYER_NAME = 'lambdawatch';

export interface LayerZip {
  readonly architecture: LayerArchitecture;
  readonly content: Uint8Array;
  /** Base64, as in Lambda's `CodeSha256`. */
  readonly sha256: string;
}

/** Layers have a name for each architecture, because the versions of a single name would mix the two. */
export function layerName(name: string, architecture: LayerArchitecture): string {
  return `${name}-${architecture}`;
}

/**
 * The layer that comes with this package.
 * @throws CliError if the package is incomplete.
 */
export function readLayerZip(architecture: LayerArchitecture): LayerZip {
  const file = packageFile('lib', 'layer', `lambdawatch-${architecture}.zip`);
  try {
    const content = readFileSync(file);
    return { architecture, content, sha256: createHash('sha256').update(content).digest('base64') };
  } catch {
    throw new CliError(
      `${file} can't be read; an installed package always has it, so install it again (in a checkout, npm run layer makes it)`,
    );
  }
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
}

/** A file of this package: the command line is bundled to `lib/cli/`. */
export function packageFile(...path: readonly string[]): string {
  return join(__dirname, '..', '..', ...path);
}
