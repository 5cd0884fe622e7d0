import * as esbuild from 'esbuild';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { modulesOf } from '../../test/set-up';

export const ROOT = join(__dirname, '..', '..');

/**
 * Tests with a change may take this many times longer than without, and this much at least; after that they wait for
 * what never comes.
 */
const PATIENCE = 8;
const LEAST_MS = 15_000;

/** A place in a file, and what stands there instead. */
export interface Change {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/** Test files, and how long they may take. */
export interface Suite {
  readonly tests: readonly string[];
  readonly limitMs: number;
}

export function tsFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
}

/** Runs test files with a change: they are bundled anew with it, so the files themselves stay as they are. */
export class Bench {
  static #count = 0;
  readonly #folder = join(ROOT, 'node_modules', '.cache', 'mutate', `${process.pid}-${Bench.#count++}`);
  readonly #bundles = new Map<string, { readonly outfile: string; readonly context: Promise<esbuild.BuildContext> }>();
  #change: Change | undefined;

  /** @returns whether the tests fail, or wait for ever. */
  async notices({ tests, limitMs }: Suite, change?: Change): Promise<boolean> {
    const key = tests.join();
    const outfile = join(this.#folder, `${this.#bundles.size}.cjs`);
    const bundle = this.#bundles.get(key) ?? { outfile, context: this.#contextOf(tests, outfile) };
    this.#bundles.set(key, bundle);
    this.#change = change;
    await (await bundle.context).rebuild();
    return fails(bundle.outfile, limitMs);
  }

  async dispose(): Promise<void> {
    for (const { context } of this.#bundles.values()) await (await context).dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #contextOf(tests: readonly string[], outfile: string): Promise<esbuild.BuildContext> {
    return esbuild.context({
      stdin: { contents: tests.map((test) => `import ${JSON.stringify(`./${test}`)};`).join('\n'), resolveDir: ROOT },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      outfile,
      logLevel: 'silent',
      // In a bundle each module would be the one that was started.
      define: { 'require.main': 'undefined' },
      plugins: [
        {
          name: 'change',
          setup: (build) =>
            build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({ contents: this.#read(path), loader: 'ts' })),
        },
      ],
    });
  }

  #read(path: string): string {
    const text = readFileSync(path, 'utf8');
    const { file, start, end, to } = this.#change ?? {};
    const changed =
      file !== undefined && path === join(ROOT, file) ? text.slice(0, start) + to + text.slice(end) : text;
    // In a bundle it would be the bundle's own.
    return /\b__dirname\b/.test(text) ? `const __dirname = ${JSON.stringify(dirname(path))};${changed}` : changed;
  }
}

function fails(program: string, limitMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], { cwd: ROOT, stdio: 'ignore', detached: true });
    const timer = setTimeout(() => void process.kill(-child.pid!, 'SIGKILL'), limitMs);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code !== 0);
    });
  });
}

/** Finds the unit tests of files, and how long they take. */
export class Suites {
  readonly #measured = new Map<string, Promise<Suite>>();
  readonly #loads = tsFiles('test/extension')
    .filter((file) => file.endsWith('.test.ts') && !/platform\/native|faults/.test(file))
    .map((test) => ({ test, modules: modulesOf([test]) }));

  constructor(private readonly bench: Bench) {}

  /** The tests of the same folder that load the file, or else all units that do; `undefined` where there are none. */
  async of(file: string): Promise<Suite | undefined> {
    const all = this.#loads.filter(({ modules }) => modules.has(file)).map(({ test }) => test);
    const near = all.filter((test) => dirname(relative('test', test)) === dirname(file));
    const tests = near.length > 0 ? near : all;
    return tests.length === 0 ? undefined : this.measured(tests);
  }

  measured(tests: readonly string[]): Promise<Suite> {
    const key = tests.join();
    const known = this.#measured.get(key) ?? this.#measure(tests);
    this.#measured.set(key, known);
    return known;
  }

  async #measure(tests: readonly string[]): Promise<Suite> {
    const started = Date.now();
    if (await this.bench.notices({ tests, limitMs: 300_000 })) {
      throw new Error(`Tests fail without any change: ${tests.join(', ')}`);
    }
    return { tests, limitMs: Math.max(LEAST_MS, PATIENCE * (Date.now() - started)) };
  }
}
