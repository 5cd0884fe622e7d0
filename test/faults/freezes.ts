import type { ConnectionMode } from '../../sandbox/loki';
import { type InitializationType, scriptedRuntime } from '../../sandbox';
import { type Fault, faults } from './fault';
import { leavesUnanswered, sendsLater } from './strategy';
import { lineOf, workOf } from './work';

/** The connection that was kept has died while the environment was frozen. */
function deadConnection(name: string, story: string, mode: ConnectionMode): Fault {
  return {
    name,
    story,
    loki: { proxied: true },
    ...(mode === 'black-hole' ? { always: ['1.2 s'] } : {}),
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      for (let i = 0; i < 2; i++) {
        for (const connection of trial.proxy!.connections) connection.setMode(mode);
        await trial.environment.idle(200);
        const { extensionOverheadMs } = await trial.succeed();
        trial.expect(
          extensionOverheadMs < (leavesUnanswered() ? 2600 : 1600) + 4 * trial.healthyMs,
          `held ${extensionOverheadMs} ms`,
        );
      }
      await trial.recover();
      for (const connection of trial.proxy!.connections) connection.setMode(mode);
      await trial.shutdown();
      // With a push under way at each freeze, its repeat dies in the next one, and that is told. With a Loki that takes
      // 0.6 s, the 2 s of SHUTDOWN are hardly enough to notice that the connection is dead, and to push again.
      if (trial.healthyMs < 600 && !leavesUnanswered())
        trial.expect(trial.said === '', `a dead connection is nothing to tell, and yet: ${trial.said}`);
    },
  };
}

/** The host stands still in the middle of a push, and its clocks run on. */
function stalled(dead: boolean): Fault {
  return {
    name: dead ? 'push cut by a stall, connection dead' : 'push cut by a stall',
    story: `the whole environment stands still for 5 s in the middle of a push${dead ? ', whose connection has been swallowed' : ''}`,
    loki: { proxied: dead },
    heldToDeadline: true,
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 20_000 });
      trial.loki.latencyMs = Math.max(300, trial.condition.latencyMs);
      if (sendsLater()) await trial.succeed();
      const before = trial.loki.pushes.length;
      const invoked = trial.succeed();
      await trial.loki.waitForPush(({ index, state }) => index >= before && state === 'received', 10_000);
      for (const connection of dead ? trial.proxy!.connections : []) connection.setMode('black-hole');
      await trial.stall(5000);
      await invoked;
      trial.loki.latencyMs = trial.condition.latencyMs;
      await trial.recover();
      await trial.shutdown();
    },
  };
}

/**
 * Lines of Init must be with Loki before the freeze: nobody knows how long it is. Here Loki's window of an hour is 3 s.
 */
function thawedLate(mode: InitializationType, initMs: number): Fault {
  return {
    name: `${mode === 'snap-start' ? 'SnapStart' : 'provisioned'}, thawed late, Init of ${initMs} ms`,
    story:
      "lines of Init, a freeze of 5 s, and other environments of the function that go on logging; Loki's window for lines out of order is 3 s",
    loki: { limits: { maxBehind: 3000 } },
    // Only the lines that Init wrote matter here, and they count from the start.
    fromWriting: true,
    always: ['0.04 s'],
    async run(trial) {
      const runtime = scriptedRuntime(workOf, {
        async init(io) {
          for (let i = 0; i < 4; i++) io.write(`${lineOf(0, 'of Init')}\n`);
          await new Promise((resolve) => setTimeout(resolve, initMs));
          io.write(`${lineOf(0, 'of Init')}\n`);
        },
      });
      const environment = await trial.environmentOf({ mode, runtime });
      await environment.idle(5000);
      const other = await trial.environmentOf();
      await trial.succeed({}, {}, other);
      await trial.succeed({}, {}, environment);
      await trial.succeed({}, {}, environment);
      await trial.recover();
      await trial.shutdown(undefined, other);
      await trial.shutdown(undefined, environment);
      const stored = trial.loki.stored.filter(({ line }) => line.includes('of Init')).length;
      trial.expect(stored === 5, `${stored} of 5 lines of Init are stored`);
    },
  };
}

export const freezes = faults([
  deadConnection('connection closed in the freeze', 'Loki closes the idle connection', 'close'),
  deadConnection('connection reset in the freeze', 'the idle connection is reset', 'reset'),
  deadConnection(
    'connection forgotten in the freeze',
    'a NAT forgets the idle connection and resets it on use',
    'reset-on-use',
  ),
  deadConnection(
    'connection swallowed in the freeze',
    'the idle connection swallows bytes and never answers',
    'black-hole',
  ),
  stalled(false),
  stalled(true),
  ...(['provisioned-concurrency', 'snap-start'] as const).flatMap((mode) =>
    [0, 200, 800].map((initMs) => thawedLate(mode, initMs)),
  ),
  {
    name: 'never frozen',
    story:
      'the next invocation comes while a push of the time between them is under way, as the environment is not frozen',
    async run(trial) {
      await trial.environmentOf({
        lifecycle: { freezes: false },
        environment: { LOKI_FLUSH_INTERVAL_MS: '100', LOKI_IDLE_FLUSH_MULTIPLIER: '1' },
      });
      trial.loki.latencyMs = Math.max(300, trial.condition.latencyMs);
      for (let i = 0; i < 6; i++) {
        await trial.succeed();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      trial.loki.latencyMs = trial.condition.latencyMs;
      await trial.recover();
      const cut = trial.loki.pushes.filter(({ state }) => state === 'aborted').length;
      trial.expect(cut === 0, `${cut} pushes were cut off though nothing was frozen`);
      await trial.shutdown();
      trial.expect(
        trial.loki.duplicates === 0,
        `${trial.loki.duplicates} lines were sent twice to a Loki that is well`,
      );
    },
  },
]);
