import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LifecycleEvent } from '../../../extension/lambda/events';
import { ID_1, ID_2 } from '../support/builders';
import { FakeEnvironment } from '../support/environment';

/** An environment whose first invocation's function is running, 100 ms since. */
async function running(
  options: ConstructorParameters<typeof FakeEnvironment>[0] & { timeoutMs?: number } = {},
): Promise<FakeEnvironment> {
  const environment = new FakeEnvironment(options);
  environment.loki(204);
  await environment.invoke(ID_1, options.timeoutMs);
  await environment.start(ID_1);
  await environment.platform.advance(100);
  return environment;
}

/** The environment has seen one invocation fail against a Loki that hangs. */
async function inOutage(options: ConstructorParameters<typeof FakeEnvironment>[0] = {}): Promise<FakeEnvironment> {
  const environment = await running(options);
  environment.lokiHangs();
  await environment.platform.advance(3000);
  await environment.log('kept');
  await environment.done(ID_1);
  assert.equal(await environment.untilNext(), 4000);
  await environment.report(ID_1);
  assert.ok(environment.delivery.outage);
  return environment;
}

const START_1 = `START RequestId: ${ID_1} Version: 7`;
const END_1 = `END RequestId: ${ID_1}`;

describe('a push that a freeze has cut', () => {
  /** A push of the time between invocations is in flight, on a connection that is gone after the freeze. */
  async function frozen(): Promise<FakeEnvironment> {
    const environment = await running();
    await environment.done(ID_1);
    await environment.untilNext();
    environment.lokiHangs();
    await environment.log('between invocations');
    while (environment.platform.inFlight === 0) await environment.platform.advance(100);
    // Shorter than its timeout, which would notice by itself.
    await environment.platform.advance(2000);
    environment.loki(204);
    return environment;
  }

  for (const [when, thaw] of [
    ['with the next invocation', (environment: FakeEnvironment) => environment.invoke(ID_2)],
    ['at SHUTDOWN', (environment: FakeEnvironment) => environment.shutdown()],
  ] as const) {
    test(`is sent again at once, on a fresh connection: ${when}`, async () => {
      const environment = await frozen();
      const before = environment.platform.sent.length;
      await thaw(environment);
      assert.equal(environment.platform.sent.length, before + 1);
      const { request } = environment.platform.sent[before];
      assert.equal(request.maxIdleMs, 0);
      assert.equal(request.body, environment.platform.sent[before - 1].request.body);
      await environment.platform.advance(20);
      assert.ok(environment.lines.includes('between invocations'));
    });
  }
});

describe('the end of an invocation', () => {
  test('next is called when all lines up to runtimeDone are in Loki: one round trip later, nothing in flight', async () => {
    const environment = await running();
    await environment.log('hello', 'world');
    await environment.done(ID_1);
    assert.equal(await environment.untilNext(), 20);
    assert.deepEqual(environment.lines, [START_1, 'hello', 'world', END_1]);
    assert.ok(environment.stored.every(({ requestId }) => requestId === ID_1));
    assert.deepEqual(
      environment.nextCalls.map(({ inFlight }) => inFlight),
      [0, 0],
    );
    assert.deepEqual(environment.platform.stderrLines, []);
  });

  test('next is not called before runtimeDone, however quiet the function is', async () => {
    const environment = await running();
    await environment.platform.advance(20_000);
    assert.ok(!environment.waits);
  });

  test('runtimeDone before INVOKE was seen: no wait at all', async () => {
    const environment = new FakeEnvironment();
    environment.loki(204);
    await environment.start(ID_1);
    await environment.log('quick');
    await environment.done(ID_1);
    await environment.invoke(ID_1);
    assert.equal(await environment.untilNext(), 20);
    assert.deepEqual(environment.lines, [START_1, 'quick', END_1]);
  });

  test('runtimeDone of another invocation does not end this one', async () => {
    const environment = await running();
    await environment.done(ID_2);
    await environment.platform.advance(1000);
    assert.ok(!environment.waits);
    await environment.done(ID_1);
    assert.equal(await environment.untilNext(), 20);
  });

  for (const [timeoutMs, margin] of [
    [30_000, 500],
    [3000, 300],
    [1000, 100],
  ]) {
    test(`runtimeDone never comes: with ${timeoutMs} ms for the function, next is called before its deadline, with what there was in Loki`, async () => {
      const environment = await running({ timeoutMs });
      await environment.log('last words');
      const held = 100 + (await environment.untilNext());
      assert.ok(held <= timeoutMs - margin / 2, `held for ${held} ms`);
      assert.ok(held >= timeoutMs - margin - 100, `gave up after ${held} ms already`);
      assert.ok(environment.lines.includes('last words'));
      assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
    });
  }

  test('runtimeDone never comes and Loki hangs: next is called before the deadline all the same', async () => {
    const environment = await running({ timeoutMs: 3000 });
    environment.lokiHangs();
    await environment.log('kept');
    const held = 100 + (await environment.untilNext());
    assert.ok(held < 3000, `held for ${held} ms`);
    assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
    assert.ok(environment.buffer.lines > 0);
  });

  test('a late runtimeDone leaves the next invocation as it should be', async () => {
    const environment = await running({ timeoutMs: 1000 });
    await environment.untilNext();
    await environment.done(ID_1);
    await environment.invoke(ID_2);
    await environment.start(ID_2);
    await environment.log('second');
    await environment.platform.advance(5000);
    assert.ok(!environment.waits);
    await environment.done(ID_2);
    await environment.untilNext(100);
    assert.equal(environment.stored.find(({ line }) => line === 'second')?.requestId, ID_2);
  });

  test('an event of unknown type is answered with the next call', async () => {
    const environment = new FakeEnvironment();
    await environment.event({ eventType: 'UNKNOWN' });
    assert.ok(environment.waits);
  });
});

describe('the time taken from the function', () => {
  test('is at most LOKI_FLUSH_TIMEOUT_MS, from the moment at which the function was done', async () => {
    for (const [env, most] of [
      [{}, 4000],
      [{ LOKI_FLUSH_TIMEOUT_MS: '250' }, 250],
    ] as const) {
      const environment = await running({ env });
      environment.lokiHangs();
      await environment.log('kept');
      await environment.done(ID_1);
      assert.equal(await environment.untilNext(), most);
      assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
      assert.equal(environment.buffer.lines, 3);
    }
  });

  test('counts what passed before runtimeDone arrived', async () => {
    const environment = await running();
    environment.lokiHangs();
    const time = environment.platform.now();
    await environment.log('kept');
    await environment.platform.advance(600);
    // The event is 600 ms old when it is delivered.
    await environment.telemetryOf(time, ['platform.runtimeDone', { requestId: ID_1, status: 'success' }]);
    assert.equal(await environment.untilNext(), 3400);
  });

  test('ends before the deadline of the function', async () => {
    const environment = await running({ timeoutMs: 2000 });
    environment.lokiHangs();
    await environment.log('kept');
    await environment.done(ID_1);
    const held = 100 + (await environment.untilNext());
    assert.ok(held <= 1900, `held until ${held} of 2000 ms`);
  });

  test('is nothing when there is nothing to deliver', async () => {
    const environment = await running({ env: { LOKI_LOG_TYPES: 'function' } });
    await environment.done(ID_1);
    assert.equal(await environment.untilNext(), 0);
    assert.equal(environment.platform.sent.length, 0);
  });
});

describe('an outage', () => {
  test('a hanging Loki costs a later invocation 500 ms at most', async () => {
    const environment = await inOutage();
    for (let i = 0; i < 3; i++) {
      await environment.invoke(ID_2);
      await environment.start(ID_2);
      await environment.platform.advance(200);
      await environment.done(ID_2);
      assert.ok((await environment.untilNext()) <= 500);
      assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
    }
  });

  test('costs nothing when Loki was seen to fail while the function ran', async () => {
    const environment = await inOutage();
    const sent = environment.platform.sent.length;
    environment.loki(503);
    await environment.platform.freeze(20_000);
    await environment.invoke(ID_2);
    await environment.platform.advance(60);
    assert.equal(environment.platform.sent.length, sent + 1, 'tried while the function runs');
    await environment.done(ID_2);
    assert.equal(await environment.untilNext(), 0);
    assert.equal(environment.platform.sent.length, sent + 1);
  });

  test('all that was kept arrives with the first invocation after it, oldest first and with its own request id', async () => {
    const environment = await inOutage();
    environment.loki(204);
    await environment.invoke(ID_2);
    await environment.start(ID_2);
    await environment.platform.advance(200);
    await environment.log('new');
    await environment.done(ID_2);
    await environment.untilNext(200);
    const { lines } = environment;
    assert.deepEqual(
      [...lines].sort(),
      [
        START_1,
        'kept',
        END_1,
        `REPORT RequestId: ${ID_1}\tDuration: 1.00 ms`,
        `START RequestId: ${ID_2} Version: 7`,
        'new',
        `END RequestId: ${ID_2}`,
      ].sort(),
    );
    assert.ok(lines.indexOf('kept') < lines.indexOf('new'));
    assert.equal(environment.stored.find(({ line }) => line === 'kept')?.requestId, ID_1);
    assert.ok(environment.buffer.isEmpty);
    assert.ok(!environment.delivery.outage);
  });

  test('what was dropped is told in Loki as well, once, when it takes lines again', async () => {
    const environment = await inOutage({ env: { LOKI_BUFFER_SIZE: '5' } });
    await environment.invoke(ID_2);
    await environment.log(...Array.from({ length: 9 }, (_, i) => `text ${i}`));
    environment.loki(204);
    await environment.platform.advance(15_000);
    await environment.done(ID_2);
    await environment.untilNext();
    const told = environment.lines.filter((line) => line.startsWith('LambdaWatch: '));
    assert.equal(told.length, 1, environment.lines.join('\n'));
    const [, dropped] = /^LambdaWatch: dropped (\d+) of the oldest lines \(\d+ bytes\)/.exec(told[0])!;
    // "kept" and what stands for START, END and REPORT of the first invocation; nine lines and END of the second.
    const written = 4 + 10;
    const stored = environment.lines.filter((line) => !line.startsWith('LambdaWatch: '));
    assert.equal(stored.length + Number(dropped), written, environment.lines.join('\n'));
    assert.ok(Number(dropped) >= 4, told[0]);
  });

  test('dropped lines are counted and told on stderr', async () => {
    const environment = await running({ env: { BUFFER_SIZE: '10' } });
    environment.loki(503);
    await environment.platform.advance(5000);
    await environment.log(...Array.from({ length: 30 }, (_, i) => `line ${i}`));
    await environment.platform.advance(5000);
    await environment.done(ID_1);
    await environment.untilNext();
    assert.equal(environment.buffer.lines, 10);
    // START, 30 lines and END are 32.
    assert.match(environment.platform.stderrLines.join('\n'), /dropped 22 of the oldest lines/);
  });
});

describe('intervals', () => {
  const pushesAt = async (environment: FakeEnvironment, times: number): Promise<number[]> => {
    const begin = environment.platform.monotonic();
    const from = environment.platform.sent.length;
    for (let i = 0; i < times; i++) {
      await environment.log(`line ${i}`);
      await environment.platform.advance(500);
    }
    return environment.platform.sent.slice(from).map(({ at }) => at - begin);
  };

  test('ACTIVE: at each LOKI_FLUSH_INTERVAL_MS', async () => {
    const environment = new FakeEnvironment({ env: { LOKI_FLUSH_INTERVAL_MS: '700', LOKI_LOG_TYPES: 'function' } });
    environment.loki(204);
    await environment.invoke(ID_1);
    assert.deepEqual(await pushesAt(environment, 8), [700, 1400, 2100, 2800, 3500]);
  });

  test('IDLE: LOKI_IDLE_FLUSH_MULTIPLIER times longer, before the first invocation and between invocations', async () => {
    const environment = new FakeEnvironment({
      env: { LOKI_FLUSH_INTERVAL_MS: '700', LOKI_IDLE_FLUSH_MULTIPLIER: '4', LOKI_LOG_TYPES: 'function' },
    });
    environment.loki(204);
    assert.deepEqual(await pushesAt(environment, 12), [2800, 5600]);
    await environment.invoke(ID_1);
    await environment.done(ID_1);
    await environment.untilNext();
    assert.deepEqual(await pushesAt(environment, 12), [2800, 5600]);
  });

  test('a full batch goes at once', async () => {
    const environment = new FakeEnvironment({ env: { LOKI_BATCH_SIZE: '2' } });
    environment.loki(204);
    await environment.invoke(ID_1);
    await environment.log('1', '2', '3');
    await environment.platform.advance(20);
    assert.deepEqual(environment.lines, ['1', '2']);
  });

  test('nothing is sent when there is nothing to send', async () => {
    const environment = new FakeEnvironment();
    await environment.invoke(ID_1);
    await environment.platform.advance(25_000);
    assert.equal(environment.platform.sent.length, 0);
  });
});

describe('SHUTDOWN', () => {
  async function idle(): Promise<FakeEnvironment> {
    const environment = await running();
    await environment.done(ID_1);
    await environment.untilNext();
    await environment.platform.freeze(300_000);
    return environment;
  }

  test('waits for the last REPORT, ships it, and ends', async () => {
    const environment = await idle();
    await environment.shutdown();
    await environment.platform.advance(40);
    assert.ok(!environment.hasEnded);
    await environment.report(ID_1);
    const before = environment.platform.monotonic();
    await environment.platform.until(environment.ended);
    assert.equal(environment.platform.monotonic() - before <= 300, true);
    assert.equal(environment.lines.at(-1), `REPORT RequestId: ${ID_1}\tDuration: 1.00 ms`);
    assert.ok(environment.receiverClosed);
  });

  test('with LOKI_LOG_LEVEL=info it tells how much was sent, and with which settings; otherwise it tells nothing', async () => {
    for (const level of ['warn', 'info'] as const) {
      const environment = await running({ env: { LOKI_BATCH_SIZE: '50', LOKI_LOG_LEVEL: level } });
      environment.diagnostics.level = level;
      await environment.log('one', 'two');
      await environment.done(ID_1);
      await environment.untilNext();
      await environment.report(ID_1);
      await environment.shutdown();
      await environment.platform.until(environment.ended);
      const told =
        `[lambdawatch] info: the environment ends: Loki has stored ${environment.lines.length} lines ` +
        `in ${environment.platform.sent.length} pushes; settings: LOKI_BATCH_SIZE=50 LOKI_ENABLE_GZIP=false LOKI_LOG_LEVEL=info`;
      assert.deepEqual(environment.platform.stderrLines, level === 'info' ? [told] : []);
    }
  });

  test('a REPORT that never comes is waited for as long as there is time to push it, but not to the end', async () => {
    const environment = await idle();
    const before = environment.platform.monotonic();
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    const took = environment.platform.monotonic() - before;
    assert.equal(took > 900 && took < 1200, true, `took ${took} ms`);
  });

  test('telemetry that comes with SHUTDOWN although no REPORT is missing is shipped', async () => {
    const environment = await idle();
    await environment.report(ID_1);
    await environment.shutdown();
    await environment.platform.advance(20);
    await environment.log('the very last');
    await environment.platform.until(environment.ended);
    assert.equal(environment.lines.at(-1), 'the very last');
  });

  test('what a SIGTERM handler logs is waited for at a spin-down, for 300 ms', async () => {
    const environment = await idle();
    await environment.report(ID_1);
    await environment.shutdown();
    await environment.platform.advance(280);
    await environment.log('good bye');
    await environment.platform.until(environment.ended);
    assert.equal(environment.lines.at(-1), 'good bye');
  });

  for (const reason of ['timeout', 'failure']) {
    test(`after a ${reason}, where the next invocation waits, it takes half as long`, async () => {
      const environment = await idle();
      await environment.report(ID_1);
      const before = environment.platform.monotonic();
      await environment.shutdown(reason);
      await environment.platform.until(environment.ended);
      const took = environment.platform.monotonic() - before;
      assert.equal(took <= 160, true, `took ${took} ms`);
    });
  }

  test('what an outage left is drained, with retries', async () => {
    const environment = await inOutage();
    let answers = 0;
    environment.loki(204);
    const good = environment.platform.onRequest;
    environment.platform.onRequest = (request, index) => (answers++ < 2 ? { status: 503 } : good(request, index));
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.ok(environment.buffer.isEmpty);
    assert.ok(environment.lines.includes('kept'));
  });

  for (const [name, reason, perhaps] of [
    ['hangs', 'spindown', true],
    ['hangs', 'timeout', true],
    ['refuses connections', 'failure', false],
    ['answers 503', 'spindown', false],
    ['answers late', 'spindown', true],
  ] as const) {
    test(`ends before its deadline although Loki ${name} (${reason}), and says what is lost`, async () => {
      const environment = await running();
      await environment.platform.advance(5000);
      if (name === 'hangs') environment.lokiHangs();
      else if (name === 'answers 503') environment.loki(503);
      else if (name === 'answers late') environment.loki(503, 1500);
      else environment.platform.onRequest = () => ({ error: 'ECONNREFUSED' });
      await environment.log(...Array.from({ length: 1000 }, (_, i) => `line ${i}`));
      await environment.done(ID_1);
      await environment.untilNext();
      const before = environment.platform.monotonic();
      await environment.shutdown(reason);
      await environment.platform.until(environment.ended);
      const took = environment.platform.monotonic() - before;
      assert.ok(took <= 1900, `took ${took} of 2000 ms`);
      assert.equal(environment.platform.inFlight, 0);
      assert.match(
        environment.platform.stderrLines.join('\n'),
        perhaps
          ? /ends with \d+ lines that Loki did not take; they are lost, but for what Loki has of the \d+ whose push was not/
          : /ends with \d+ lines that Loki did not take; they are lost$/m,
      );
    });
  }

  test('ends before its deadline although Loki hangs, the buffer is full and telemetry still comes in', async () => {
    const environment = new FakeEnvironment({ env: { BUFFER_SIZE: '10', LOKI_BATCH_SIZE: '1' } });
    environment.lokiHangs();
    const before = environment.platform.monotonic();
    await environment.shutdown();
    await environment.log(...Array.from({ length: 200 }, (_, i) => `line ${i}`));
    await environment.platform.advance(1500);
    await environment.log(...Array.from({ length: 200 }, (_, i) => `line ${i}`));
    await environment.platform.until(environment.ended);
    const took = environment.platform.monotonic() - before;
    assert.ok(took <= 1900, `took ${took} of 2000 ms`);
  });

  test('a deadline that is past already: ends at once', async () => {
    const environment = await idle();
    environment.lokiHangs();
    await environment.log('x');
    const before = environment.platform.monotonic();
    await environment.shutdown('timeout', -100);
    await environment.platform.until(environment.ended);
    assert.ok(environment.platform.monotonic() - before <= 10);
  });

  test('20 000 lines that wait are out before the deadline at 20 ms per push', async () => {
    const environment = new FakeEnvironment({ env: { BUFFER_SIZE: '30000' } });
    environment.loki(503);
    await environment.platform.advance(5000);
    await environment.log(...Array.from({ length: 20_000 }, (_, i) => `line ${i}`));
    await environment.platform.advance(5000);
    environment.loki(204);
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.equal(new Set(environment.lines).size, 20_000);
  });
});

describe('Managed Instances: SHUTDOWN alone is announced', () => {
  test('flushes at the interval as long as it lives, and drains at the end', async () => {
    const environment = new FakeEnvironment({ invokeEvents: false, env: { LOKI_FLUSH_INTERVAL_MS: '1000' } });
    environment.loki(204);
    for (let i = 0; i < 3; i++) {
      await environment.start(i % 2 ? ID_1 : ID_2);
      await environment.log(`text ${i}`);
      await environment.platform.advance(1000);
    }
    await environment.platform.advance(20);
    assert.deepEqual(
      environment.stored.filter(({ line }) => line.startsWith('text')).map(({ line, requestId }) => [line, requestId]),
      [
        ['text 0', undefined],
        ['text 1', undefined],
        ['text 2', undefined],
      ],
    );
    await environment.log('last');
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.equal(environment.lines.at(-1), 'last');
    assert.equal(environment.nextCalls.length, 1);
  });

  test('what is dropped in an outage is told within a minute, as no invocation ends', async () => {
    const environment = new FakeEnvironment({ invokeEvents: false, env: { BUFFER_SIZE: '5' } });
    environment.loki(500);
    for (let i = 0; i < 9; i++) {
      await environment.log(`text ${i}`);
      await environment.platform.advance(5000);
    }
    const told = (): string[] =>
      environment.platform.stderrLines.filter((line) => line.includes('dropped 4 of the oldest lines'));
    assert.deepEqual(told(), []);
    await environment.platform.advance(15_000);
    assert.equal(told().length, 1);
    await environment.platform.advance(120_000);
    assert.equal(told().length, 1, 'once');
  });
});

describe('a fault of our own', () => {
  test('in an invocation is told, and next is called all the same', async () => {
    const environment = await running();
    environment.delivery.flush = () => Promise.reject(new Error('boom'));
    await environment.done(ID_1);
    await environment.untilNext(10);
    assert.match(environment.platform.stderrLines.join('\n'), /INVOKE could not be handled: boom/);
    await environment.invoke(ID_2);
    await environment.done(ID_2);
    await environment.untilNext(10);
    assert.equal(environment.platform.stderrLines.length, 1, 'once');
  });

  test('at the very beginning of an invocation too', async () => {
    const environment = new FakeEnvironment();
    await environment.event({ eventType: 'INVOKE', deadlineMs: Number.NaN, requestId: ID_1 } as LifecycleEvent);
    await environment.done(ID_1);
    await environment.untilNext(5000);
  });

  test('at SHUTDOWN is told, and the process ends', async () => {
    const environment = new FakeEnvironment();
    environment.delivery.flush = () => Promise.reject(new Error('boom'));
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.match(environment.platform.stderrLines.join('\n'), /SHUTDOWN could not be handled: boom/);
  });
});

describe('an Init after which the environment is frozen', () => {
  test("is kept open until its lines are in Loki: up to the end of the runtime's Init, and no longer than a flush may take", async () => {
    const environment = new FakeEnvironment({ frozenAfterInit: true });
    environment.loki(204, 100);
    await environment.telemetry(['platform.initStart', {}], ['function', 'loading']);
    await environment.platform.advance(5000);
    assert.equal(environment.waits, false);
    await environment.telemetry(['function', 'ready'], ['platform.initRuntimeDone', { status: 'success' }]);
    assert.equal(await environment.untilNext(), 100);
    assert.deepEqual(environment.lines, ['INIT_START Runtime Version: unknown', 'loading', 'ready']);
  });

  test('does not last for ever without news of the runtime, nor with a Loki that hangs', async () => {
    const silent = new FakeEnvironment({ frozenAfterInit: true });
    assert.equal(await silent.untilNext(), 10_000);
    const hanging = new FakeEnvironment({ frozenAfterInit: true });
    hanging.lokiHangs();
    await hanging.telemetry(['function', 'ready'], ['platform.initRuntimeDone', { status: 'success' }]);
    assert.equal(await hanging.untilNext(), 4000);
  });
});

describe('an end that resets the environment', () => {
  for (const [status, held] of [
    ['error', 500],
    ['timeout', 500],
    ['success', 4000],
  ] as const) {
    test(`${status}: with a Loki that hangs, the environment is held for ${held} ms`, async () => {
      const environment = await running();
      environment.lokiHangs();
      await environment.log('kept');
      await environment.done(ID_1, status);
      assert.equal(await environment.untilNext(), held);
    });
  }
});

describe('a burst that is more than the buffer holds', () => {
  const burst = async (environment: FakeEnvironment, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1000)
      void environment.log(...Array.from({ length: 1000 }, (_, n) => `line ${i + n}`));
    await environment.done(ID_1);
  };

  test('holds a function for LOKI_FLUSH_TIMEOUT_MS at most, and loses nothing while Loki takes lines', async () => {
    const environment = await running();
    environment.loki(204, 500);
    const before = environment.platform.monotonic();
    await burst(environment, 30_000);
    await environment.untilNext();
    const held = environment.platform.monotonic() - before;
    assert.equal(held <= 4100, true, `held for ${held} ms`);
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.equal(new Set(environment.lines.filter((line) => line.startsWith('line'))).size, 30_000);
    assert.deepEqual(
      environment.platform.stderrLines.filter((line) => line.includes('dropped')),
      [],
    );
  });

  for (const status of [429, 500, 503]) {
    test(`loses nothing while Loki answers one push in five with ${status}`, async () => {
      const environment = await running();
      environment.loki(204, 40);
      const stores = environment.platform.onRequest;
      environment.platform.onRequest = (request, index) =>
        index % 5 === 3 ? { status, afterMs: 40 } : stores(request, index);
      await burst(environment, 30_000);
      const held = await environment.untilNext();
      assert.equal(held <= 4100, true, `held for ${held} ms`);
      for (let i = 0; environment.buffer.lines > 0 && i < 10; i++) await environment.platform.advance(3000);
      assert.equal(new Set(environment.lines.filter((line) => line.startsWith('line'))).size, 30_000);
      assert.deepEqual(
        environment.platform.stderrLines.filter((line) => line.includes('dropped')),
        [],
      );
    });
  }

  for (const [name, fail] of [
    ['refuses', { error: 'ECONNREFUSED' }],
    ['answers 503', { status: 503 }],
  ] as const) {
    test(`is dropped, counted, where Loki ${name}, and holds no longer than that`, async () => {
      const environment = await running();
      environment.platform.onRequest = () => fail;
      const before = environment.platform.monotonic();
      await burst(environment, 30_000);
      await environment.untilNext();
      const held = environment.platform.monotonic() - before;
      assert.equal(held <= 4100, true, `held for ${held} ms`);
      assert.equal(environment.buffer.lines, 10_000);
      assert.match(environment.platform.stderrLines.join('\n'), /dropped 20002 of the oldest lines/);
    });
  }
});

test('a burst while Loki begins to hang is kept up to the bound of memory, and held no longer than any other', async () => {
  const environment = await running();
  environment.lokiHangs();
  const before = environment.platform.monotonic();
  for (let i = 0; i < 30; i++) void environment.log(...Array.from({ length: 1000 }, (_, n) => `line ${1000 * i + n}`));
  await environment.done(ID_1);
  await environment.untilNext();
  const held = environment.platform.monotonic() - before;
  assert.equal(held <= 4100, true, `held for ${held} ms`);
  assert.equal(environment.buffer.lines, 30_002);
});

test('at SHUTDOWN what the function says while it is ended is waited for, and pushed as it comes', async () => {
  const environment = await running();
  await environment.done(ID_1);
  await environment.untilNext();
  await environment.report(ID_1);
  environment.loki(204, 1600);
  await environment.shutdown();
  await environment.platform.advance(100);
  await environment.log('the function has had SIGTERM');
  await environment.platform.until(environment.ended);
  assert.equal(environment.lines.includes('the function has had SIGTERM'), true);
});

test('a time-out: the last lines, the message and REPORT come after SHUTDOWN, and are waited for', async () => {
  const environment = await running({ timeoutMs: 1000 });
  await environment.log('before');
  await environment.untilNext();
  await environment.shutdown('timeout');
  await environment.platform.advance(400);
  await environment.log('the very last');
  await environment.done(ID_1, 'timeout');
  await environment.platform.advance(200);
  await environment.report(ID_1);
  await environment.platform.until(environment.ended);
  assert.match(environment.lines.join('\n'), /the very last\n.*Task timed out[^]*REPORT/);
});

test('a Loki far away that asks for a pause holds one invocation, not each', async () => {
  const environment = await running({ timeoutMs: 60_000 });
  environment.loki(204, 2500);
  await environment.log('well');
  await environment.done(ID_1);
  await environment.untilNext();
  environment.platform.onRequest = () => ({ status: 429, headers: { 'retry-after': '2' }, afterMs: 2500 });
  const held: number[] = [];
  for (let i = 0; i < 3; i++) {
    const id = `00000000-0000-4000-8000-00000000000${i}`;
    await environment.invoke(id, 60_000);
    await environment.start(id);
    await environment.platform.advance(10);
    await environment.done(id);
    held.push(await environment.untilNext());
  }
  assert.deepEqual(held, [2500, 0, 0]);
});
