import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ID_1, pushOf } from '../../support/builders';
import { FakeEnvironment } from '../../support/environment';
import type { Answer } from '../../support/fake-platform';

const idOf = (n: number): string => `${String(n).padStart(8, '0')}-1111-4111-8111-111111111111`;

/** One invocation of 10 ms, and how long it is held. */
async function invoke(
  environment: FakeEnvironment,
  n: number,
  line = `line ${n}`,
  status = 'success',
): Promise<number> {
  const { platform } = environment;
  await environment.invoke(idOf(n));
  await environment.start(idOf(n));
  await environment.log(line);
  await platform.advance(10);
  await environment.done(idOf(n), status);
  return environment.untilNext();
}

/** The environment is frozen, and what is late comes with the thaw. */
async function freeze(environment: FakeEnvironment, ms: number): Promise<void> {
  await environment.platform.freeze(ms);
}

function environmentOf(strategy: string, env: Record<string, string> = {}): FakeEnvironment {
  const environment = new FakeEnvironment({ env: { LOKI_FLUSH_STRATEGY: strategy, ...env } });
  environment.loki(204, 200);
  return environment;
}

/** Loki stores what it answers with 204, and plays these answers to the pushes from the second on, then 204 again. */
function answers(environment: FakeEnvironment, ...list: Answer[]): void {
  const from = environment.platform.sent.length;
  environment.loki(204, 200);
  const well = environment.platform.onRequest;
  environment.platform.onRequest = (request, index) => {
    const answer = list[index - from];
    if (answer === undefined) return well(request, index);
    // It is stored, whatever becomes of the answer.
    if (!('status' in answer) || answer.status < 300) {
      const { stream, values } = pushOf(request);
      for (const [, line, metadata] of values) {
        const requestId = stream.request_id ?? metadata?.request_id;
        environment.stored.push({ line, requestId, at: environment.platform.monotonic() });
      }
    }
    return answer;
  };
}

describe('handoff', () => {
  test('holds the environment until the last byte has arrived, whatever Loki takes; the first time for its answer', async () => {
    const environment = environmentOf('handoff');
    assert.equal(await invoke(environment, 1), 200);
    for (let n = 2; n <= 5; n++) {
      await freeze(environment, 5000);
      assert.equal(await invoke(environment, n), 1);
      assert.equal(environment.nextCalls.at(-1)!.inFlight, 1, 'one push is unanswered');
    }
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.equal(environment.platform.sent.length, 5, 'a push an invocation');
    assert.equal(new Set(environment.lines).size, environment.lines.length, 'nothing was sent twice');
    assert.equal(environment.buffer.lines, 0);
  });

  test('lines stay in the buffer until the answer has been read', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    await invoke(environment, 2);
    assert.ok(environment.buffer.lines > 0);
    await freeze(environment, 60_000);
    await environment.invoke(idOf(3));
    await environment.platform.advance(10);
    assert.equal(environment.buffer.lines, 0);
  });

  test('an answer that has not come by the end of the next invocation is waited for, and that one is handed off', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    assert.equal(await invoke(environment, 2), 1);
    // 11 ms of the 200 have passed when its function is done.
    assert.equal(await invoke(environment, 3), 190);
    assert.equal(environment.platform.mostInFlight, 1);
  });

  for (const [name, answer, again] of [
    ['silence', { hangs: true }, true],
    ['a reset', { error: 'ECONNRESET', reused: true, afterMs: 50 }, true],
    ['429', { status: 429, afterMs: 50 }, true],
    ['500', { status: 500, afterMs: 50 }, true],
    ['413', { status: 413, afterMs: 50 }, true],
    ['400', { status: 400, body: 'no', afterMs: 50 }, false],
  ] as readonly [string, Answer, boolean][]) {
    test(`${name} after the freeze: ${again ? 'sent again beside the function' : 'counted, and not sent again'}; the next one waits for its answer`, async () => {
      const environment = environmentOf('handoff');
      await invoke(environment, 1);
      answers(environment, answer);
      assert.equal(await invoke(environment, 2), 1);
      await freeze(environment, 60_000);
      await environment.invoke(idOf(3));
      await environment.start(idOf(3));
      await environment.platform.advance(3000);
      assert.equal(environment.lines.includes('line 2'), again);
      if (!again) assert.match(environment.platform.stderrLines.join('\n'), /Loki refused 3 lines/);
      await environment.log('line 3');
      await environment.done(idOf(3));
      // Meanwhile the interval's push was stored: without it this flush would wait.
      await environment.untilNext();
      await environment.shutdown();
      await environment.platform.until(environment.ended);
      assert.ok(environment.lines.includes('line 3'));
      assert.equal(environment.buffer.lines, 0);
    });
  }

  test('after a push that was not stored at once, the answer is waited for', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    answers(environment, { error: 'ECONNRESET', reused: true, afterMs: 50 });
    assert.equal(await invoke(environment, 2), 1);
    await freeze(environment, 60_000);
    // The repeat takes 200 ms from the thaw, of which 10 pass beside the function; then its own push.
    assert.equal(await invoke(environment, 3), 390);
    await freeze(environment, 60_000);
    assert.equal(await invoke(environment, 4), 1, 'which proves the connection');
  });

  test('what takes more than one push is waited for', async () => {
    const environment = environmentOf('handoff', { LOKI_BATCH_SIZE: '2' });
    await invoke(environment, 1);
    await freeze(environment, 1000);
    assert.ok((await invoke(environment, 2)) >= 190);
    assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
  });

  test('in an outage it is as end', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    environment.loki(503, 20);
    await invoke(environment, 2);
    for (let n = 3; n < 6; n++) {
      await freeze(environment, 20_000);
      await invoke(environment, n);
      assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
    }
    environment.loki(204, 20);
    await freeze(environment, 20_000);
    await invoke(environment, 6);
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    for (let n = 1; n <= 6; n++) assert.equal(environment.lines.filter((line) => line === `line ${n}`).length, 1);
  });

  test('bytes that do not arrive are no handoff: the push is made on a fresh connection, and its answer waited for', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    answers(environment, { hangs: true, arrivesMs: Infinity });
    assert.equal(await invoke(environment, 2), 1200);
    assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
    assert.equal(environment.buffer.lines, 0);
  });

  test('SHUTDOWN gives a silent answer half a second, and sends again', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    answers(environment, { hangs: true });
    await invoke(environment, 2);
    await environment.report(idOf(2));
    await freeze(environment, 60_000);
    const before = environment.platform.monotonic();
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    const took = environment.platform.monotonic() - before;
    assert.ok(took <= 800, `took ${took} ms`);
    assert.equal(environment.buffer.lines, 0);
  });

  test('a reset of the environment is waited for', async () => {
    const environment = environmentOf('handoff');
    await invoke(environment, 1);
    assert.equal(await invoke(environment, 2, 'last words', 'error'), 200);
    assert.equal(environment.nextCalls.at(-1)!.inFlight, 0);
  });
});

describe('next', () => {
  test('holds nothing at all, and all lines arrive once', async () => {
    const environment = environmentOf('next');
    for (let n = 1; n <= 20; n++) {
      await environment.invoke(idOf(n));
      assert.ok(environment.waits, 'next is called as soon as the invocation has begun');
      await environment.start(idOf(n));
      await environment.log(`line ${n}`);
      await environment.platform.advance(10);
      await freeze(environment, 300);
      // Lambda's delivery of the end comes with the thaw.
      await environment.done(idOf(n));
    }
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    assert.equal(new Set(environment.lines).size, environment.lines.length);
    for (let n = 1; n <= 20; n++) assert.ok(environment.lines.includes(`line ${n}`));
    assert.ok(environment.platform.sent.length <= 22, `${environment.platform.sent.length} pushes`);
  });

  test('a long invocation is seen while it runs', async () => {
    const environment = environmentOf('next');
    await environment.invoke(idOf(1));
    await environment.log('early');
    await environment.platform.advance(1200);
    assert.ok(environment.lines.includes('early'));
  });

  test('with a Loki that hangs it holds nothing either, and tells what it drops', async () => {
    const environment = environmentOf('next', { BUFFER_SIZE: '10' });
    environment.lokiHangs();
    for (let n = 1; n <= 20; n++) {
      await environment.invoke(idOf(n));
      assert.ok(environment.waits);
      await environment.log(`line ${n}`);
      await environment.platform.advance(2000);
      await environment.done(idOf(n));
    }
    assert.match(environment.platform.stderrLines.join('\n'), /dropped \d+ of the oldest lines/);
  });
});

describe('adaptive', () => {
  test('waits for eight invocations, then for none while they come often, and for the arrival when they no longer do', async () => {
    const environment = environmentOf('adaptive');
    const held: number[] = [];
    for (let n = 1; n <= 12; n++) {
      held.push(await invoke(environment, n));
      await freeze(environment, 1000);
    }
    assert.deepEqual(held, [...Array.from({ length: 7 }, () => 200), 0, 0, 0, 0, 0]);
    await freeze(environment, 60_000);
    await environment.platform.advance(400);
    assert.equal(await invoke(environment, 13), 1);
  });

  for (const line of [`2026-01-02T03:04:05.006Z\t${ID_1}\tERROR\tit broke`, '{"level":"error","message":"it broke"}']) {
    test(`after ${line.slice(0, 16)}… of level error it waits for the answer once`, async () => {
      const environment = environmentOf('adaptive');
      for (let n = 1; n <= 9; n++) {
        await invoke(environment, n);
        await freeze(environment, 60_000);
      }
      assert.equal(await invoke(environment, 10), 1, 'handoff');
      await freeze(environment, 60_000);
      assert.ok((await invoke(environment, 11, line)) >= 190, 'end');
      await freeze(environment, 60_000);
      assert.equal(await invoke(environment, 12), 1, 'handoff');
    });
  }

  test('after a failure it waits for the answer once', async () => {
    const environment = environmentOf('adaptive');
    for (let n = 1; n <= 9; n++) {
      await invoke(environment, n);
      await freeze(environment, 1000);
    }
    assert.equal(await invoke(environment, 10, 'oops', 'failure'), 0);
    await freeze(environment, 1000);
    assert.ok((await invoke(environment, 11)) >= 190);
    await freeze(environment, 1000);
    assert.equal(await invoke(environment, 12), 0);
  });
});

describe('periodically', () => {
  test('one push for the invocations of a period', async () => {
    const environment = environmentOf('periodically,60000', { LOKI_REQUEST_ID_AS: 'metadata' });
    const held: number[] = [];
    for (let n = 1; n <= 7; n++) {
      held.push(await invoke(environment, n));
      await freeze(environment, 10_000);
    }
    assert.deepEqual(held, [200, 0, 0, 0, 0, 0, 200]);
    assert.equal(environment.platform.sent.length, 2);
    await environment.shutdown();
    await environment.platform.until(environment.ended);
    for (let n = 1; n <= 7; n++) assert.ok(environment.lines.includes(`line ${n}`));
  });
});

test('Managed Instances: every strategy sends at the interval', async () => {
  for (const strategy of ['handoff', 'next', 'adaptive', 'periodically,60000']) {
    const environment = new FakeEnvironment({ invokeEvents: false, env: { LOKI_FLUSH_STRATEGY: strategy } });
    environment.loki(204, 20);
    await environment.log('text');
    await environment.platform.advance(1020);
    assert.deepEqual(environment.lines, ['text'], strategy);
  }
});

test('an environment that is frozen after its Init is kept until those lines are in Loki, with every strategy', async () => {
  for (const strategy of ['handoff', 'next', 'adaptive', 'periodically,60000']) {
    const environment = new FakeEnvironment({ frozenAfterInit: true, env: { LOKI_FLUSH_STRATEGY: strategy } });
    environment.loki(204, 100);
    await environment.telemetry(['function', 'ready'], ['platform.initRuntimeDone', { status: 'success' }]);
    assert.equal(await environment.untilNext(), 100, strategy);
    assert.deepEqual(environment.lines, ['ready'], strategy);
  }
});

test('the strategy is named in debug diagnostics', async () => {
  const environment = new FakeEnvironment({ env: { LOKI_FLUSH_STRATEGY: 'adaptive' } });
  environment.diagnostics.level = 'debug';
  await environment.platform.settle();
  await environment.invoke(idOf(1));
  assert.match(environment.platform.stderrLines.join('\n'), /flush strategy: adaptive/);
});
