import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { build, type Plugin } from 'esbuild';
import * as ts from 'typescript';
import { runCommand } from './command';

/** Marks the end of a bundle in an executable; see `extension/host/src/bundle.rs`. */
const MARK = Buffer.from('\0bundle\x01', 'latin1');

/** A module that is loaded when the program first imports it, with `import()`. */
export interface Part {
  /**
   * `<number>/<path>.js`: how the program names it; the number is its place among the bundles of the executable,
   * counted from the last.
   */
  readonly name: string;
  readonly code: string;
}

export interface Bundle {
  /** JavaScript, one ES module. */
  readonly code: string;
  /** In the order of their numbers, from 1. */
  readonly parts: readonly Part[];
  /** Folders of the npm packages that went into it. */
  readonly packages: readonly string[];
}

const ROOT = path.join(__dirname, '..');

/**
 * Makes private members of our classes ordinary ones, named `$name`. The types have seen to it that nobody else uses
 * them, and to the engine a private one is a symbol that it makes for each name as it loads, and looks up, and checks,
 * at each use.
 */
const ordinaryMembers: Plugin = {
  name: 'ordinary members',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({
      contents: withOrdinaryMembers(await fs.readFile(file, 'utf8')),
      loader: 'ts',
    }));
  },
};

function withOrdinaryMembers(source: string): string {
  const characters = source.split('');
  const visit = (node: ts.Node): void => {
    if (ts.isPrivateIdentifier(node)) characters[node.end - node.text.length] = '$';
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('module.ts', source, ts.ScriptTarget.ES2022));
  return characters.join('');
}

/**
 * Bundles a TypeScript entry into one module for QuickJS, and each module that is imported with `import()` into one of
 * its own, so that it costs nothing at the start. Names are kept, so that stack traces can be read.
 */
export async function bundleFor(entry: string, define: Record<string, string> = {}): Promise<Bundle> {
  /** The paths of the parts; the name of each has its place here in it. */
  const found: string[] = [];
  const nameOf = (file: string): string => {
    if (!found.includes(file)) found.push(file);
    return `${found.indexOf(file) + 1}/${path.relative(ROOT, file).replace(/\.ts$/, '').split(path.sep).join('/')}.js`;
  };
  const { code, packages } = await bundleModule(entry, define, nameOf);
  const parts: Part[] = [];
  const all = new Set(packages);
  // Parts may have parts.
  for (let i = 0; i < found.length; i++) {
    const part = await bundleModule(found[i], define, nameOf);
    parts.push({ name: nameOf(found[i]), code: part.code });
    for (const folder of part.packages) all.add(folder);
  }
  return { code, parts, packages: [...all].sort() };
}

/** @param nameOf gives the name under which a file that is imported with `import()` will be found. */
async function bundleModule(
  entry: string,
  define: Record<string, string>,
  nameOf: (file: string) => string,
): Promise<Omit<Bundle, 'parts'>> {
  const parts: Plugin = {
    name: 'parts',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^\./ }, async ({ kind, path: imported, importer, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const target = await resolve(imported, { kind: 'import-statement', importer, resolveDir });
        return target.errors.length > 0 ? target : { path: nameOf(target.path), external: true };
      });
    },
  };
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    // Of packages, the variant for browsers: the others need Node.js.
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser', 'import'],
    target: 'es2022',
    charset: 'utf8',
    minifySyntax: true,
    minifyWhitespace: false,
    legalComments: 'none',
    logLevel: 'silent',
    define,
    plugins: [parts, ordinaryMembers],
    // Fields are assigned in the constructor, and those without a value are not defined before they have one.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, target: 'ES2022' } },
  });
  const folders = Object.keys(metafile.inputs).map(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0],
  );
  return { code: outputFiles[0].text, packages: [...new Set(folders.filter((folder) => folder !== undefined))] };
}

/**
 * Writes to `target` the executable that runs a bundle: the host with the bytecode at its end, the parts first and the
 * last of them foremost.
 * @param compiler Path that `ensureCompiler` gives.
 */
export async function attachBundle(
  host: string,
  compiler: string,
  { code, parts }: Pick<Bundle, 'code' | 'parts'>,
  target: string,
): Promise<void> {
  const pieces: Uint8Array[] = [await fs.readFile(host)];
  for (const { name, code: text } of [...parts].reverse())
    pieces.push(...(await bytecodeOf(compiler, text, name, target)));
  pieces.push(...(await bytecodeOf(compiler, code, 'lambdawatch.js', target)));
  await fs.writeFile(target, Buffer.concat(pieces));
  await fs.chmod(target, 0o755);
}

/** Bytecode and trailer. @param scratch beside which files may be written. */
async function bytecodeOf(compiler: string, code: string, name: string, scratch: string): Promise<Uint8Array[]> {
  const source = `${scratch}.js`;
  const bytecode = `${scratch}.bytecode`;
  try {
    await fs.writeFile(source, code);
    await runCommand(compiler, [source, bytecode, name]);
    const content = await fs.readFile(bytecode);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(content.length));
    return [content, length, MARK];
  } finally {
    await Promise.all([source, bytecode].map((file) => fs.rm(file, { force: true })));
  }
}
