import { type RecordFate, type RecordInTransit, scriptedRuntime } from '../../sandbox';
import { type Condition, healthyMs } from './conditions';
import { type Fault, faults } from './fault';
import { lineOf, workOf } from './work';

/** Does something to certain records of the first `invocations` invocations. */
export function ofFirst(
  invocations: number,
  fate: (record: RecordInTransit) => RecordFate,
): (record: RecordInTransit) => RecordFate {
  const seen = new Set<string>();
  return (record) => {
    if (record.requestId !== undefined) seen.add(record.requestId);
    return seen.size > invocations ? 'deliver' : fate(record);
  };
}

const tooFar = (condition: Condition): string | undefined =>
  healthyMs(condition) > 1500 ? 'a push takes longer than what is left of the 2 s of SHUTDOWN' : undefined;

/** The last telemetry of an environment comes late; what the extension does not wait for counts as lost. */
function lateEnd(ms: number): readonly Fault[] {
  return [
    {
      name: `time-out, last telemetry after ${ms} ms`,
      story: `a function writes five lines and runs out of time; they and its end come ${ms} ms after SHUTDOWN`,
      fromWriting: true,
      unavoidable: tooFar,
      always: ['0.04 s'],
      async run(trial) {
        let late = false;
        const runtime = scriptedRuntime(async (payload, io) => {
          if (payload !== 'hang') return workOf(payload, io);
          await new Promise((resolve) => setTimeout(resolve, 1480));
          late = true;
          for (let i = 0; i < 5; i++) io.line(lineOf());
          return new Promise((_, reject) => io.signal.addEventListener('abort', () => reject(new Error('ended'))));
        });
        await trial.environmentOf({
          timeoutMs: 6000,
          runtime,
          telemetry: { fate: () => (late ? { lateMs: ms } : 'deliver') },
        });
        await trial.succeed();
        await trial.environment.invoke('hang', { timeoutMs: 1500 });
        late = false;
        await trial.recover();
        await trial.shutdown();
        if (trial.healthyMs < 1000)
          trial.expect(
            trial.loki.stored.some(({ line }) => /Task timed out after 1\.5\d seconds$/.test(line)),
            'the time-out is told in Loki',
          );
      },
    },
    {
      name: `spin-down, last words after ${ms} ms`,
      story: `the function writes lines on SIGTERM, and they come ${ms} ms after SHUTDOWN; the last REPORT had come before`,
      fromWriting: true,
      unavoidable: tooFar,
      always: ['0.04 s'],
      async run(trial) {
        const runtime = scriptedRuntime(workOf, { terminated: (io) => io.write(`${lineOf()}\n${lineOf()}\n`) });
        const environment = await trial.environmentOf({
          runtime,
          lifecycle: { freezes: false },
          telemetry: { afterShutdownMs: ms },
        });
        await trial.succeed();
        await environment.telemetryDrained();
        await trial.shutdown();
      },
    },
  ];
}

/**
 * `runtimeDone` at the wrong time, deadlines that come near, telemetry that is late, lost, out of order or repeated.
 */
export const timing = faults([
  {
    name: 'runtimeDone is lost',
    story: 'the platform loses the event that ends an invocation, twice; the function may take 1.5 s',
    heldToDeadline: true,
    async run(trial) {
      await trial.environmentOf({
        timeoutMs: 1500,
        telemetry: { fate: ofFirst(2, ({ type }) => (type === 'platform.runtimeDone' ? 'lose' : 'deliver')) },
      });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'start and runtimeDone are lost',
    story: 'as when Lambda drops telemetry: of the first invocation neither the beginning nor the end is told',
    heldToDeadline: true,
    async run(trial) {
      await trial.environmentOf({
        timeoutMs: 1500,
        telemetry: {
          fate: ofFirst(1, ({ type }) =>
            type === 'platform.runtimeDone' || type === 'platform.start' ? 'lose' : 'deliver',
          ),
        },
      });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'runtimeDone comes late',
    story: "it is delivered 400 ms after the function's end",
    async run(trial) {
      await trial.environmentOf({ telemetry: { runtimeDone: { lateMs: 400 } } });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'runtimeDone comes before INVOKE',
    story: 'telemetry overtakes the Extensions API',
    async run(trial) {
      await trial.environmentOf({ telemetry: { runtimeDone: 'before-invoke' } });
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'deadline near, Loki mute',
    story: 'the function uses 800 of its 1 000 ms and Loki never answers, three times',
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 1000 });
      await trial.away('mute');
      for (let i = 0; i < 3; i++)
        trial.expect((await trial.succeed({ ms: 800 })).durationMs < 1000, 'the function is over before its deadline');
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'telemetry split and out of order',
    story: 'start, lines and runtimeDone come in POSTs of their own, dripping, two at a time and swapped',
    async run(trial) {
      await trial.environmentOf({
        telemetry: { split: true, reorder: true, inFlight: 2, drip: { bytes: 400, everyMs: 2 }, connection: 'new' },
      });
      for (let i = 0; i < 3; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  ...[20, 60, 150].flatMap(lateEnd),
  {
    name: 'delivery repeated, answer lost',
    story: 'the answer to every second delivery gets lost, and Lambda sends it again',
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({ telemetry: { repeat: { loseAnswerOf: 2 } } });
      for (let i = 0; i < 6; i++) await trial.succeed({ ms: 150 });
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'delivery repeated, answer late',
    heavy: true,
    story: 'Lambda waits 1 s for an answer and sends the delivery again; 5 000 lines meet a buffer of 1 000',
    always: ['0.6 s'],
    async run(trial) {
      await trial.environmentOf({
        timeoutMs: 20_000,
        environment: { BUFFER_SIZE: '1000' },
        telemetry: { repeat: { giveUpMs: 1000 } },
      });
      await trial.succeed({ lines: 5000, ms: 500 });
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'delivery repeated, after a freeze',
    story: 'Lambda sends the last delivery before each freeze again after it',
    always: ['0.04 s'],
    async run(trial) {
      await trial.environmentOf({ telemetry: { repeat: { afterFreeze: true } } });
      for (let i = 0; i < 4; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'clock fast by 9 minutes',
    story: "the platform's clock is 9 minutes fast during one invocation; later lines must have the right time",
    async run(trial) {
      const environment = await trial.environmentOf();
      await trial.succeed();
      environment.shiftClock(540_000);
      await trial.succeed();
      environment.shiftClock(0);
      await trial.succeed({ word: 'after' });
      await trial.recover();
      await trial.shutdown();
      const ahead = trial.loki.stored.filter(
        ({ line, timestamp }) => line.includes('after') && Number(BigInt(timestamp) / 1_000_000n) > Date.now() + 60_000,
      );
      trial.expect(ahead.length === 0, `${ahead.length} lines are stored minutes ahead of their time`);
    },
  },
  {
    name: 'clock fast by 3 hours',
    story: "the platform's clock is 3 hours fast during one invocation",
    async run(trial) {
      const environment = await trial.environmentOf();
      await trial.succeed();
      environment.shiftClock(10_800_000);
      await trial.succeed();
      environment.shiftClock(0);
      await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
]);
