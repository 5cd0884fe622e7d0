import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeEnvironment } from '../extension/support/environment';
import { pushOf } from '../extension/support/builders';
import { textOf } from './pages';

/** What Loki takes to answer, in the fake environment's time. Its TCP acknowledges after a millisecond. */
const LOKI_MS = 200;
const ARRIVAL_MS = 1;
const PERIOD_MS = 60_000;

const idOf = (n: number): string => `${String(n).padStart(8, '0')}-1111-4111-8111-111111111111`;

/** A table of a page: a row's first cell, and its other cells by the heads of their columns. */
function tableOf(page: string, head: string): Map<string, Map<string, string>> {
  const lines = textOf(page).split('\n');
  const start = lines.findIndex((line) => line.startsWith(head));
  assert.equal(start >= 0, true, `${page} has no table that begins with ${head}`);
  const cellsOf = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const [, ...heads] = cellsOf(lines[start]);
  const rows = new Map<string, Map<string, string>>();
  for (let i = start + 2; lines[i].startsWith('|'); i++) {
    const [name, ...cells] = cellsOf(lines[i]);
    let first = '';
    const row = cells.map((cell, column): [string, string] => {
      first ||= cell;
      return [heads[column], cell === 'the same' ? first : cell];
    });
    rows.set(name, new Map(row));
  }
  return rows;
}

/** One environment with a Loki that is well, and the invocations that it has had. */
class Course {
  readonly environment: FakeEnvironment;
  n = 0;

  constructor(
    readonly strategy: string,
    options: ConstructorParameters<typeof FakeEnvironment>[0] = {},
  ) {
    this.environment = new FakeEnvironment({
      ...options,
      env: { LOKI_FLUSH_STRATEGY: strategy, LOKI_REQUEST_ID_AS: 'metadata' },
    });
    this.environment.loki(204, LOKI_MS);
  }

  /** An invocation that logs `line N`. Where nothing waits for its end, that is told after the freeze. */
  async invoke({ ms = 10, status = 'success', gapMs = 1000 } = {}): Promise<number> {
    const { environment } = this;
    const id = idOf(++this.n);
    await environment.invoke(id);
    await environment.start(id);
    await environment.log(`line ${this.n}`);
    await environment.platform.advance(ms);
    const waits = !environment.waits;
    if (waits) await environment.done(id, status);
    const held = await environment.untilNext();
    await environment.platform.freeze(gapMs);
    if (!waits) await environment.done(id, status);
    return held;
  }

  async shutdown(reason?: string): Promise<void> {
    await this.environment.shutdown(reason);
    await this.environment.platform.until(this.environment.ended);
  }

  get lines(): readonly string[] {
    return this.environment.lines;
  }

  has(n: number): boolean {
    return this.lines.includes(`line ${n}`);
  }

  /** Every line of every invocation is in Loki, and none twice. */
  expectAll(): void {
    const own = this.lines.filter((line) => line.startsWith('line '));
    assert.deepEqual([...own].sort(), [...new Set(own)].sort(), 'a line twice');
    for (let n = 1; n <= this.n; n++) assert.equal(this.has(n), true, `line ${n} is not in Loki`);
    assert.equal(this.environment.buffer.lines, 0);
  }
}

/** `adaptive` after so many invocations that come often, or rarely. */
async function adaptive(often: boolean): Promise<Course> {
  const course = new Course('adaptive');
  for (let i = 0; i < 10; i++) await course.invoke({ gapMs: often ? 100 : 60_000 });
  return course;
}

/** After the first invocation, which has nothing to go by. */
async function warm(strategy: string): Promise<Course> {
  const course = new Course(strategy);
  await course.invoke();
  return course;
}

async function arrivesAtTheEnd(course: Course): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await course.invoke();
    assert.equal(course.has(course.n), true, `line ${course.n} is not in Loki before the next invocation begins`);
  }
}

async function arrivesLater(course: Course): Promise<void> {
  await course.invoke({ gapMs: 100 });
  assert.equal(course.has(course.n), false);
  await course.invoke({ ms: 2 * LOKI_MS });
  assert.equal(course.has(course.n - 1), true, 'during the next invocation');
  assert.equal(course.has(course.n), false);
  await course.shutdown();
  course.expectAll();
}

/** What is left is sent at the end of the environment. */
async function restAtShutdown(course: Course, reason?: string): Promise<void> {
  assert.equal(course.has(course.n), false);
  await course.shutdown(reason);
  course.expectAll();
}

async function sentAtShutdown(course: Course, reason?: string, status?: string): Promise<void> {
  await course.invoke({ status });
  await restAtShutdown(course, reason);
}

async function waitsForTheAnswer(course: Course): Promise<void> {
  for (const status of ['error', 'timeout']) {
    const held = await course.invoke({ status });
    assert.equal(held >= LOKI_MS, true, `held ${held} ms`);
    assert.equal(course.environment.nextCalls.at(-1)!.inFlight, 0);
    assert.equal(course.has(course.n), true);
  }
  await course.shutdown('failure');
  course.expectAll();
}

/** The environment is killed here: of its lines these are in Loki. */
function killed(course: Course, present: readonly number[], missing: readonly number[]): void {
  assert.deepEqual(
    [present.filter((n) => !course.has(n)), missing.filter((n) => course.has(n))],
    [[], []],
    'lines that are in Loki when the environment is killed',
  );
}

type Check = (strategy: string) => Promise<void>;

/** What each cell of README's table promises. A cell with other words needs a check of its own. */
const PROMISES: Record<string, Record<string, Check>> = {
  'held for': {
    async 'a push and its answer'(strategy) {
      const course = await warm(strategy);
      for (let i = 0; i < 3; i++) assert.equal(await course.invoke(), LOKI_MS);
      assert.equal(course.environment.nextCalls.at(-1)!.inFlight, 0);
    },
    async 'a push, without its answer'(strategy) {
      const course = await warm(strategy);
      for (let i = 0; i < 3; i++) assert.equal(await course.invoke(), ARRIVAL_MS);
    },
    async nothing(strategy) {
      const course = new Course(strategy);
      for (let i = 0; i < 4; i++) assert.equal(await course.invoke(), 0);
    },
    async 'like `end`, `next` or `handoff`, depending on how often the function is invoked'(strategy) {
      const course = new Course(strategy);
      for (let i = 0; i < 7; i++) assert.equal((await course.invoke({ gapMs: 100 })) >= LOKI_MS, true, 'end');
      assert.equal(await course.invoke({ gapMs: 100 }), 0, 'next');
      assert.equal(await (await adaptive(false)).invoke(), ARRIVAL_MS, 'handoff');
    },
    async 'a push, in one invocation of each period'(strategy) {
      const course = new Course(strategy);
      const held: number[] = [];
      for (let i = 0; i < 5; i++) held.push(await course.invoke({ gapMs: PERIOD_MS / 2 }));
      assert.deepEqual(held, [LOKI_MS, 0, LOKI_MS, 0, LOKI_MS]);
    },
  },
  'lines arrive': {
    async 'at the end of the invocation'(strategy) {
      await arrivesAtTheEnd(await warm(strategy));
    },
    async 'during the next invocation, or at SHUTDOWN'(strategy) {
      await arrivesLater(await warm(strategy));
    },
    async 'as with those'() {
      await arrivesLater(await adaptive(true));
      await arrivesAtTheEnd(await adaptive(false));
    },
    async 'once per period, or at SHUTDOWN'(strategy) {
      const course = await warm(strategy);
      for (let i = 0; i < 3; i++) await course.invoke();
      killed(course, [1], [2, 3, 4]);
      await course.environment.platform.freeze(PERIOD_MS);
      await course.invoke();
      killed(course, [1, 2, 3, 4, 5], []);
      await sentAtShutdown(course);
    },
  },
  SHUTDOWN: {
    async 'sends all remaining lines'(strategy) {
      const course = await warm(strategy);
      course.environment.loki(503, 20);
      await course.invoke();
      course.environment.loki(204, LOKI_MS);
      await restAtShutdown(course);
    },
    async 'reads the answer, or sends again'(strategy) {
      const well = await warm(strategy);
      await well.invoke();
      await well.shutdown();
      well.expectAll();
      const dead = await warm(strategy);
      const { platform } = dead.environment;
      platform.onRequest = () => ({ hangs: true });
      await dead.invoke();
      const before = platform.sent.length;
      dead.environment.loki(204, LOKI_MS);
      await dead.shutdown();
      dead.expectAll();
      const [first, again] = [platform.sent[before - 1], platform.sent[before]].map(({ request }) => pushOf(request));
      assert.deepEqual(again, first, 'the same bytes');
    },
    async 'sends the lines of the last invocations'(strategy) {
      await sentAtShutdown(await warm(strategy));
    },
    async 'as with those'() {
      await sentAtShutdown(await adaptive(true));
      const rarely = await adaptive(false);
      await rarely.shutdown();
      rarely.expectAll();
    },
    async 'sends the lines of the last period'(strategy) {
      const course = await warm(strategy);
      for (let i = 0; i < 3; i++) await course.invoke();
      await sentAtShutdown(course);
    },
  },
  'function times out or crashes': {
    async 'flush, then SHUTDOWN'(strategy) {
      await waitsForTheAnswer(await warm(strategy));
    },
    async 'waits for the answer'(strategy) {
      await waitsForTheAnswer(await warm(strategy));
    },
    async 'sent at SHUTDOWN'(strategy) {
      await sentAtShutdown(await warm(strategy), 'timeout', 'timeout');
      await sentAtShutdown(await warm(strategy), 'failure', 'error');
    },
    async 'like `end`, or sent at SHUTDOWN'() {
      await sentAtShutdown(await adaptive(true), 'failure', 'error');
      await waitsForTheAnswer(await adaptive(false));
    },
  },
  'provisioned concurrency, SnapStart': {
    async 'lines of Init are sent before the freeze'(strategy) {
      const { environment } = new Course(strategy, { frozenAfterInit: true });
      await environment.telemetry(['function', 'ready'], ['platform.initRuntimeDone', { status: 'success' }]);
      assert.equal(environment.waits, false);
      assert.equal(await environment.untilNext(), LOKI_MS);
      assert.deepEqual(environment.lines, ['ready']);
    },
  },
  'Lambda Managed Instances': {
    async 'every `LOKI_FLUSH_INTERVAL_MS`'(strategy) {
      const { environment } = new Course(strategy, { invokeEvents: false });
      for (const line of ['one', 'two']) {
        await environment.log(line);
        await environment.platform.advance(1000 + LOKI_MS);
        assert.equal(environment.lines.at(-1), line);
      }
    },
  },
  'lost if the environment is killed without SHUTDOWN': {
    async 'lines since the last push'(strategy) {
      const course = await warm(strategy);
      await course.invoke();
      assert.equal(course.environment.buffer.lines, 0, 'the invocation has left nothing behind');
      await course.environment.report(idOf(course.n));
      assert.equal(course.environment.buffer.lines, 1);
    },
    // The second column says "the same, and …".
    async 'the same, and an unanswered push that failed'(strategy) {
      const stored = await warm(strategy);
      await stored.invoke();
      killed(stored, [1, 2], []);
      const failed = await warm(strategy);
      failed.environment.loki(503, LOKI_MS);
      await failed.invoke();
      killed(failed, [1], [2]);
    },
    async 'the last lines of the last invocation'(strategy) {
      const course = await warm(strategy);
      const { environment } = course;
      await course.invoke({ ms: 2 * LOKI_MS });
      const id = idOf(++course.n);
      await environment.invoke(id);
      await environment.log('early');
      await environment.platform.advance(1000 + 2 * LOKI_MS);
      await environment.log(`line ${course.n}`);
      await environment.platform.freeze(60_000);
      killed(course, [1, 2], [3]);
      assert.equal(course.lines.includes('early'), true, 'what the interval has sent');
    },
    async 'as with those'() {
      const often = await adaptive(true);
      await often.invoke({ ms: 2 * LOKI_MS });
      killed(often, [often.n - 1], [often.n]);
      const rarely = await adaptive(false);
      await rarely.invoke();
      killed(rarely, [rarely.n], []);
    },
    async 'the last period'(strategy) {
      const course = await warm(strategy);
      for (let i = 0; i < 3; i++) await course.invoke();
      killed(course, [1], [2, 3, 4]);
    },
  },
};

/** What README calls a strategy, as a value of the setting. */
const settingOf = (head: string): string => /`(.*)`/.exec(head)![1].replace('<ms>', String(PERIOD_MS));

describe("README's table of flush strategies", () => {
  const table = tableOf('README.md', '| | `end`');

  it('has a row for each situation, and no other', () => {
    assert.deepEqual([...table.keys()], Object.keys(PROMISES));
  });

  for (const [row, cells] of table) {
    for (const [head, promise] of cells) {
      it(`${row}, ${settingOf(head)}: ${promise}`, async () => {
        const check = PROMISES[row]?.[promise];
        assert.equal(typeof check, 'function', `nothing here holds "${promise}"`);
        await check(settingOf(head));
      });
    }
  }
});

describe('docs/flush-strategies.md: what a handoff finds after the thaw', () => {
  const rows = tableOf('docs/flush-strategies.md', '| after the thaw |');
  type Answers = Parameters<typeof answered>[1];
  const ANSWERS: Record<string, readonly Answers[]> = {
    '204': [{ status: 204, afterMs: 20 }],
    '429, 5xx': [429, 500, 502, 503].map((status) => ({ status, afterMs: 20 })),
    '413': [{ status: 413, afterMs: 20 }],
    '400': [{ status: 400, afterMs: 20, body: 'no' }],
    'the connection is reset or closed': [{ error: 'ECONNRESET', reused: true, afterMs: 20 }],
    'no answer for a second (half a second at SHUTDOWN)': [{ hangs: true }],
  };
  type Platform = FakeEnvironment['platform'];

  /** A handoff that gets this answer, and the pushes after it. */
  async function answered(strategy: string, answer: ReturnType<Platform['onRequest']>) {
    const course = await warm(strategy);
    const { environment } = course;
    const { platform } = environment;
    const well = platform.onRequest;
    const at = platform.sent.length;
    platform.onRequest = (request, index) =>
      index === at && !('status' in answer && answer.status === 204) ? answer : well(request, index);
    // Eleven lines with END: enough for 413 to be about the size.
    await environment.invoke(idOf(++course.n));
    await environment.log(`line ${course.n}`, ...Array.from({ length: 9 }, (_, i) => `${i}`.padEnd(1000, 'x')));
    await environment.done(idOf(course.n));
    assert.equal(await environment.untilNext(), ARRIVAL_MS);
    await platform.freeze(60_000);
    const thawed = platform.monotonic();
    const pushes = () =>
      platform.sent.slice(at + 1).map(({ request, at: when }) => ({ ...pushOf(request), ms: when - thawed }));
    return { course, pushes };
  }

  const OUTCOMES: Record<string, (of: Awaited<ReturnType<typeof answered>>) => void> = {
    'the lines are removed from memory'({ course, pushes }) {
      assert.deepEqual([course.environment.buffer.lines, pushes().length], [0, 0]);
      course.expectAll();
    },
    'sent again, with pauses as after any failure'({ course, pushes }) {
      assert.equal(pushes()[0].ms >= 50, true, `sent again after ${pushes()[0].ms} ms`);
      course.expectAll();
    },
    'sent again in halves'({ course, pushes }) {
      assert.deepEqual(
        pushes().map(({ values }) => values.length),
        [5, 6],
      );
      course.expectAll();
    },
    'the lines that Loki rejected are counted and logged, as always'({ course, pushes }) {
      assert.deepEqual([course.environment.buffer.lines, pushes().length], [0, 0]);
      assert.match(course.environment.platform.stderrLines.join('\n'), /refused 11 lines.*status 400/);
    },
    'sent again immediately on a new connection'({ course, pushes }) {
      assert.deepEqual([pushes().length, pushes()[0].ms], [1, 0]);
      assert.equal(course.environment.platform.sent.at(-1)!.request.maxIdleMs, 0, 'no kept connection');
      course.expectAll();
    },
    'sent again on a new connection'({ course, pushes }) {
      assert.deepEqual([pushes().length, pushes()[0].ms], [1, 1000]);
      assert.equal(course.environment.platform.sent.at(-1)!.request.maxIdleMs, 0, 'no kept connection');
      course.expectAll();
    },
  };

  it('has a row for each answer, and no other', () => {
    assert.deepEqual([...rows.keys()].sort(), Object.keys(ANSWERS).sort());
  });

  for (const [found, cells] of rows) {
    const [promise] = cells.values();
    for (const answer of ANSWERS[found] ?? []) {
      it(`${found}: ${promise} (${JSON.stringify(answer)})`, async () => {
        const of = await answered('handoff', answer);
        await of.course.environment.invoke(idOf(of.course.n + 1));
        await of.course.environment.platform.advance(2000);
        assert.equal(typeof OUTCOMES[promise], 'function', `nothing here holds "${promise}"`);
        OUTCOMES[promise](of);
      });
    }
  }
});
