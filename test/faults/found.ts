import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { faults as answers } from '../../sandbox/loki';
import { freePort, residentMemory, scriptedRuntime } from '../../sandbox';
import { faults } from './fault';
import { ofFirst } from './timing';
import { lineOf, workOf } from './work';
import { leavesUnanswered, waitsForNothing } from './strategy';

const MIB = 2 ** 20;

/**
 * How far the resident memory may grow from one outage to those that are like it. Where pushes outlive invocations it
 * takes more of them until the worst has happened: 14 outages with handoff end at 1.13 times what two have taken, and
 * the last five of them bring nothing.
 */
const mostGrowth = (): number => (leavesUnanswered() ? 1.13 : 1.05);

/** Found once by a hard look, each a fault of its own. */
export const found = faults([
  {
    name: 'nested JSON',
    story: 'a function with the JSON format logs an object nested 3 000 levels deep between two lines',
    async run(trial) {
      const runtime = scriptedRuntime((payload, io) => {
        if (payload !== 'nested') return workOf(payload, io);
        io.line(lineOf());
        io.line(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`);
        io.line(lineOf());
        return Promise.resolve('ok');
      });
      const environment = await trial.environmentOf({ runtime, logFormat: 'json' });
      await trial.succeed();
      const result = await environment.invoke('nested', { timeoutMs: 5000 });
      trial.expect(
        result.extensionOverheadMs < 1500 + 2 * trial.healthyMs,
        `held ${Math.round(result.extensionOverheadMs)} ms`,
      );
      await trial.succeed();
      await trial.shutdown();
    },
  },
  {
    name: 'request ids, start and end lost',
    story:
      "of the first invocation neither the end nor of the second the start is told; the second one's lines must not get the first one's id",
    heldToDeadline: true,
    async run(trial) {
      const ids: string[] = [];
      await trial.environmentOf({
        timeoutMs: 2500,
        telemetry: {
          fate: ({ type, requestId }) => {
            if (requestId !== undefined && !ids.includes(requestId)) ids.push(requestId);
            const nth = requestId === undefined ? 0 : ids.indexOf(requestId) + 1;
            return (nth === 1 && type === 'platform.runtimeDone') || (nth === 2 && type === 'platform.start')
              ? 'lose'
              : 'deliver';
          },
        },
      });
      await trial.succeed({ word: 'of one' });
      const second = await trial.succeed({ word: 'of two' });
      await trial.recover();
      await trial.shutdown();
      const idsOfTwo = new Set(
        trial.loki.stored
          .filter(({ line }) => line.includes('of two'))
          .map(({ labels, metadata }) => labels.request_id ?? metadata.request_id),
      );
      // Where INVOKE comes long before the telemetry, no source is left that tells the two apart.
      if (!waitsForNothing())
        trial.expect(
          idsOfTwo.size === 1 && idsOfTwo.has(second.requestId),
          `lines of the second invocation have the ids ${[...idsOfTwo].join(', ')}, not ${second.requestId}`,
        );
    },
  },
  {
    name: 'request ids, start late',
    story: 'the start of each invocation is told 100 ms late, after its lines',
    async run(trial) {
      await trial.environmentOf({
        telemetry: { fate: ({ type }) => (type === 'platform.start' ? { lateMs: 100 } : 'deliver') },
      });
      const results = [];
      for (let i = 0; i < 3; i++) results.push(await trial.succeed({ word: `of ${i}`, ms: 200 }));
      await trial.recover();
      await trial.shutdown();
      for (const [i, { requestId }] of results.entries()) {
        const right = trial.loki.stored.filter(
          ({ line, labels, metadata }) =>
            line.includes(`of ${i} `) && (labels.request_id ?? metadata.request_id) === requestId,
        ).length;
        trial.expect(right === 10, `${right} of 10 lines of invocation ${i} have its id`);
      }
    },
  },
  {
    name: 'SnapStart, offset',
    story:
      'the nanoseconds of lines before the snapshot and after the restore begin at offsets of their own, as clones must',
    async run(trial) {
      const runtime = scriptedRuntime(workOf, { init: (io) => io.write(`${lineOf(0, 'of Init')}\n`) });
      const environment = await trial.environmentOf({ mode: 'snap-start', runtime });
      await environment.idle(200);
      await trial.succeed({ lines: 1, word: 'restored' });
      await trial.recover();
      await trial.shutdown();
      // What begins a millisecond has the offset as it is; others of the millisecond come right after it.
      const offsets = (pattern: RegExp): number[] =>
        trial.loki.stored.filter(({ line }) => pattern.test(line)).map(({ timestamp }) => Number(timestamp.slice(-6)));
      const near = offsets(/^RESTORE_START|restored/).some((after) =>
        offsets(/^INIT_START|of Init/).some((before) => Math.abs(after - before) < 50),
      );
      trial.expect(
        !near,
        `offsets before ${offsets(/^INIT_START|of Init/).join(', ')}, after ${offsets(/^RESTORE_START|restored/).join(', ')}`,
      );
    },
  },
  {
    name: 'storm of full batches',
    heavy: true,
    story: '429 with Retry-After: 60 while an invocation writes 60 000 lines in 5 s',
    unavoidable: "the buffer's bound by lines in an outage; the loss is counted and told",
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 20_000 });
      await trial.succeed();
      await trial.away(answers.ingestionRate(60));
      const before = trial.loki.pushes.length;
      await trial.succeed({ lines: 60_000, ms: 5000, pieces: 100 });
      const tries = trial.loki.pushes.length - before;
      trial.expect(tries <= 15, `${tries} tries in five seconds for which Loki has asked not to be asked`);
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'nothing in flight at the freeze',
    story: 'five invocations whose end is not told, so that the extension works up to the deadline; then it is frozen',
    heldToDeadline: true,
    async run(trial) {
      await trial.environmentOf({
        lifecycle: { freezeDelayMs: 10 },
        telemetry: { fate: ofFirst(5, ({ type }) => (type === 'platform.runtimeDone' ? 'lose' : 'deliver')) },
      });
      trial.loki.latencyMs = Math.max(300, trial.condition.latencyMs);
      let inFlight = 0;
      for (let i = 0; i < 5; i++) {
        await trial.succeed({}, { timeoutMs: 1500 });
        // The end of a connection that was closed before the freeze is as long on its way to Loki as a push is.
        await sleep(50 + (trial.condition.tlsWayMs ?? 0));
        inFlight += trial.loki.pushes.filter(({ state }) => state === 'receiving' || state === 'received').length;
      }
      trial.expect(
        inFlight === 0 || waitsForNothing(),
        `${inFlight} pushes were in flight when the environment was frozen`,
      );
      trial.loki.latencyMs = trial.condition.latencyMs;
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'wide characters',
    heavy: true,
    story: 'lines of 10 kB that begin with an emoji, in an outage, with the default bounds',
    unavoidable: 'the bounds on memory; the loss is counted and told',
    async run(trial) {
      await trial.environmentOf({ timeoutMs: 20_000 });
      await trial.away('refused');
      await trial.succeed({ lines: 4000, bytes: 10_000, word: '🙂', ms: 500, pieces: 10 });
      const { peakKib } = trial.figures();
      trial.expect(peakKib < 34 * 1024, `peak memory ${(peakKib / 1024).toFixed(1)} MiB for a bound of 16 MiB`);
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'memory of a long life',
    story: '5 000 invocations of 10 lines in one environment, Loki being well',
    long: true,
    async run(trial) {
      const environment = await trial.environmentOf();
      trial.loki.latencyMs = 0;
      let early = 0;
      for (let i = 1; i <= 5000; i++) {
        await trial.succeed();
        if (i === 500) early = residentMemory(environment.pid('lambdawatch')!);
      }
      const late = residentMemory(environment.pid('lambdawatch')!);
      trial.expect(
        late <= 4.5 * MIB,
        `resident ${(early / MIB).toFixed(1)} MiB after 500 invocations, ${(late / MIB).toFixed(1)} MiB after 5 000`,
      );
      await trial.shutdown();
    },
  },
  {
    name: 'memory after outages',
    story: 'three outages of 200 invocations of 10 lines: the memory that they took goes back to the system',
    async run(trial) {
      if (trial.condition.name !== '0.04 s') return;
      const environment = await trial.environmentOf();
      const resident = () => residentMemory(environment.pid('lambdawatch')!) / MIB;
      for (let i = 0; i < 40; i++) await trial.succeed();
      const course = [resident()];
      for (let outage = 0; outage < 3; outage++) {
        await trial.away('refused');
        for (let i = 0; i < 200; i++) await trial.succeed();
        course.push(resident());
        await trial.recover();
        for (let i = 0; i < 40; i++) await trial.succeed();
        course.push(resident());
      }
      await trial.shutdown();
      const said = course.map((mib) => mib.toFixed(2)).join(', ');
      const [before, , first, , , , third] = course;
      trial.expect(
        third <= 1.2 * mostGrowth() * before && third <= mostGrowth() * first,
        `resident before, in and after each outage: ${said} MiB`,
      );
    },
  },
  {
    name: 'bad certificate in a bundle',
    story: 'LOKI_CA_CERT names a file in which a broken certificate stands before the good one',
    async run(trial) {
      if (trial.condition.tlsWayMs === undefined) return;
      const broken = `-----BEGIN CERTIFICATE-----\n${Buffer.from('no certificate at all').toString('base64')}\n-----END CERTIFICATE-----\n`;
      writeFileSync(trial.caFile, broken + trial.caPem);
      await trial.environmentOf();
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
      trial.expectSaid(/LOKI_CA_CERT/, 1);
    },
  },
  {
    name: 'idle connections to the listener',
    story:
      '36 connections from inside the environment keep the telemetry listener busy with nothing, half of them with half a request',
    async run(trial) {
      const port = await freePort();
      await trial.environmentOf({
        environment: { LOKI_TELEMETRY_PORT: String(port) },
        telemetry: { connection: 'new' },
      });
      await trial.succeed();
      const sockets: Socket[] = [];
      const invoked = trial.succeed({ ms: 300 });
      for (let i = 0; i < 36; i++) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        if (i % 2 === 0) socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[');
        sockets.push(socket);
      }
      const { extensionOverheadMs } = await invoked;
      trial.expect(extensionOverheadMs < 1500 + 2 * trial.healthyMs, `held ${Math.round(extensionOverheadMs)} ms`);
      for (const socket of sockets) socket.destroy();
      await trial.recover();
      await trial.shutdown();
    },
  },
]);
