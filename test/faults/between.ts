import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { faults as answers, type ConnectionMode } from '../../sandbox/loki';
import { scriptedRuntime } from '../../sandbox';
import { createProxy } from '../extension/platform/peers/proxy-peer';
import { type Fault, faults } from './fault';
import type { Trial } from './trial';
import { lineOf, workOf } from './work';

/** Each strategy that lets the environment freeze with lines that Loki has not confirmed. */
const STRATEGIES = ['handoff', 'next', 'adaptive', 'periodically,300'] as const;

type Strategy = (typeof STRATEGIES)[number];
type Options = Parameters<Trial['environmentOf']>[0];

async function start(trial: Trial, strategy: Strategy, { environment, ...options }: NonNullable<Options> = {}) {
  return trial.environmentOf({
    timeoutMs: 20_000,
    ...options,
    environment: { LOKI_FLUSH_STRATEGY: strategy, LOKI_REQUEST_ID_AS: 'metadata', ...environment },
  });
}

/** The environment ends when Loki has got all that was sent; what waits in memory goes with SHUTDOWN. */
async function end(trial: Trial): Promise<void> {
  await trial.well();
  trial.loki.latencyMs = trial.condition.latencyMs;
  // Two that are long enough for what came before: its lines, and what became of them.
  const ms = 500 + 2 * trial.healthyMs;
  for (let i = 0; i < 2; i++) await trial.succeed({ lines: 1, ms });
  await trial.succeed({ lines: 0, ms });
  await trial.shutdown();
}

/**
 * A Loki that is suddenly, or without ever having been waited for, slower than a second is taken for a dead connection.
 */
function notTwice(trial: Trial): void {
  if (trial.healthyMs >= 900) return;
  const { duplicates } = trial.loki;
  trial.expect(duplicates === 0, `${duplicates} lines were sent twice to a Loki that is well`);
}

/** The same situation with each of the strategies. */
function withEach(
  name: string,
  story: string,
  run: (trial: Trial, strategy: Strategy) => Promise<void>,
  more: Partial<Fault> = {},
): readonly Fault[] {
  return STRATEGIES.map((strategy) => ({
    name: `${strategy}: ${name}`,
    story,
    ...more,
    run: (trial) => run(trial, strategy),
  }));
}

/** Frozen again and again in the middle of pushes, whose connections are gone after it. */
function cut(mode: ConnectionMode): readonly Fault[] {
  return withEach(
    `connections ${mode} in each freeze`,
    'twelve invocations of 30 ms, a Loki that takes 200 ms, and after each freeze no connection works that was there before',
    async (trial, strategy) => {
      await start(trial, strategy);
      trial.loki.latencyMs = Math.max(200, trial.condition.latencyMs);
      for (let i = 0; i < 12; i++) {
        await trial.succeed({ ms: 30 });
        for (const connection of trial.proxy!.connections) connection.setMode(mode);
        await trial.environment.idle(100);
      }
      await end(trial);
    },
    { loki: { proxied: true } },
  );
}

const SITUATIONS = faults([
  {
    name: 'handoff: answers around the freeze',
    story: 'Loki answers 1, 2, 3, … 40 ms after the push, a little before and a little after the freeze',
    async run(trial) {
      await start(trial, 'handoff');
      for (let ms = 1; ms <= 40; ms++) {
        trial.loki.latencyMs = ms;
        await trial.succeed({ lines: 2, ms: 45 });
        await trial.environment.idle(ms % 3 === 0 ? 60 : 5);
      }
      await end(trial);
      notTwice(trial);
    },
  },
  ...withEach(
    'invocations without a pause',
    'sixty invocations of a millisecond, one right after the other',
    async (trial, strategy) => {
      await start(trial, strategy);
      trial.loki.latencyMs = Math.max(100, trial.condition.latencyMs);
      for (let i = 0; i < 60; i++) await trial.succeed({ lines: 3, ms: 1 });
      await end(trial);
      notTwice(trial);
    },
  ),
  ...withEach(
    'many lines, then few',
    '3 000 lines of 500 bytes, then one line, twice; Loki takes 300 ms',
    async (trial, strategy) => {
      await start(trial, strategy);
      await trial.succeed();
      trial.loki.latencyMs = Math.max(300, trial.condition.latencyMs);
      for (let i = 0; i < 2; i++) {
        await trial.succeed({ lines: 3000, bytes: 500 });
        await trial.succeed({ lines: 1 });
        await trial.environment.idle(200);
      }
      await end(trial);
    },
  ),
  ...(['reset', 'close', 'reset-on-use', 'black-hole'] as const).flatMap(cut),
  ...withEach(
    'Loki away while frozen',
    'nothing listens from a freeze until the function has ended once more',
    async (trial, strategy) => {
      await start(trial, strategy);
      for (let i = 0; i < 3; i++) await trial.succeed({ ms: 60 });
      trial.loki.latencyMs = Math.max(200, trial.condition.latencyMs);
      await trial.succeed();
      await trial.loki.down();
      await trial.environment.idle(300);
      await trial.succeed({ ms: 60 });
      await trial.loki.up();
      await end(trial);
    },
  ),
  ...withEach(
    'time-out and crash',
    'the function runs out of time, and later crashes, while a push of the invocation before is unanswered',
    async (trial, strategy) => {
      await start(trial, strategy);
      for (let i = 0; i < 3; i++) await trial.succeed({ ms: 60 });
      trial.loki.latencyMs = Math.max(400, trial.condition.latencyMs);
      for (const then of ['hang', 'exit', 'kill'] as const) {
        await trial.succeed();
        await trial.invoke({ lines: 5, then }, { timeoutMs: 1500 });
        await trial.succeed({ ms: 60 });
        await trial.environment.idle(100);
      }
      await end(trial);
    },
    {
      unavoidable: ({ latencyMs, tlsWayMs = 0 }) =>
        latencyMs + 4 * tlsWayMs > 800 ? 'the 2 s of SHUTDOWN' : undefined,
    },
  ),
  ...withEach(
    'SHUTDOWN, dead connection',
    'the environment ends while a push is unanswered whose connection has died in the freeze',
    async (trial, strategy) => {
      await start(trial, strategy);
      for (let i = 0; i < 10; i++) await trial.succeed({ ms: 60 });
      trial.loki.latencyMs = Math.max(200, trial.condition.latencyMs);
      await trial.succeed({ ms: 60 });
      for (const connection of trial.proxy!.connections) connection.setMode('black-hole');
      await trial.environment.idle(500);
      trial.loki.latencyMs = trial.condition.latencyMs;
      await trial.shutdown();
    },
    {
      loki: { proxied: true },
      unavoidable: ({ latencyMs, tlsWayMs = 0 }) =>
        latencyMs + 4 * tlsWayMs > 500 ? 'the 2 s of SHUTDOWN' : undefined,
    },
  ),
  ...withEach(
    'a buffer that is half full',
    'a buffer of 200 lines, and twenty invocations of 60 lines with a Loki that takes 100 ms',
    async (trial, strategy) => {
      await start(trial, strategy, { environment: { BUFFER_SIZE: '200', LOKI_BATCH_SIZE: '50' } });
      trial.loki.latencyMs = Math.max(100, trial.condition.latencyMs);
      for (let i = 0; i < 20; i++) await trial.succeed({ lines: 60, ms: 20 });
      await end(trial);
      trial.expect(!/dropped/.test(trial.said), `lines were dropped with a Loki that is well: ${trial.said}`);
    },
  ),
  {
    name: 'periodically,60000: a buffer that is half full',
    story: 'a period far longer than the buffer of 200 lines lasts, which twenty invocations of 60 lines fill',
    async run(trial) {
      await trial.environmentOf({
        timeoutMs: 20_000,
        environment: {
          LOKI_FLUSH_STRATEGY: 'periodically,60000',
          LOKI_REQUEST_ID_AS: 'metadata',
          BUFFER_SIZE: '200',
          LOKI_BATCH_SIZE: '100',
        },
      });
      for (let i = 0; i < 20; i++) await trial.succeed({ lines: 60 });
      trial.expect(!/dropped/.test(trial.said), `lines were dropped with a Loki that is well: ${trial.said}`);
      if (trial.healthyMs < 800) await trial.shutdown();
      else await trial.environment.shutdown();
    },
    unavoidable: ({ latencyMs, tlsWayMs = 0 }) => (latencyMs + 4 * tlsWayMs > 800 ? 'the 2 s of SHUTDOWN' : undefined),
  },
  {
    name: 'adaptive: errors are waited for',
    story: 'an invocation prints an error after eight in short order; it is in Loki when the next two have ended',
    async run(trial) {
      await start(trial, 'adaptive', {
        runtime: scriptedRuntime((payload, io) => {
          if (payload !== 'error') return workOf(payload, io);
          io.line(`[ERROR] ${lineOf(0, 'broken')}`);
          return Promise.resolve('ok');
        }),
      });
      for (let i = 0; i < 9; i++) await trial.succeed();
      const held = trial.invocations.at(-1)!.heldMs;
      trial.expect(held < trial.healthyMs, `held ${Math.round(held)} ms, so it was not next`);
      await trial.environment.invoke('error');
      for (let i = 0; i < 2; i++) await trial.succeed({ ms: 60 });
      trial.expect(
        trial.loki.stored.some(({ line }) => line.includes('broken')),
        'the error is in Loki when the two that follow have ended',
      );
      await end(trial);
    },
  },
  ...withEach(
    'provisioned concurrency',
    'lines of Init are in Loki before the environment is frozen after it',
    async (trial, strategy) => {
      const runtime = scriptedRuntime(workOf, { init: (io) => io.write(`${lineOf(0, 'of Init')}\n`) });
      const environment = await start(trial, strategy, { mode: 'provisioned-concurrency', runtime });
      const stored = trial.loki.stored.filter(({ line }) => line.includes('of Init')).length;
      trial.expect(stored === 1, `${stored} of 1 line of Init is in Loki before the freeze`);
      await environment.idle(300);
      await trial.succeed();
      await end(trial);
    },
  ),
  ...withEach(
    'never frozen',
    'the environment is not frozen between invocations, and Loki takes 300 ms',
    async (trial, strategy) => {
      await start(trial, strategy, { lifecycle: { freezes: false } });
      trial.loki.latencyMs = Math.max(300, trial.condition.latencyMs);
      for (let i = 0; i < 10; i++) {
        await trial.succeed({ ms: 10 });
        await sleep(i % 2 === 0 ? 0 : 250);
      }
      await end(trial);
      notTwice(trial);
    },
  ),
  ...withEach(
    '503 now and then',
    'every third push is answered with 503 or not at all, over thirty invocations of 30 ms',
    async (trial, strategy) => {
      await start(trial, strategy);
      for (let i = 0; i < 30; i++) {
        if (i % 3 === 2)
          trial.trouble({ fault: i % 2 === 0 ? answers.unavailable() : { kind: 'reset', at: 'response' }, times: 1 });
        await trial.succeed({ lines: 3, ms: 30 });
        await trial.environment.idle(10);
      }
      await end(trial);
    },
  ),
  ...withEach(
    'stored, answer lost while frozen',
    'Loki stores each push of six invocations, and its connection ends before the answer',
    async (trial, strategy) => {
      await start(trial, strategy);
      await trial.succeed({ ms: 60 });
      trial.trouble({ fault: { kind: 'store-then-cut', how: 'reset' } });
      for (let i = 0; i < 6; i++) {
        await trial.succeed({ ms: 60 });
        await trial.environment.idle(50);
      }
      await end(trial);
    },
  ),
  ...withEach(
    'TLS through a proxy',
    'a Loki with TLS behind a forward proxy, which acknowledges in its place',
    async (trial, strategy) => {
      if (trial.condition.tlsWayMs === undefined) return;
      const proxy = createProxy();
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      try {
        await start(trial, strategy, {
          environment: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
        });
        for (let i = 0; i < 12; i++) {
          await trial.succeed({ ms: 20 });
          await trial.environment.idle(50);
        }
        await end(trial);
        notTwice(trial);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    },
  ),
  ...withEach(
    'lines kept for an error',
    'LOKI_KEEP_ON_ERROR: lines of level debug are those of invocations that crash, whose end is heard of late',
    async (trial, strategy) => {
      const debug: string[] = [];
      const runtime = scriptedRuntime((payload, io) => {
        if (payload !== 'crash' && payload !== 'well') return workOf(payload, io);
        debug.push(`[DEBUG] ${lineOf(0, payload)}`);
        io.line(debug.at(-1)!);
        if (payload === 'crash') io.crash({ code: 1 });
        return Promise.resolve('ok');
      });
      const environment = await start(trial, strategy, {
        runtime,
        environment: { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true' },
      });
      for (const what of ['well', 'crash', 'well', 'well', 'crash', 'well']) {
        await environment.invoke(what);
        await sleep(50);
      }
      await end(trial);
      const stored = trial.loki.stored.map(({ line }) => line).filter((line) => line.startsWith('[DEBUG]'));
      const wanted = debug.filter((line) => line.includes('crash'));
      trial.expect(
        JSON.stringify(stored) === JSON.stringify(wanted),
        `of ${JSON.stringify(debug)} Loki has ${JSON.stringify(stored)}`,
      );
    },
    // What an operator does not want is no loss, and the books of a trial don't know of it.
    { unavoidable: 'lines below the level, of invocations that went well', uncounted: true },
  ),
  {
    name: 'next: frozen for longer than Loki takes lines',
    story:
      'lines wait in a frozen environment while another one logs, for longer than the window of Loki, which is 3 s here',
    loki: { limits: { maxBehind: 3000 } },
    unavoidable: 'Loki refuses lines that are so far behind; their number is told',
    async run(trial) {
      const frozen = await start(trial, 'next');
      await trial.succeed({ lines: 5 }, {}, frozen);
      const other = await start(trial, 'next');
      await frozen.idle(5000);
      await trial.succeed({ ms: 300 + trial.healthyMs }, {}, other);
      await trial.succeed({ ms: 300 + trial.healthyMs }, {}, other);
      await trial.succeed({ ms: 300 + trial.healthyMs }, {}, frozen);
      await trial.succeed({ ms: 300 + trial.healthyMs }, {}, frozen);
      trial.expectSaid(/refused \d+ lines?/);
      await trial.shutdown(undefined, other);
      await trial.shutdown(undefined, frozen);
    },
  },
  {
    name: 'handoff: frozen for longer than Loki takes lines',
    story: 'the same with a push that has arrived: its lines were stored in time',
    loki: { limits: { maxBehind: 3000 } },
    async run(trial) {
      const frozen = await start(trial, 'handoff');
      await trial.succeed({}, {}, frozen);
      trial.loki.latencyMs = Math.max(300, trial.condition.latencyMs);
      await trial.succeed({ lines: 5, ms: trial.healthyMs }, {}, frozen);
      await frozen.idle(200 + trial.healthyMs);
      const other = await start(trial, 'handoff');
      await frozen.idle(5000);
      await trial.succeed({}, {}, other);
      await trial.succeed({ ms: 300 + trial.healthyMs }, {}, frozen);
      await trial.succeed({ ms: 300 + trial.healthyMs }, {}, frozen);
      await trial.shutdown(undefined, other);
      await trial.shutdown(undefined, frozen);
      notTwice(trial);
    },
  },
]);

/** What lies between the extremes of the other tables, tried by someone who knows the promises and not the code. */
export const between: readonly Fault[] = SITUATIONS.map((fault) => ({
  ...fault,
  strategy: fault.name.slice(0, fault.name.indexOf(':')),
}));
