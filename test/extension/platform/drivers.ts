import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleFor } from '../../../build/bundle';
import { cached, hashOf } from '../../../build/cache';
import { ensureExecutable } from '../../../build/layer';
import type { Driver } from './contract';

const INSIDE = path.join(__dirname, 'inside');

/** The cases on Node.js, in a process of their own. */
export async function nodeDriver(): Promise<Driver> {
  const {
    outputFiles: [{ text }],
  } = await build({
    entryPoints: [path.join(INSIDE, 'entry.node.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  });
  const dir = await cached('contract-node', hashOf(text), (temporary) =>
    fs.writeFile(path.join(temporary, 'contract.js'), text),
  );
  return { command: [process.execPath, path.join(dir, 'contract.js')], isNode: true };
}

/** The cases on the native host of this machine's architecture. @throws HostBuildError where it can't be built. */
export async function nativeDriver(): Promise<Driver> {
  const bundle = await bundleFor(path.join(INSIDE, 'entry.native.ts'));
  return { command: [await ensureExecutable(process.arch === 'arm64' ? 'arm64' : 'x86_64', bundle)], isNode: false };
}
