import assert from 'node:assert/strict';
import { type Fault, faults } from './fault';
import type { Trial, Work } from './trial';

/** The function ends badly; what it wrote, and the REPORT that says so, must arrive. */
function badEnd(name: string, story: string, work: Work, status: string, reported: RegExp): Fault {
  return {
    name, story,
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 1500 });
      await trial.succeed();
      const result = await trial.invoke(work);
      assert.equal(result.status, status);
      await trial.succeed();
      await trial.shutdown();
      const lines = trial.loki.stored.map(({ line }) => line);
      assert.ok(lines.some((line) => line.startsWith(`REPORT RequestId: ${result.requestId}`) && reported.test(line)), `a REPORT like ${reported}`);
    },
  };
}

/** The environment ends while Loki is not well. */
function lastChance(name: string, story: string, trouble: (trial: Trial) => Promise<void> | void, unavoidable?: string): Fault {
  return {
    name, story, unavoidable,
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trouble(trial);
      await trial.shutdown();
      if (unavoidable) assert.match(trial.said, /the environment ends with \d+ lines that Loki did not take; they are lost/);
    },
  };
}

export const endings = faults([
  badEnd('function times out', 'it hangs until Lambda ends it', { lines: 10, then: 'hang' }, 'timeout', /Status: timeout/),
  badEnd('function crashes', 'its process ends in the middle', { lines: 10, then: 'exit' }, 'error', /Status: (error|failure)/),
  badEnd('function out of memory', 'its process is killed', { lines: 10, then: 'kill' }, 'error', /Status: (error|failure)/),
  {
    name: 'function throws',
    story: 'an exception, which is a result like any other',
    async run(trial) {
      await trial.environmentOf();
      assert.equal((await trial.invoke({ then: 'throw' })).reset, false);
      await trial.succeed();
      await trial.shutdown();
    },
  },
  lastChance('spin-down, Loki slow', 'each answer takes 500 ms at the end of the environment', async (trial) => {
    trial.loki.script({ fault: { kind: 'answer', status: 503 } });
    await trial.succeed({ lines: 300 });
    trial.loki.script();
    trial.loki.latencyMs = 500;
  }),
  lastChance('spin-down, Loki mute', 'Loki never answers at the end of the environment', async (trial) => {
    trial.loki.script({ fault: { kind: 'black-hole' } });
    await trial.succeed();
  }, 'no Loki before the process is killed; the number of lines is told'),
  lastChance('spin-down, Loki down', 'nothing listens at the end of the environment', async (trial) => {
    await trial.loki.down();
    await trial.succeed();
  }, 'no Loki before the process is killed; the number of lines is told'),
  {
    name: 'spin-down with 20 MB',
    story: '2 000 lines of 10 kB are waiting, and Loki is back with 100 ms of latency',
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_BUFFER_MAX_BYTES: String(64 * 1024 * 1024) } });
      await trial.loki.down();
      await trial.succeed({ lines: 2000, bytes: 10_000 });
      await trial.loki.up();
      trial.loki.latencyMs = 100;
      await trial.shutdown();
    },
  },
  {
    name: 'extension out of memory',
    story: 'the extension itself is killed while the function runs',
    unavoidable: 'what the killed process held in memory is gone with it',
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      const invoked = trial.invoke({ ms: 300 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      trial.environment.oomKill({ extension: 'lambdawatch' });
      await invoked;
      await trial.succeed();
      await trial.shutdown();
    },
  },
  {
    name: 'host lost',
    story: 'everything is killed while frozen, without SHUTDOWN',
    async run(trial) {
      await trial.environmentOf();
      for (let i = 0; i < 3; i++) await trial.succeed();
      await trial.environment.kill();
    },
  },
]);
