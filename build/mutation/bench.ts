import * as esbuild from 'esbuild';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { modulesOf } from '../../test/set-up';

export const ROOT = join(__dirname, '..', '..');

/**
 * Tests of a changed file may take this many times longer than without the change, and this much at least. A test that
 * takes longer waits for something that will not happen.
 */
const PATIENCE = 6;
const LEAST_MS = 8_000;

/** A test file that takes longer is run after the quick ones. */
const QUICK_MS = 1_500;

/** Tests of other folders are run as far as they take no longer than this together. */
const OTHERS_MS = 6_000;

/** A place in a file, and what stands there instead. */
export interface Change {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/** Test files that run in one process, and how long they may take. */
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
  readonly #processes = new Processes(this.#folder);
  #change: Change | undefined;

  /** @returns whether a test fails, or waits for ever. Ends at the first that fails. */
  async notices({ tests, limitMs }: Suite, change?: Change): Promise<boolean> {
    const key = tests.join();
    const outfile = join(this.#folder, `${this.#bundles.size}.cjs`);
    const bundle = this.#bundles.get(key) ?? { outfile, context: this.#contextOf(tests, outfile) };
    this.#bundles.set(key, bundle);
    this.#change = change;
    await (await bundle.context).rebuild();
    // The unit tests of the extension need no more of `node:test` than the runner has.
    return tests.every((test) => test.startsWith('test/extension/'))
      ? this.#processes.fails(bundle.outfile, limitMs)
      : failsApart(bundle.outfile, limitMs);
  }

  async dispose(): Promise<void> {
    this.#processes.end();
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

/** Runs a bundle in a process of its own, up to the first test that fails. */
function failsApart(program: string, limitMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--test-reporter=tap', program], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const timer = setTimeout(() => kill(child), limitMs);
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      rest = (rest + text).slice(-10_000);
      if (/^ *not ok /m.test(rest)) kill(child);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code !== 0);
    });
  });
}

function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

interface Answer {
  readonly failed: boolean;
  /** Whether the tests have passed and left nothing behind, so that the process may run others. */
  readonly isClean: boolean;
}

/** Runs bundles of tests in a process that is kept, see runner.ts. */
class Processes {
  #process: ChildProcess | undefined;

  constructor(private readonly folder: string) {}

  /** @returns whether a test of the bundle fails, or is not done in time. */
  fails(program: string, limitMs: number): Promise<boolean> {
    const child = (this.#process ??= this.#start());
    return new Promise((resolve, reject) => {
      const end = (failed: boolean, isClean: boolean): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (!isClean) {
          this.end();
          // It is ready when the next bundle is.
          this.#process = this.#start();
        }
        resolve(failed);
      };
      const timer = setTimeout(() => end(true, false), limitMs);
      child.once('message', ({ failed, isClean }: Answer) => end(failed, isClean));
      child.once('exit', () => end(true, false));
      child.once('error', reject);
      child.send(program);
    });
  }

  end(): void {
    if (this.#process !== undefined) kill(this.#process);
    this.#process = undefined;
  }

  #start(): ChildProcess {
    const runner = join(this.folder, 'runner.cjs');
    if (!existsSync(runner)) {
      const entryPoints = [join(__dirname, 'runner.ts')];
      esbuild.buildSync({ entryPoints, outfile: runner, platform: 'node', format: 'cjs' });
    }
    return spawn(process.execPath, [runner], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true,
    });
  }
}

/** Finds the unit tests of files, and how long they take. */
export class Suites {
  readonly #measured = new Map<string, Promise<number>>();
  /** What is measured at the moment: one after the other. */
  #latest: Promise<unknown> = Promise.resolve();
  readonly #loads = tsFiles('test/extension')
    .filter((file) => file.endsWith('.test.ts') && !/platform\/native|faults/.test(file))
    .map((test) => ({ test, modules: modulesOf([test]) }));

  constructor(private readonly bench: Bench) {}

  /**
   * The unit tests that load the file, in the order in which they are run until one fails: the file's own, the quick
   * ones of its folder, the slow ones of its folder, and quick ones of other folders.
   */
  async of(file: string): Promise<Suite[]> {
    const all = this.#loads.filter(({ modules }) => modules.has(file)).map(({ test }) => test);
    const isNear = (test: string): boolean => dirname(relative('test', test)) === dirname(file);
    const isOwn = (test: string): boolean => relative('test', test) === file.replace(/\.ts$/, '.test.ts');
    const took = new Map<string, number>();
    for (const test of all) took.set(test, await this.#msOf(test));
    const msOf = (test: string): number => took.get(test)!;
    const others = all.filter((test) => !isOwn(test)).sort((a, b) => msOf(a) - msOf(b));
    const near = others.filter(isNear);
    let ms = 0;
    const groups = [
      all.filter(isOwn),
      near.filter((test) => msOf(test) <= QUICK_MS),
      ...near.filter((test) => msOf(test) > QUICK_MS).map((test) => [test]),
      others.filter((test) => !isNear(test) && (ms += msOf(test)) <= OTHERS_MS),
    ];
    return groups
      .filter((tests) => tests.length > 0)
      .map((tests) => ({ tests, limitMs: limitOf(tests.reduce((sum, test) => sum + msOf(test), 0)) }));
  }

  /** One process for all these tests. */
  async together(tests: readonly string[]): Promise<Suite[]> {
    let ms = 0;
    for (const test of tests) ms += await this.#msOf(test);
    return [{ tests, limitMs: limitOf(ms) }];
  }

  #msOf(test: string): Promise<number> {
    const known = this.#measured.get(test);
    if (known !== undefined) return known;
    const ms = this.#latest.then(() => this.#measure(test));
    this.#measured.set(test, ms);
    this.#latest = ms.catch(() => undefined);
    return ms;
  }

  async #measure(test: string): Promise<number> {
    // On a busy machine one may fail for want of time.
    for (let tries = 0; tries < 2; tries++) {
      const started = Date.now();
      if (!(await this.bench.notices({ tests: [test], limitMs: 300_000 }))) return Date.now() - started;
    }
    throw new Error(`Tests fail without any change: ${test}`);
  }
}

function limitOf(ms: number): number {
  return Math.max(LEAST_MS, PATIENCE * ms);
}

/** @returns whether one of the suites notices the change. */
export async function isNoticed(bench: Bench, suites: readonly Suite[], change: Change): Promise<boolean> {
  for (const suite of suites) if (await bench.notices(suite, change)) return true;
  return false;
}
