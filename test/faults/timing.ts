import assert from 'node:assert/strict';
import { faults } from './fault';

/** `runtimeDone` at the wrong time, deadlines that come near. */
export const timing = faults([
  {
    name: 'runtimeDone never comes',
    story: 'the platform loses the event that ends an invocation; the function may take 1.5 s',
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 1500, telemetry: { runtimeDone: 'never' } });
      for (let i = 0; i < 2; i++) assert.ok((await trial.succeed()).durationMs < 1500);
      await trial.shutdown();
    },
  },
  {
    name: 'runtimeDone comes late',
    story: 'it is delivered 400 ms after the function\'s end',
    async run(trial) {
      await trial.environmentOf({ telemetry: { runtimeDone: { lateMs: 400 } } });
      for (let i = 0; i < 2; i++) assert.ok((await trial.succeed()).extensionOverheadMs < 1500);
      await trial.shutdown();
    },
  },
  {
    name: 'runtimeDone comes before INVOKE',
    story: 'telemetry overtakes the Extensions API',
    async run(trial) {
      await trial.environmentOf({ telemetry: { runtimeDone: 'before-invoke' } });
      for (let i = 0; i < 2; i++) assert.ok((await trial.succeed()).extensionOverheadMs < 1000);
      await trial.shutdown();
    },
  },
  {
    name: 'deadline near, Loki mute',
    story: 'the function uses 800 of its 1 000 ms and Loki never answers',
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 1000 });
      trial.loki.script({ fault: { kind: 'black-hole' } });
      for (let i = 0; i < 3; i++) assert.ok((await trial.succeed({ ms: 800 })).durationMs < 1000);
      trial.loki.script();
      await trial.succeed();
      await trial.shutdown();
    },
  },
  {
    name: 'telemetry split and out of order',
    story: 'start, lines and runtimeDone come in POSTs of their own, dripping, two at a time and swapped',
    async run(trial) {
      await trial.environmentOf({ telemetry: { split: true, reorder: true, inFlight: 2, drip: { bytes: 400, everyMs: 2 }, connection: 'new' } });
      for (let i = 0; i < 3; i++) await trial.succeed();
      await trial.shutdown();
    },
  },
]);
