import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Bundles after which a process is replaced, because what they leave behind adds up. */
const MOST_RUNS = 200;

interface TestContext {
  readonly mock: { method(target: object, name: string, implementation: unknown): void };
  after(hook: Hook): void;
  diagnostic(text: string): void;
  skip(reason?: string): void;
}

type Hook = () => unknown;
type Body = (context: TestContext) => unknown;
type Named = (name: string, ...rest: readonly unknown[]) => Promise<void>;

interface Suite {
  readonly parent: Suite | undefined;
  readonly before: Hook[];
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
  readonly after: Hook[];
  readonly entries: (Suite | Body)[];
}

/**
 * A program that runs bundles of tests, one after another, as messages name them, and answers whether one has failed.
 * One process for many bundles, because the start of a process takes longer than most tests. It has as much of
 * `node:test` as the unit tests use, and ends at the first test that fails.
 */
class Runner {
  #runs = 0;
  #listeners = 0;
  #isRunning = false;

  start(): void {
    process.on('uncaughtException', () => this.#answer(true));
    // Nothing will happen any more that a test could wait for.
    process.on('beforeExit', () => (this.#isRunning ? this.#answer(true) : undefined));
    this.#listeners = listeners();
    process.on('message', (file: string) => void this.#run(file));
  }

  async #run(file: string): Promise<void> {
    process.channel!.unref();
    this.#isRunning = true;
    this.#runs++;
    let failed = false;
    try {
      await runSuite(load(file));
    } catch {
      failed = true;
    }
    this.#answer(failed);
  }

  #answer(failed: boolean): void {
    if (!this.#isRunning) process.exit(1);
    this.#isRunning = false;
    process.channel!.ref();
    const resources = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap');
    // What a failed test has begun goes on after it.
    const isClean = !failed && resources.length === 0 && listeners() === this.#listeners && this.#runs < MOST_RUNS;
    process.send!({ failed, isClean });
  }
}

function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

function suiteIn(parent: Suite | undefined): Suite {
  return { parent, before: [], beforeEach: [], afterEach: [], after: [], entries: [] };
}

/** Evaluates a bundle. @returns the tests that it has declared. */
function load(file: string): Suite {
  const root = suiteIn(undefined);
  let current = root;
  const isSkipped = (rest: readonly unknown[]): boolean =>
    rest.some((one) => typeof one === 'object' && one !== null && 'skip' in one && Boolean(one.skip));
  const test: Named = async (_name, ...rest) => {
    if (!isSkipped(rest)) current.entries.push(rest[rest.length - 1] as Body);
  };
  const describe: Named = async (_name, ...rest) => {
    if (isSkipped(rest)) return;
    const suite = suiteIn(current);
    current.entries.push(suite);
    current = suite;
    try {
      (rest[rest.length - 1] as () => void)();
    } finally {
      current = suite.parent!;
    }
  };
  const hook =
    (kind: 'before' | 'beforeEach' | 'afterEach' | 'after') =>
    (body: Hook): void =>
      void current[kind].push(body);
  const names = {
    test,
    it: test,
    describe,
    suite: describe,
    before: hook('before'),
    after: hook('after'),
    beforeEach: hook('beforeEach'),
    afterEach: hook('afterEach'),
  };
  const nodeTest = Object.assign(test.bind(undefined), names, { default: test });
  const requireFrom = createRequire(file);
  const requireOf = (id: string): unknown => (id === 'node:test' ? nodeTest : requireFrom(id));
  const evaluate = new Function('require', 'module', 'exports', readFileSync(file, 'utf8'));
  evaluate(requireOf, { exports: {} }, {});
  return root;
}

async function runSuite(suite: Suite): Promise<void> {
  for (const hook of suite.before) await hook();
  for (const entry of suite.entries) {
    if (typeof entry === 'function') await runTest(suite, entry);
    else await runSuite(entry);
  }
  for (const hook of suite.after) await hook();
}

async function runTest(suite: Suite, body: Body): Promise<void> {
  const undo: Hook[] = [];
  const suites: Suite[] = [];
  for (let one: Suite | undefined = suite; one !== undefined; one = one.parent) suites.unshift(one);
  for (const one of suites) for (const hook of one.beforeEach) await hook();
  try {
    await body({
      mock: {
        method(target, name, implementation) {
          const before = Object.getOwnPropertyDescriptor(target, name)!;
          Object.defineProperty(target, name, { ...before, value: implementation });
          undo.push(() => Object.defineProperty(target, name, before));
        },
      },
      after: (hook) => void undo.push(hook),
      diagnostic: () => undefined,
      skip: () => undefined,
    });
  } finally {
    for (const hook of undo.reverse()) await hook();
  }
  for (const one of suites.reverse()) for (const hook of one.afterEach) await hook();
}

new Runner().start();
