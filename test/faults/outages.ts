import assert from 'node:assert/strict';
import { faults as answers } from '../loki/fake';
import { faults } from './fault';
import type { Trial } from './trial';

/** Times held of all invocations but the first, which finds out. */
function later(trial: Trial): number[] {
  return trial.results.slice(1).map(({ extensionOverheadMs }) => extensionOverheadMs);
}

/** Loki is gone, mute or slow for a while. */
export const outages = faults([
  {
    name: 'black hole',
    story: 'Loki takes connections and never answers; later it is well',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: { kind: 'black-hole' } });
      const first = await trial.succeed();
      assert.ok(first.extensionOverheadMs <= 4500, `first held ${first.extensionOverheadMs} ms`);
      for (let i = 0; i < 3; i++) await trial.succeed();
      for (const held of later(trial)) assert.ok(held <= 1000, `later held ${held} ms`);
      trial.loki.script();
      await trial.succeed();
      await trial.shutdown();
    },
  },
  {
    name: 'connections refused',
    story: 'nothing listens where Loki was, for six invocations',
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      await trial.loki.down();
      for (let i = 0; i < 6; i++) await trial.succeed();
      for (const held of later(trial).slice(1)) assert.ok(held <= 500 + 100, `held ${held} ms during the outage`);
      await trial.loki.up();
      await trial.succeed();
      await trial.shutdown();
      assert.equal(trial.said.match(/could not be delivered yet/g)?.length, 1, 'the outage is told once');
    },
  },
  {
    name: '503 for one invocation',
    story: 'a gateway answers 503 with an HTML page for a whole invocation',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: answers.unavailable() });
      await trial.succeed();
      trial.loki.script();
      await trial.succeed();
      await trial.shutdown();
      assert.match(trial.said, /status 503: 503 Service Temporarily Unavailable/);
      assertNeverRestamped(trial);
    },
  },
  {
    name: '503 with Retry-After',
    story: 'Loki asks for a pause of a second, once',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: answers.unavailable(1), times: 1 });
      const { extensionOverheadMs } = await trial.succeed();
      assert.ok(extensionOverheadMs > 900 && extensionOverheadMs < 2500, `held ${extensionOverheadMs} ms`);
      await trial.shutdown();
    },
  },
  {
    name: 'slow Loki',
    story: 'each answer takes 800 ms, with 300 lines in each of three invocations',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.latencyMs = 800;
      for (let i = 0; i < 3; i++) assert.ok((await trial.succeed({ lines: 300 })).extensionOverheadMs <= 4500);
      await trial.shutdown();
    },
  },
  {
    name: 'slow Loki, full buffer',
    story: 'each answer takes 300 ms, and 5 000 lines meet a buffer of 1 000',
    async run(trial) {
      await trial.environmentOf({ environment: { BUFFER_SIZE: '1000' } });
      trial.loki.latencyMs = 300;
      await trial.succeed({ lines: 5000, ms: 500 });
      trial.loki.latencyMs = 0;
      await trial.succeed();
      await trial.shutdown();
      assert.equal(trial.figures().reported, 0, 'Loki is merely slow, so nothing needs to be dropped');
    },
  },
  {
    name: 'answers drip',
    story: 'each answer comes one byte every 20 ms',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: { kind: 'drip', everyMs: 20, chunkBytes: 1 } });
      for (let i = 0; i < 2; i++) await trial.succeed();
      trial.loki.script();
      await trial.succeed();
      await trial.shutdown();
    },
  },
  {
    name: 'stored, answer cut',
    story: 'Loki stores each push of one invocation and the connection ends before the answer',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: { kind: 'store-then-cut', how: 'reset' } });
      await trial.succeed();
      trial.loki.script();
      await trial.succeed();
      await trial.shutdown();
      assert.ok(trial.loki.duplicates > 0, 'lines were sent again, and Loki could tell that they are the same');
      assertNeverRestamped(trial);
    },
  },
  {
    name: 'buffer overflow by lines',
    story: 'four invocations of 150 lines during an outage, with room for 200',
    unavoidable: 'the bound on memory; the loss is counted and told',
    async run(trial) {
      await trial.environmentOf({ environment: { BUFFER_SIZE: '200' } });
      await trial.loki.down();
      for (let i = 0; i < 4; i++) await trial.succeed({ lines: 150 });
      await trial.loki.up();
      await trial.succeed({ lines: 5 });
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
      await trial.loki.down();
      for (let i = 0; i < 3; i++) await trial.succeed({ lines: 20, bytes: 10_000 });
      await trial.loki.up();
      await trial.succeed({ lines: 5 });
      await trial.shutdown();
      assertTold(trial);
    },
  },
  {
    name: 'full speed into a hanging Loki',
    story: '30 000 lines of 1 kB while Loki never answers, with the default bounds',
    unavoidable: 'the bounds on memory; the loss is counted and told',
    async run(trial) {
      await trial.environmentOf();
      trial.loki.script({ fault: { kind: 'black-hole' } });
      await trial.succeed({ lines: 30_000, bytes: 1000, ms: 300 });
      trial.loki.script();
      await trial.succeed({ lines: 1, ms: 1500 });
      await trial.shutdown();
      assert.ok(trial.peakKib < 48 * 1024, `peak memory ${trial.peakKib} KiB, with 16 MiB of lines allowed`);
      assertTold(trial);
    },
  },
]);

/** Whatever was sent more than once was sent with the same timestamps, lines and metadata. */
function assertNeverRestamped({ loki }: Trial): void {
  const stamps = new Map<string, string>();
  for (const { content } of loki.pushes) {
    for (const { labels, entries } of content ?? []) {
      for (const { timestamp, line, metadata } of entries) {
        const identity = JSON.stringify([[...labels], String(timestamp), [...Object.entries(metadata)]]);
        assert.equal(stamps.get(line) ?? identity, identity, line);
        stamps.set(line, identity);
      }
    }
  }
}

/** What was dropped stands in Loki, to the line, and on stderr. */
function assertTold(trial: Trial): void {
  const { lost, reported } = trial.figures();
  assert.ok(lost > 0);
  // Platform lines count too, and are not among the lost lines of the function.
  assert.ok(reported >= lost && reported <= lost + 4 * trial.results.length + 1, `${lost} lost, ${reported} reported`);
  assert.match(trial.said, /warn: dropped \d+ of the oldest lines/);
}
