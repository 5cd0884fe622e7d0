import { faults as answers, NO_RATE_LIMITS } from '../../sandbox/loki';
import { healthyMs } from './conditions';
import { type Fault, faults } from './fault';
import { mayMissTroubles, waitsForNothing } from './strategy';
import type { Outage, Trial } from './trial';

const KINDS: readonly (readonly [name: string, what: Outage, story: string])[] = [
  ['refused', 'refused', 'nothing listens where Loki was'],
  ['503', answers.unavailable(), 'a gateway answers 503 with an HTML page'],
  ['mute', 'mute', 'Loki takes connections and never answers'],
];

/** Loki is away for so many invocations, and then well. */
function outage(invocations: number, [name, what, story]: (typeof KINDS)[number]): Fault {
  const lines = invocations > 300 ? 1 : 10;
  return {
    name: `${name}, ${invocations} invocations`,
    story: `${story} for ${invocations} invocations of ${lines === 1 ? 'a line' : '10 lines'}`,
    ...(invocations > 300
      ? { unavoidable: 'with START, END and REPORT that is more lines than the buffer takes' }
      : {}),
    ...(invocations > 6 && (what === 'mute' || invocations > 300) ? { long: true } : {}),
    ...(invocations === 6 ? { always: ['0.6 s', '2.5 s'] } : {}),
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trial.away(what);
      for (let i = 0; i < invocations; i++) await trial.succeed({ lines });
      if (!waitsForNothing()) trial.expectSaid(/could not be delivered yet/, 1);
      await trial.recover();
      await trial.shutdown();
      assertNeverRestamped(trial);
    },
  };
}

/** 300 invocations in an outage, and Loki is back only when the environment ends. */
function backlog(mode: 'label' | 'metadata'): Fault {
  return {
    name: `backlog at the end, ${mode}`,
    story: `503 for 300 invocations of 10 lines; Loki is back when the environment ends; request ids as ${mode}`,
    unavoidable: (condition) =>
      healthyMs(condition) > 600
        ? "two round trips and the rest of what has to be done don't fit into the 2 s of SHUTDOWN"
        : undefined,
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_REQUEST_ID_AS: mode } });
      await trial.succeed();
      await trial.away(answers.unavailable());
      for (let i = 0; i < 300; i++) await trial.succeed();
      await trial.well();
      await trial.shutdown();
    },
  };
}

export const outages = faults([
  {
    name: 'none',
    story: 'Loki is well; 300 lines in each of three invocations',
    async run(trial) {
      await trial.environmentOf();
      for (let i = 0; i < 3; i++) await trial.succeed({ lines: 300 });
      await trial.shutdown();
      // Beyond that a second round of pushes does not fit into the time of a flush, and may be told.
      if (trial.healthyMs <= 1200) trial.expect(trial.said === '', `nothing to tell, and yet: ${trial.said}`);
      // Where each push is cut by a freeze, how long Loki takes is not learned, and a second of silence is too long.
      trial.expect(
        trial.loki.duplicates === 0 || (waitsForNothing() && trial.healthyMs >= 900),
        `${trial.loki.duplicates} lines were sent twice to a Loki that is well`,
      );
    },
  },
  ...[6, 300, 3000].flatMap((invocations) => KINDS.map((kind) => outage(invocations, kind))),
  backlog('label'),
  backlog('metadata'),
  {
    name: 'buffer of 1 000 lines',
    heavy: true,
    story: 'Loki is well, and 5 000 lines meet a buffer of 1 000; by the byte bound there is room',
    always: ['0.6 s'],
    async run(trial) {
      await trial.environmentOf({ environment: { BUFFER_SIZE: '1000' } });
      await trial.succeed({ lines: 5000, ms: 500 });
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'burst',
    heavy: true,
    story: '30 000 lines in one invocation of 0.2 s, three times what the buffer holds by lines',
    always: ['0.6 s', '1.2 s'],
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 20_000 });
      await trial.succeed({ lines: 30_000, ms: 200 });
      await trial.recover();
      await trial.shutdown();
    },
  },
  ...KINDS.map(
    ([name, what, story]): Fault => ({
      name: `burst, ${name}`,
      heavy: true,
      story: `${story} while one invocation writes 30 000 lines, with time-outs of 20 s`,
      unavoidable: "the buffer's bound in an outage; the loss is counted and told",
      always: ['0.04 s'],
      async run(trial) {
        await trial.environmentOf({ timeoutMs: 20_000 });
        await trial.succeed();
        await trial.away(what);
        await trial.succeed({ lines: 30_000, ms: 200 });
        for (let i = 0; i < 2; i++) await trial.succeed();
        await trial.recover();
        await trial.shutdown();
      },
    }),
  ),
  {
    name: 'answers drip',
    story: 'each answer comes one byte every 20 ms',
    async run(trial) {
      await trial.environmentOf();
      trial.trouble({ fault: { kind: 'drip', everyMs: 20, chunkBytes: 1 } });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'stored, answer cut',
    story: 'Loki stores each push of one invocation and the connection ends before the answer',
    async run(trial) {
      await trial.environmentOf();
      trial.trouble({ fault: { kind: 'store-then-cut', how: 'reset' } });
      await trial.succeed();
      await trial.recover();
      await trial.shutdown();
      trial.expect(
        trial.loki.duplicates > 0 || mayMissTroubles(),
        'lines are sent again, and Loki can tell that they are the same',
      );
      assertNeverRestamped(trial);
    },
  },
  {
    name: 'buffer overflow by lines',
    story: 'four invocations of 150 lines during an outage, with room for 200',
    unavoidable: 'the bound on memory; the loss is counted and told',
    async run(trial) {
      await trial.environmentOf({ environment: { BUFFER_SIZE: '200' } });
      await trial.away('refused');
      for (let i = 0; i < 4; i++) await trial.succeed({ lines: 150 });
      await trial.recover();
      await trial.shutdown();
      assertTold(trial);
    },
  },
  {
    name: 'buffer overflow by bytes',
    story: 'lines of 10 kB during an outage, with room for 256 KiB',
    unavoidable: 'the bound on memory; the loss is counted and told',
    async run(trial) {
      await trial.environmentOf({ environment: { LOKI_BUFFER_MAX_BYTES: '262144' } });
      await trial.away('refused');
      for (let i = 0; i < 3; i++) await trial.succeed({ lines: 20, bytes: 10_000 });
      await trial.recover();
      await trial.shutdown();
      assertTold(trial);
    },
  },
  {
    name: 'full speed into a hanging Loki',
    heavy: true,
    story:
      '30 000 lines of 1 kB while Loki never answers, with the default bounds; then a Loki without limits on rates',
    loki: { limits: NO_RATE_LIMITS },
    unavoidable: 'the bounds on memory; the loss is counted and told',
    async run(trial) {
      await trial.environmentOf();
      await trial.away('mute');
      await trial.succeed({ lines: 30_000, bytes: 1000, ms: 300 });
      await trial.recover();
      const peakMib = trial.figures().peakKib / 1024;
      trial.expect(peakMib < 48, `peak memory ${peakMib.toFixed(1)} MiB, with 16 MiB of lines allowed`);
      await trial.shutdown();
      assertTold(trial);
    },
  },
]);

/** Whatever was sent more than once was sent with the same timestamps, lines and metadata. */
function assertNeverRestamped(trial: Trial): void {
  const stamps = new Map<string, string>();
  for (const { content } of trial.loki.pushes) {
    for (const { entries } of content ?? []) {
      for (const { timestamp, line } of entries) {
        if (!line.startsWith('line ')) continue;
        const stamp = stamps.get(line) ?? String(timestamp);
        if (stamp !== String(timestamp)) trial.failures.push(`${line} was sent as of ${stamp} and as of ${timestamp}`);
        stamps.set(line, stamp);
      }
    }
  }
}

/** What was dropped stands in Loki too. */
function assertTold(trial: Trial): void {
  const { lost, reported } = trial.figures();
  // A Loki that no push has met yet is believed to be well, and the bound is not kept so strictly.
  if (lost === 0 && mayMissTroubles()) return;
  trial.expect(lost > 0, 'lines are lost here');
  trial.expect(reported >= lost, `${lost} lines lost, ${reported} put on record in Loki`);
  trial.expectSaid(/dropped \d+ of the oldest lines/);
}
