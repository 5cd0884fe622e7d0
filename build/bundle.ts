import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { build } from 'esbuild';
import { runCommand } from './command';

/** Marks the end of an executable that carries a bundle; see `extension/host/src/bundle.rs`. */
const MARK = Buffer.from('\0bundle\x01', 'latin1');

export interface Bundle {
  /** JavaScript, one ES module. */
  readonly code: string;
  /** Folders of the npm packages that went into it. */
  readonly packages: readonly string[];
}

/** Bundles a TypeScript entry into one module for QuickJS. Names are kept, so that stack traces can be read. */
export async function bundleFor(entry: string, define: Record<string, string> = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: path.join(__dirname, '..'),
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    charset: 'utf8',
    minifySyntax: true,
    minifyWhitespace: false,
    legalComments: 'none',
    logLevel: 'silent',
    define,
  });
  const folders = Object.keys(metafile.inputs).map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return { code: outputFiles[0].text, packages: [...new Set(folders.filter((folder) => folder !== undefined))].sort() };
}

/**
 * Writes to `target` the executable that runs `code`: the host with the code's bytecode at its end.
 * @param compiler Path that `ensureCompiler` gives.
 */
export async function attachBundle(host: string, compiler: string, code: string, target: string): Promise<void> {
  const source = `${target}.js`;
  const bytecode = `${target}.bytecode`;
  try {
    await fs.writeFile(source, code);
    await runCommand(compiler, [source, bytecode, 'lambdawatch.js']);
    const content = await fs.readFile(bytecode);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(content.length));
    await fs.writeFile(target, Buffer.concat([await fs.readFile(host), content, length, MARK]));
    await fs.chmod(target, 0o755);
  } finally {
    await Promise.all([source, bytecode].map((file) => fs.rm(file, { force: true })));
  }
}
