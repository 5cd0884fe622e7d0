import { setTimeout as sleep } from 'node:timers/promises';
import { faults as answers } from '../../sandbox/loki';
import { type Fault, faults } from './fault';

/** HTTP dates are made when they are sent; the sleep before the answer is part of the latency. */
const PAUSES: readonly (readonly [name: string, value: () => number | string])[] = [
  ['2', () => 2],
  ['60', () => 60],
  ['3600', () => 3600],
  ['a date in 3 s', () => new Date(Date.now() + 3000).toUTCString()],
  ['a date in an hour', () => new Date(Date.now() + 3_600_000).toUTCString()],
];

/** Pushes that reach Loki so soon after each other were begun together. */
const TOGETHER_MS = 50;

/** Loki asks for a pause in one invocation and is well a moment later. */
function pause(status: 429 | 503, [name, value]: (typeof PAUSES)[number]): Fault {
  const answer = (): ReturnType<typeof answers.unavailable> =>
    status === 503 ? answers.unavailable(value()) : answers.ingestionRate(value());
  return {
    name: `${status}, Retry-After: ${name}`,
    story: `Loki asks for a pause of ${name}${/^\d+$/.test(name) ? ' s' : ''} during three invocations, and is well again after them`,
    always: ['0.6 s'],
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trial.away(answer());
      const before = trial.loki.pushes.length;
      for (let i = 0; i < 3; i++) await trial.succeed();
      // Those that were under way together count as one.
      const times = trial.loki.pushes.slice(before).map(({ receivedAt }) => receivedAt);
      const tries = times.filter((at, i) => i === 0 || at - times[i - 1] > TOGETHER_MS).length;
      if (/60|hour/.test(name)) trial.expect(tries <= 3, `${tries} tries while Loki asks not to be asked`);
      await trial.recover();
      await trial.shutdown();
    },
  };
}

export const pauses = faults([
  ...([429, 503] as const).flatMap((status) => PAUSES.map((each) => pause(status, each))),
  {
    name: 'Retry-After in a long invocation',
    heavy: true,
    story: '429 with Retry-After: 3600 for 1.5 s while an invocation of 15 s writes 1 500 lines/s',
    unavoidable: ({ latencyMs }) =>
      latencyMs > 350 ? 'six pushes of 100 lines at a time are fewer than 1 500 lines/s' : undefined,
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 40_000 });
      await trial.succeed();
      trial.trouble({ fault: answers.ingestionRate(3600) });
      const invoked = trial.succeed({ lines: 22_500, ms: 15_000, pieces: 150 });
      await sleep(1500);
      await trial.well();
      await invoked;
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'Retry-After on Managed Instances',
    story:
      '429 with Retry-After: 3600 for 3 s, on a Managed Instance that writes 200 lines/s for 20 s and is never told of an end',
    // Ten seconds of pause are 2 000 lines, which six pushes of 100 lines at a time have to catch up with beside 200
    // new lines/s.
    unavoidable: ({ latencyMs }) =>
      latencyMs > 1000 ? "six pushes of 100 lines at a time can't catch up in what is left of 20 s" : undefined,
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({
        mode: 'lambda-managed-instances',
        timeoutMs: 40_000,
        environment: { BUFFER_SIZE: '3000' },
      });
      trial.trouble({ fault: answers.ingestionRate(3600) });
      const invoked = trial.succeed({ lines: 4000, ms: 20_000, pieces: 400 });
      await sleep(3000);
      await trial.well();
      await invoked;
      await sleep(3000);
      const stored = trial.loki.stored.filter(({ line }) => line.startsWith('line ')).length;
      const enough = trial.condition.latencyMs > 1000 ? 2000 : 3500;
      trial.expect(
        stored >= enough,
        `${stored} of 4000 lines stored before the environment ends, with a Loki that is well for 20 s`,
      );
      await trial.shutdown();
    },
  },
]);
