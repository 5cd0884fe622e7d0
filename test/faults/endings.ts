import { setTimeout as sleep } from 'node:timers/promises';
import { faults as answers, NO_RATE_LIMITS } from '../../sandbox/loki';
import { type Condition, healthyMs } from './conditions';
import { type Fault, faults } from './fault';
import { mayMissTroubles, sendsLater } from './strategy';
import type { Outage, Trial, Work } from './trial';

/** The 2 s of a SHUTDOWN leave room for a push of that Loki, and for little more. */
const tooFar = (condition: Condition): string | undefined =>
  healthyMs(condition) > 1500 ? 'a push takes longer than what is left of the 2 s of SHUTDOWN' : undefined;

/** The function ends badly; what it wrote, and the REPORT that says so, must arrive. */
function badEnd(name: string, story: string, work: Work, status: string, reported: RegExp): Fault {
  return {
    name,
    story,
    unavoidable: tooFar,
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      const result = await trial.invoke(work, { timeoutMs: 1500 });
      trial.expect(result.status === status, `the function's status is ${result.status}`);
      await trial.recover();
      await trial.shutdown();
      if (trial.healthyMs > 1000) return;
      const lines = trial.loki.stored.map(({ line }) => line);
      trial.expect(
        lines.some((line) => line.startsWith(`REPORT RequestId: ${result.requestId}`) && reported.test(line)),
        `a REPORT like ${reported}`,
      );
    },
  };
}

/** The environment ends while Loki is not well. */
function lastChance(
  name: string,
  story: string,
  trouble: (trial: Trial) => Promise<void> | void,
  unavoidable: Fault['unavoidable'],
): Fault {
  return {
    name,
    story,
    unavoidable,
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trouble(trial);
      await trial.shutdown();
    },
  };
}

/**
 * The function is killed while Loki is away: Lambda's reset leaves the extension 2 s, in which it must count what it
 * can't save.
 */
function resetInOutage(name: string, what: Outage, then: 'kill' | 'hang'): Fault {
  return {
    name: `reset in an outage, ${name}, ${then === 'kill' ? 'out of memory' : 'time-out'}`,
    story: `the function ${then === 'kill' ? 'is killed for its memory' : 'runs out of time'} while Loki is away`,
    unavoidable: 'no Loki before the process is killed; the number of lines is told',
    heldToDeadline: true,
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trial.away(what);
      await trial.invoke({ lines: 20, ms: 100, then }, { timeoutMs: 3000 });
      const ended = trial.environment.events
        .of('process.exit')
        .filter(({ role }) => role === 'extension')
        .at(-1);
      trial.expect(
        ended?.code === 0,
        `the extension ended with ${ended?.signal ?? ended?.code}; it said:\n${trial.said}`,
      );
      await trial.recover();
      await trial.shutdown();
    },
  };
}

const AT_THE_END = 'no Loki before the process is killed; the number of lines is told';

export const endings = faults([
  badEnd(
    'function times out',
    'it hangs until Lambda ends it',
    { lines: 10, then: 'hang' },
    'timeout',
    /Status: timeout/,
  ),
  badEnd(
    'function crashes',
    'its process ends in the middle',
    { lines: 10, then: 'exit' },
    'error',
    /Status: (error|failure)/,
  ),
  badEnd(
    'function out of memory',
    'its process is killed',
    { lines: 10, then: 'kill' },
    'error',
    /Status: (error|failure)/,
  ),
  {
    name: 'function throws',
    story: 'an exception, which is a result like any other',
    async run(trial) {
      await trial.environmentOf();
      trial.expect((await trial.invoke({ then: 'throw' })).reset === false, 'no reset');
      await trial.recover();
      await trial.shutdown();
    },
  },
  lastChance(
    'spin-down after 503',
    '503 for an invocation of 300 lines, and Loki is well at the end of the environment',
    async (trial) => {
      await trial.away({ kind: 'answer', status: 503 });
      await trial.succeed({ lines: 300 });
      await trial.well();
    },
    tooFar,
  ),
  lastChance(
    'spin-down, Loki mute',
    'Loki never answers at the end of the environment',
    async (trial) => {
      await trial.away('mute');
      await trial.succeed();
    },
    AT_THE_END,
  ),
  {
    name: 'spin-down, Loki mute at first',
    story: 'Loki answers nothing for the first 0.7 s after the environment begins to end',
    unavoidable: (condition) => (healthyMs(condition) > 500 ? 'too little of the 2 s of SHUTDOWN is left' : undefined),
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trial.away('mute');
      await trial.succeed();
      const [, ended] = await Promise.all([sleep(700).then(() => trial.well()), trial.shutdown()]);
      trial.expect(ended < 2000, `the end took ${Math.round(ended)} ms`);
    },
  },
  lastChance(
    'spin-down, Loki down',
    'nothing listens at the end of the environment',
    async (trial) => {
      await trial.away('refused');
      await trial.succeed();
    },
    AT_THE_END,
  ),
  ...(
    [
      ['refused', 'refused'],
      ['503', answers.unavailable()],
      ['mute', 'mute'],
    ] as const
  ).flatMap(([name, what]) => (['kill', 'hang'] as const).map((then) => resetInOutage(name, what, then))),
  ...([false, true] as const).map(
    (rates): Fault => ({
      name: rates ? 'spin-down with 20 MB' : 'spin-down with 20 MB, no rates',
      heavy: true,
      story: `2 000 lines of 10 kB are waiting when Loki is back for the end of the environment${rates ? '' : '; this Loki has no limits on rates'}`,
      loki: rates ? {} : { limits: NO_RATE_LIMITS },
      unavoidable: rates
        ? 'Loki takes 6 MB at once and 4 MB/s by default; the rest is counted and told'
        : (condition) => (healthyMs(condition) > 300 ? 'too many bytes for the 2 s of SHUTDOWN' : undefined),
      byNature: () => (sendsLater() && !rates ? 'all 20 MB reach the extension at SHUTDOWN, which has 2 s' : undefined),
      async run(trial) {
        await trial.environmentOf({ environment: { LOKI_BUFFER_MAX_BYTES: String(64 * 1024 * 1024) } });
        await trial.away('refused');
        await trial.succeed({ lines: 2000, bytes: 10_000 });
        await trial.well();
        await trial.shutdown();
        const { stored } = trial.figures();
        const least = rates || sendsLater() ? 900 : 2000;
        if (trial.healthyMs < 300) trial.expect(stored >= least, `${stored} of 2 000 lines are stored`);
      },
    }),
  ),
  {
    name: 'extension out of memory',
    story: 'the extension itself is killed while the function runs',
    unavoidable: 'what the killed process held in memory is gone with it',
    uncounted: true,
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      const invoked = trial.invoke({ ms: 300 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      trial.environment.oomKill({ extension: 'lambdawatch' });
      await invoked;
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'host lost',
    story: 'everything is killed while frozen, without SHUTDOWN',
    uncounted: true,
    byNature: () => (mayMissTroubles() ? 'what waits for the next invocation, or for the next period' : undefined),
    async run(trial) {
      await trial.environmentOf();
      for (let i = 0; i < 3; i++) await trial.succeed();
      await trial.environment.kill();
    },
  },
]);
