import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DeliveryBench, deliveryBench, pushOf } from '../support/builders';
import type { Answer } from '../support/fake-platform';

const STORED: Answer = { status: 204, afterMs: 20 };
const DOWN: Answer = { status: 503, body: 'Ingester is shutting down' };

/** Plays one answer after the other, the last one again and again. */
const script = ({ platform }: DeliveryBench, ...answers: Answer[]): void => {
  platform.onRequest = (_, index) => answers[Math.min(index, answers.length - 1)];
};

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);
/** The lines of the pushes with these numbers, all of them by default. */
const pushed = (bench: DeliveryBench, from = 0, to?: number): string[] =>
  bench
    .pushes()
    .slice(from, to)
    .flatMap(({ values }) => values.map((value) => value[1]));

/** The time between one request's end and the next one's beginning. */
const pauses = ({ platform }: DeliveryBench): number[] =>
  platform.sent.slice(1).map(({ at }, i) => at - platform.sent[i].at - platform.sent[i].tookMs!);

describe('while Loki is well', () => {
  test('a flush pushes everything, oldest first, up to six pushes at once, and resolves when Loki has it', async () => {
    const bench = deliveryBench();
    script(bench, STORED);
    bench.fill(125);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.deepEqual(pushed(bench), lines(125));
    assert.equal(bench.platform.mostInFlight, 6);
    assert.equal(bench.platform.monotonic() - before, 60, '13 pushes in three rounds');
    assert.equal(bench.buffer.isEmpty, true);
    assert.equal(bench.storedCalls, 13);
    assert.deepEqual(bench.platform.stderrLines, []);
    assert.equal(bench.platform.timers, 0, 'leaves no timer behind');
  });

  test('a kick pushes full batches alone, a flush in the background everything', async () => {
    const bench = deliveryBench();
    bench.fill(15);
    bench.delivery.kick();
    await bench.platform.until(bench.delivery.settled());
    assert.deepEqual(pushed(bench), lines(10));
    bench.delivery.flushInBackground();
    await bench.platform.until(bench.delivery.settled());
    assert.deepEqual(pushed(bench), lines(15));
  });

  test('nothing there: nothing sent', async () => {
    const bench = deliveryBench();
    assert.equal(await bench.delivery.flush(4000), true);
    assert.equal(bench.platform.sent.length, 0);
  });

  test('a flush waits for the push that a regular one has begun', async () => {
    const bench = deliveryBench();
    script(bench, { status: 204, afterMs: 300 });
    bench.fill(10);
    bench.delivery.kick();
    await bench.platform.advance(100);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.equal(bench.platform.monotonic() - before, 200);
    assert.equal(bench.platform.sent.length, 1);
  });

  test('lines that come in during a flush wait for the next one, as they belong to none that has ended; at the last chance they go along', async () => {
    for (const last of [false, true]) {
      const bench = deliveryBench();
      script(bench, { status: 204, afterMs: 100 });
      bench.fill(1);
      const before = bench.platform.monotonic();
      const flushed = bench.delivery.flush(4000, { last });
      await bench.platform.advance(50);
      bench.add('late');
      assert.equal(await bench.platform.until(flushed), true);
      assert.deepEqual(pushed(bench), last ? ['line 0', 'late'] : ['line 0']);
      assert.equal(bench.platform.monotonic() - before, last ? 200 : 100);
    }
  });

  test('each invocation has its stream, and each push one stream', async () => {
    const bench = deliveryBench();
    for (const id of ['a', '', 'b']) bench.fill(2, id);
    await bench.platform.until(bench.delivery.flush(4000));
    assert.deepEqual(
      bench.pushes().map(({ stream }) => stream.request_id),
      ['a', undefined, 'b'],
    );
  });
});

describe('retries', () => {
  const RETRIED: Answer[] = [
    { status: 429, body: 'ingestion rate limit exceeded' },
    { status: 500 },
    { status: 502, body: '<html>' },
    DOWN,
    { status: 504 },
    { status: 408 },
    { error: 'ECONNREFUSED' },
    { error: 'ECONNRESET' },
    { error: 'ENOTFOUND' },
    { error: 'ETLS' },
    { hangs: true },
  ];
  for (const answer of RETRIED) {
    test(`${JSON.stringify(answer)} is retried, byte for byte, and then stored once`, async () => {
      const bench = deliveryBench();
      script(bench, answer, answer, STORED);
      bench.fill(3, 'id');
      assert.equal(await bench.platform.until(bench.delivery.flush(20_000)), true);
      const bodies = bench.platform.sent.map(({ request }) => String(request.body));
      assert.equal(bodies.length, 3);
      assert.equal(new Set(bodies).size, 1);
      assert.equal(bench.buffer.isEmpty, true);
    });
  }

  for (const [random, expected] of [
    [0, [50, 100, 200, 400, 800]],
    [0.9999, [100, 200, 400, 800, 1600]],
  ] as const) {
    test(`a critical flush has five, with exponential pauses (jitter at ${random})`, async () => {
      const bench = deliveryBench();
      bench.platform.randoms = [random];
      script(bench, DOWN);
      bench.fill(3);
      assert.equal(await bench.platform.until(bench.delivery.flush(60_000)), false);
      assert.deepEqual(pauses(bench).map(Math.round), expected);
      assert.equal(bench.buffer.lines, 3, 'the lines are kept');
    });
  }

  test('a regular flush has three; then the batch waits for the next one', async () => {
    const bench = deliveryBench();
    script(bench, DOWN);
    bench.fill(10);
    bench.delivery.kick();
    await bench.platform.advance(60_000);
    assert.deepEqual(pauses(bench), [75, 150, 300]);
    assert.equal(bench.buffer.lines, 10);
    script(bench, STORED);
    bench.delivery.kick();
    await bench.platform.until(bench.delivery.settled());
    assert.equal(bench.buffer.isEmpty, true);
    assert.equal(new Set(bench.platform.sent.map(({ request }) => String(request.body))).size, 1, 'the same bytes');
  });

  test('as many as the settings say, none if they say so', async () => {
    for (const [env, kind, attempts] of [
      [{ LOKI_MAX_RETRIES: '0' }, 'regular', 1],
      [{ LOKI_MAX_RETRIES: '7' }, 'regular', 8],
      [{ LOKI_CRITICAL_FLUSH_RETRIES: '0' }, 'critical', 1],
      [{ LOKI_CRITICAL_FLUSH_RETRIES: '2' }, 'critical', 3],
    ] as const) {
      const bench = deliveryBench({ env });
      script(bench, DOWN);
      bench.fill(10);
      if (kind === 'critical') {
        await bench.platform.until(bench.delivery.flush(600_000));
      } else {
        bench.delivery.kick();
        await bench.platform.advance(600_000);
      }
      assert.equal(bench.platform.sent.length, attempts, JSON.stringify(env));
    }
  });

  test('Retry-After is honoured when there is time for it', async () => {
    const bench = deliveryBench();
    script(bench, { status: 429, headers: { 'retry-after': '2' } }, STORED);
    bench.fill(1);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.deepEqual(pauses(bench), [2000]);
  });

  test('a Retry-After beyond the time there is ends the flush at once instead of holding the function for nothing', async () => {
    const bench = deliveryBench();
    script(bench, { status: 429, headers: { 'retry-after': '30' } });
    bench.fill(1);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
    assert.equal(bench.platform.monotonic(), before);
    assert.equal(bench.buffer.lines, 1);
  });

  test('a Retry-After is honoured by the flush at the end of an invocation too, for all pushes', async () => {
    const bench = deliveryBench();
    script(bench, { status: 503, headers: { 'retry-after': '2' } }, STORED);
    bench.fill(35);
    bench.delivery.kick();
    await bench.platform.advance(500);
    assert.equal(bench.platform.sent.length, 3, 'those that were begun together');
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.equal(bench.platform.sent[3].at - before, 1500);
  });

  test('a Retry-After of an hour is capped at ten seconds, and at one second when the buffer fills up', async () => {
    for (const [count, most] of [
      [10, 10_000],
      [60, 1000],
    ] as const) {
      const bench = deliveryBench({ limits: { maxLines: 100 } });
      script(
        bench,
        ...Array.from(
          { length: Math.ceil(count / 10) },
          (): Answer => ({ status: 429, headers: { 'retry-after': '3600' } }),
        ),
        STORED,
      );
      bench.fill(count);
      bench.delivery.kick();
      await bench.platform.advance(most - 1);
      assert.equal(bench.platform.sent.length, count / 10);
      await bench.platform.advance(1);
      assert.ok(bench.platform.sent.length > count / 10);
    }
  });

  test('after a failure one push at a time, after a success six again', async () => {
    const bench = deliveryBench({ env: { LOKI_CRITICAL_FLUSH_RETRIES: '0' } });
    script(bench, DOWN);
    bench.fill(100);
    await bench.platform.until(bench.delivery.flush(1000));
    bench.platform.mostInFlight = 0;
    const failed = bench.platform.sent.length;
    assert.ok(failed <= 6);
    script(bench, { status: 503, afterMs: 10 });
    await bench.platform.advance(1000);
    await bench.platform.until(bench.delivery.flush(1000));
    assert.equal(bench.platform.mostInFlight, 1);
    assert.equal(bench.platform.sent.length, failed + 1);
    script(bench, STORED);
    await bench.platform.advance(1000);
    bench.platform.mostInFlight = 0;
    assert.equal(await bench.platform.until(bench.delivery.flush(1000)), true);
    assert.equal(bench.platform.mostInFlight, 6);
    assert.deepEqual(pushed(bench, failed + 1), lines(100), 'oldest first');
  });

  test("Loki's trouble is told once, with its words, and again when it comes back after a good time", async () => {
    const bench = deliveryBench();
    for (let round = 0; round < 2; round++) {
      bench.fill(20);
      script(bench, DOWN);
      for (let i = 0; i < 3; i++) await bench.platform.until(bench.delivery.flush(1000, { last: true }));
      await bench.platform.advance(20_000);
      script(bench, STORED);
      assert.equal(await bench.platform.until(bench.delivery.flush(1000)), true);
    }
    const said = bench.platform.stderrLines;
    assert.equal(said.filter((line) => line.includes('Ingester is shutting down')).length, 2, said.join('\n'));
    assert.equal(said.filter((line) => line.includes('20 lines could not be delivered yet')).length, 2);
    assert.equal(said.length, 4);
  });
});

test('trouble that comes and goes is told once, not each time', async () => {
  const bench = deliveryBench();
  bench.platform.onRequest = (_, index) => (index % 3 === 0 ? DOWN : STORED);
  for (let i = 0; i < 100; i++) {
    bench.fill(10);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    await bench.platform.advance(1000);
  }
  assert.equal(bench.platform.stderrLines.length, 1, bench.platform.stderrLines.join('\n'));
});

describe('pushes that are too large', () => {
  for (const refusal of [
    { status: 413 },
    { status: 500, body: 'rpc error: code = ResourceExhausted desc = grpc: received message larger than max' },
  ] as const) {
    test(`${refusal.status}: halves, until they pass; nothing lost, in order`, async () => {
      const bench = deliveryBench({ limits: { batchLines: 100 } });
      bench.platform.onRequest = (request) => (pushOf(request).values.length > 6 ? refusal : STORED);
      const fill = (): void => {
        for (const line of lines(50)) bench.add(line.padEnd(1000, 'x'));
      };
      fill();
      assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
      const stored = bench
        .pushes()
        .filter(({ values }) => values.length <= 6)
        .flatMap(({ values }) => values);
      assert.deepEqual(stored.map((value) => value[1].replace(/x+$/, '')).sort(), lines(50).sort());
      assert.equal(new Set(stored.map((value) => value[0])).size, 50);
      assert.deepEqual(bench.platform.stderrLines, []);
      const before = bench.platform.sent.length;
      fill();
      await bench.platform.until(bench.delivery.flush(4000));
      assert.ok(
        bench
          .pushes()
          .slice(before)
          .every(({ values }) => values.length <= 6),
        'remembers the size that passed',
      );
    });
  }

  test('a single line that is too large is given up and told, the others pass', async () => {
    const bench = deliveryBench({ limits: { batchLines: 4 } });
    const large = 'x'.repeat(5000);
    bench.platform.onRequest = (request) =>
      pushOf(request).values.some((value) => value[1] === large) ? { status: 413, body: 'too large' } : STORED;
    for (const line of ['1', large, '3', '4']) bench.add(line);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    const stored = bench
      .pushes()
      .filter(({ values }) => values.every((value) => value[1] !== large))
      .flatMap(({ values }) => values.map((value) => value[1]));
    assert.deepEqual(stored.sort(), ['1', '3', '4']);
    assert.equal(bench.platform.stderrLines.length, 1);
    assert.match(bench.platform.stderrLines[0], /refused 1 line \(5000 bytes\).*status 413: too large/);
  });

  test('JSON that its escapes make larger than LOKI_MAX_BATCH_SIZE_BYTES is split before it is sent', async () => {
    const bench = deliveryBench({
      env: { LOKI_MAX_BATCH_SIZE_BYTES: '4096' },
      limits: { batchBytes: 4096, batchLines: 100 },
    });
    for (let i = 0; i < 20; i++) bench.add('\u0001'.repeat(200));
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.equal(pushed(bench).length, 20);
    for (const { request } of bench.platform.sent) assert.ok(Buffer.byteLength(request.body!) <= 4096);
  });

  test('a single line whose JSON is larger is sent all the same: Loki may take it', async () => {
    const bench = deliveryBench({ env: { LOKI_MAX_BATCH_SIZE_BYTES: '1024' }, limits: { batchBytes: 1024 } });
    bench.add('\u0001'.repeat(1000));
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.equal(bench.platform.sent.length, 1);
  });
});

describe("the tenant's limit of streams", () => {
  const LIMIT: Answer = {
    status: 429,
    body: 'maximum active stream limit exceeded when trying to create stream {request_id="x"}, reduce the number of active streams',
    afterMs: 10,
  };

  test('request ids move to structured metadata; times and lines stay, nothing is lost, and it is told once', async () => {
    const bench = deliveryBench({ limits: { batchLines: 2 } });
    bench.platform.onRequest = (request) => (pushOf(request).stream.request_id === undefined ? STORED : LIMIT);
    bench.fill(5, 'a');
    bench.fill(15, 'b');
    bench.add('part', 'b', { part: '1', parts: '2' });
    bench.fill(1);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    const byTime = (values: readonly (readonly [string, ...unknown[]])[]): string[] =>
      values.map((value) => value[0]).sort();
    const refused = bench.pushes().filter(({ stream }) => stream.request_id !== undefined);
    const stored = bench
      .pushes()
      .filter(({ stream }) => stream.request_id === undefined)
      .flatMap(({ values }) => values);
    assert.ok(refused.length <= 6, 'only those that were in flight when the first was refused');
    assert.equal(stored.length, 22);
    assert.equal(new Set(byTime(stored)).size, 22);
    for (const { stream, values } of refused) {
      for (const [time, line] of values) {
        const again = stored.find((value) => value[0] === time)!;
        assert.deepEqual(again.slice(0, 2), [time, line]);
        assert.equal(again[2]?.request_id, stream.request_id);
      }
    }
    assert.deepEqual(stored.find((value) => value[1] === 'part')![2], { part: '1', parts: '2', request_id: 'b' });
    assert.equal(stored.filter((value) => value[2] === undefined).length, 1, 'the line without an invocation');
    assert.equal(bench.platform.stderrLines.length, 1);
    assert.match(
      bench.platform.stderrLines[0],
      /limit of streams.*structured metadata.*maximum active stream limit exceeded/,
    );

    const before = bench.platform.sent.length;
    bench.fill(2, 'c');
    await bench.platform.until(bench.delivery.flush(4000));
    const [later] = bench.pushes().slice(before);
    assert.equal(later.stream.request_id, undefined, 'and stay there');
    assert.deepEqual(
      later.values.map((value) => value[2]),
      [{ request_id: 'c' }, { request_id: 'c' }],
    );
  });

  test("where even the environment's own stream is one too many, lines are kept, and tried a bounded number of times", async () => {
    const bench = deliveryBench();
    script(bench, LIMIT);
    bench.fill(1, 'a');
    assert.equal(await bench.platform.until(bench.delivery.flush(60_000)), false);
    assert.equal(bench.platform.sent.length, 7, 'once with the label, then once and five retries');
    assert.equal(bench.buffer.lines, 1);
  });

  test('at the deadline nothing more is sent after the switch', async () => {
    const bench = deliveryBench();
    script(bench, { ...LIMIT, afterMs: 100 });
    bench.fill(1, 'a');
    const flushed = bench.delivery.flush(100);
    assert.equal(await bench.platform.until(flushed), false);
    assert.ok(bench.platform.sent.every(({ at, tookMs }) => at + tookMs! <= bench.platform.monotonic()));
    await bench.platform.advance(10_000);
    assert.equal(bench.platform.sent.length, 1);
  });
});

describe('answers that say no', () => {
  test('refused lines are given up and told once per reason; the others pass', async () => {
    const bench = deliveryBench({ limits: { batchLines: 1 } });
    bench.platform.onRequest = (request) =>
      pushOf(request).values[0][1].startsWith('bad')
        ? { status: 400, body: 'entry for stream has timestamp too old' }
        : STORED;
    for (const line of ['1', 'bad 1', '2', 'bad 2', '3']) bench.add(line);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.equal(bench.platform.sent.length, 5, 'no retry');
    assert.equal(bench.buffer.isEmpty, true);
    assert.equal(bench.platform.stderrLines.length, 1);
    assert.match(bench.platform.stderrLines[0], /not sent again: status 400: entry for stream has timestamp too old/);
  });

  for (const answer of [
    { status: 401, body: 'no org id' },
    { status: 403 },
    { status: 404, body: '404 page not found' },
    { status: 302, headers: { location: 'https://login' } },
    { error: 'EINVAL', message: "the header authorization can't be sent" },
  ] as Answer[]) {
    test(`${JSON.stringify(answer)}: no retry, told once, lines are kept, and delivered when it is put right`, async () => {
      const bench = deliveryBench();
      script(bench, answer);
      bench.fill(1);
      for (let i = 0; i < 5; i++) {
        assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
        await bench.platform.advance(20_000);
      }
      assert.equal(bench.platform.sent.length, 5);
      assert.equal(bench.buffer.lines, 1);
      assert.equal(bench.platform.stderrLines.filter((line) => line.includes('as LambdaWatch is set up')).length, 1);
      assert.ok(bench.platform.stderrLines.length <= 2);
      script(bench, STORED);
      assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    });
  }
});

describe('the deadline of a flush', () => {
  test('calls off what is in flight, leaves nothing in flight, and keeps the lines for the next push, byte for byte', async () => {
    const bench = deliveryBench();
    script(bench, { hangs: true });
    bench.fill(95, 'id');
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(700)), false);
    assert.equal(bench.platform.monotonic() - before, 700);
    assert.equal(bench.platform.inFlight, 0);
    assert.equal(bench.platform.timers, 0);
    assert.equal(bench.buffer.lines, 95);
    assert.match(bench.platform.stderrLines.join('\n'), /95 lines could not be delivered yet; they are kept/);
    const first = bench.platform.sent.map(({ request }) => String(request.body));
    script(bench, STORED);
    await bench.platform.advance(1000);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    const again = bench.platform.sent.slice(first.length).map(({ request }) => String(request.body));
    assert.deepEqual(again.slice(0, first.length), first);
    assert.deepEqual(pushed(bench, first.length), lines(95));
  });

  test('ends a pause before a retry', async (t) => {
    t.mock.method(Math, 'random', () => 0.9);
    const bench = deliveryBench();
    script(bench, DOWN);
    bench.fill(1);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(120)), false);
    assert.ok(bench.platform.monotonic() - before <= 120);
  });

  test('too little time for any push: none is begun, and what is in flight is called off', async () => {
    const bench = deliveryBench();
    script(bench, { hangs: true });
    bench.fill(10);
    bench.delivery.kick();
    await bench.platform.settle();
    bench.fill(10);
    for (const limit of [0, 4, -5]) assert.equal(await bench.delivery.flush(limit), false);
    assert.equal(bench.platform.sent.length, 1);
    assert.ok(bench.platform.sent[0].canceled);
    assert.equal(bench.platform.inFlight, 0);
    assert.equal(bench.buffer.lines, 20);
  });

  test('stop: nothing stays in flight, nothing is lost', async () => {
    const bench = deliveryBench();
    script(bench, { hangs: true });
    bench.fill(50);
    bench.delivery.kick();
    await bench.platform.settle();
    await bench.platform.until(bench.delivery.flush(0));
    assert.equal(bench.platform.inFlight, 0);
    assert.equal(bench.buffer.lines, 50);
    await bench.platform.advance(10_000);
    assert.equal(bench.platform.sent.length, 5, 'and nothing begins by itself');
  });

  test('a freeze in the middle: lines are kept and delivered afterwards', async () => {
    const bench = deliveryBench();
    script(bench, { hangs: true });
    bench.fill(30);
    const flushed = bench.delivery.flush(4000);
    await bench.platform.settle();
    script(bench, STORED);
    await bench.platform.freeze(3_600_000);
    await bench.platform.until(flushed);
    assert.equal(bench.platform.inFlight, 0);
    await bench.platform.advance(1000);
    await bench.platform.until(bench.delivery.flush(4000));
    assert.equal(bench.buffer.lines, 0);
  });
});

describe('an outage', () => {
  /** A critical flush has failed, some time after anything was last stored. */
  async function outage(options: Parameters<typeof deliveryBench>[0] = {}): Promise<DeliveryBench> {
    const bench = deliveryBench(options);
    script(bench, { hangs: true });
    bench.fill(30);
    await bench.platform.advance(5000);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
    assert.equal(bench.delivery.outage, true);
    await bench.platform.advance(20_000); // the back-off is over
    return bench;
  }

  test('costs a later flush 500 ms at most, one push, no retry', async () => {
    const bench = await outage();
    const before = bench.platform.sent.length;
    for (let i = 1; i <= 3; i++) {
      const start = bench.platform.monotonic();
      assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
      assert.equal(bench.platform.monotonic() - start, 500);
      assert.equal(bench.platform.sent.length, before + i);
      assert.equal(await bench.delivery.flush(4000), false, 'and nothing while the back-off lasts');
      assert.equal(bench.platform.sent.length, before + i);
      await bench.platform.advance(20_000);
    }
    script(bench, DOWN);
    const start = bench.platform.monotonic();
    await bench.platform.until(bench.delivery.flush(4000));
    assert.equal(bench.platform.monotonic(), start, 'nor a pause');
    assert.equal(bench.buffer.lines, 30);
  });

  test('is over with the first push that passes: the flush then has its whole time, six pushes and retries', async () => {
    const bench = await outage({ limits: { batchLines: 1 } });
    const before = bench.platform.sent.length;
    bench.platform.mostInFlight = 0;
    bench.platform.onRequest = (_, index) =>
      index === before + 3 ? { ...DOWN, afterMs: 400 } : { status: 204, afterMs: 400 };
    const start = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(6000)), true);
    assert.ok(bench.platform.monotonic() - start > 500);
    assert.equal(bench.platform.mostInFlight, 6);
    assert.equal(bench.delivery.outage, false);
    assert.equal(bench.buffer.isEmpty, true);
  });

  test('the whole time counts from the beginning of the flush', async () => {
    const bench = await outage({ limits: { batchLines: 1 } });
    const before = bench.platform.sent.length;
    bench.platform.onRequest = (_, index) => (index === before ? { status: 204, afterMs: 450 } : { hangs: true });
    const start = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(2000)), false);
    assert.equal(bench.platform.monotonic() - start, 2000);
    assert.equal(bench.platform.inFlight, 0);
  });

  test('the last chance has its whole time, six pushes and retries', async () => {
    const bench = await outage({ limits: { batchLines: 5 } });
    bench.platform.mostInFlight = 0;
    script(bench, { status: 204, afterMs: 700 });
    assert.equal(await bench.platform.until(bench.delivery.flush(10_000, { last: true })), true);
    assert.equal(bench.platform.mostInFlight, 6);
  });

  test('a regular flush tries once, without retries', async () => {
    const bench = await outage();
    script(bench, DOWN);
    const before = bench.platform.sent.length;
    bench.delivery.flushInBackground();
    await bench.platform.until(bench.delivery.settled());
    await bench.platform.advance(60_000);
    assert.equal(bench.platform.sent.length, before + 1);
  });

  test('a flush that ran out of time while pushes passed is none', async () => {
    const bench = deliveryBench({ limits: { batchLines: 1 } });
    script(bench, { status: 204, afterMs: 150 });
    bench.fill(100);
    assert.equal(await bench.platform.until(bench.delivery.flush(1000)), false);
    assert.equal(bench.delivery.outage, false);
    assert.equal(bench.buffer.lines, 64);
  });
});

describe('room in a full buffer', () => {
  test('is waited for until a batch has left', async () => {
    const bench = deliveryBench();
    script(bench, { status: 204, afterMs: 1500 });
    bench.fill(5);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.room(10_000)!), true);
    assert.equal(bench.platform.monotonic() - before, 1500);
    assert.ok(bench.buffer.isEmpty, 'also a batch that was not full');
  });

  test('is not waited for while Loki fails', async () => {
    const bench = deliveryBench({ env: { LOKI_MAX_RETRIES: '0' } });
    script(bench, DOWN);
    bench.fill(10);
    assert.equal(await bench.platform.until(bench.delivery.room(10_000)!), false);
  });

  test('is not waited for in an outage, and nothing is sent for it', async () => {
    const bench = deliveryBench();
    script(bench, DOWN);
    bench.fill(10);
    await bench.platform.until(bench.delivery.flush(4000));
    const before = bench.platform.sent.length;
    assert.equal(bench.delivery.room(10_000), undefined);
    assert.equal(bench.platform.sent.length, before);
  });

  test('is given up when nothing has passed for two seconds, until something passes', async () => {
    const bench = deliveryBench({ env: { LOKI_REQUEST_TIMEOUT_MS: '60000' } });
    script(bench, { hangs: true });
    bench.fill(10);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.room(10_000)!), false);
    assert.equal(bench.platform.monotonic() - before, 2000);
    assert.equal(bench.delivery.room(10_000), undefined, 'at once from then on');
    await bench.platform.until(bench.delivery.flush(0));
    script(bench, STORED);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    bench.fill(10);
    assert.equal(await bench.platform.until(bench.delivery.room(10_000)!), true);
  });

  test('that is given up by a stop leaves nobody waiting', async () => {
    const bench = deliveryBench();
    script(bench, { hangs: true });
    bench.fill(10);
    const room = bench.delivery.room(10_000)!;
    await bench.platform.settle();
    await bench.platform.until(bench.delivery.flush(0));
    assert.equal(await bench.platform.until(room), false);
    assert.equal(bench.platform.timers, 0);
  });

  test('nothing to push: no room is to be expected', async () => {
    assert.equal(deliveryBench().delivery.room(10_000), undefined);
  });

  test('who waited for room adds lines the moment a flush ends: nothing is in flight when it has ended', async () => {
    const bench = deliveryBench({ limits: { batchLines: 1 } });
    script(bench, { status: 204, afterMs: 100 });
    bench.fill(1);
    const flushed = bench.delivery.flush(4000);
    const added = bench.delivery.room(10_000)!.then(() => {
      if (bench.add('waited')) bench.delivery.kick();
    });
    await bench.platform.until(flushed.then(() => assert.equal(bench.platform.inFlight, 0)));
    await added;
    assert.deepEqual(pushed(bench), ['line 0', 'waited']);
  });
});

describe('a fault of our own', () => {
  test('keeps the lines, is told, and does not stop the next flush', async () => {
    const bench = deliveryBench();
    bench.fill(15);
    const request = bench.platform.request;
    Object.assign(bench.platform, {
      request: () => {
        throw new Error('boom');
      },
    });
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
    assert.equal(bench.buffer.lines, 15);
    assert.equal(bench.platform.stderrLines.filter((line) => line.includes('boom')).length, 1);
    Object.assign(bench.platform, { request });
    await bench.platform.advance(1000);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.deepEqual(pushed(bench), lines(15));
  });

  test('in what is told of a stored batch: the batch is not sent again, and a flush still ends', async () => {
    const bench = deliveryBench();
    script(bench, STORED);
    bench.fill(15);
    let thrown = 0;
    Object.defineProperty(bench, 'storedCalls', {
      get: () => {
        throw new Error(`boom ${thrown++}`);
      },
    });
    await bench.platform.until(bench.delivery.flush(4000));
    await bench.platform.until(bench.delivery.flush(4000));
    assert.equal(bench.buffer.isEmpty, true);
    assert.deepEqual(pushed(bench), lines(15));
  });
});

describe('a batch that is refused while others pass', () => {
  /** A firewall answers so to each push with `poison` in it; anything else is stored. */
  function withFirewall(answer: Answer, options: Parameters<typeof deliveryBench>[0] = {}): DeliveryBench {
    const bench = deliveryBench(options);
    bench.platform.onRequest = (request) =>
      pushOf(request).values.some((value) => value[1] === 'poison') ? answer : STORED;
    return bench;
  }
  const stored = (bench: DeliveryBench): string[] =>
    bench
      .pushes()
      .filter(({ values }) => values.every((value) => value[1] !== 'poison'))
      .flatMap(({ values }) => values.map((value) => value[1]));

  for (const answer of [
    { status: 403 },
    { status: 406 },
    { status: 413 },
    { status: 500 },
    { status: 400, headers: { 'content-type': 'text/html' } },
  ] as Answer[]) {
    test(`${JSON.stringify(answer)}: steps aside, and holds up nobody`, async () => {
      const bench = withFirewall(answer);
      bench.add('poison');
      bench.fill(9);
      for (let i = 0; i < 12; i++) {
        bench.fill(20, 'id');
        const before = bench.platform.monotonic();
        assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true, `flush ${i}`);
        assert.equal(
          bench.platform.monotonic() - before <= 600,
          true,
          `held ${bench.platform.monotonic() - before} ms`,
        );
        await bench.platform.advance(100);
      }
      assert.equal(stored(bench).length, 240);
      assert.equal(bench.delivery.outage, false);
      assert.equal(bench.buffer.lines, 10, 'the batch is kept');
      assert.equal(
        bench.platform.stderrLines.filter((line) => line.includes('while others are')).length,
        1,
        'said once',
      );
    });
  }

  for (const afterMs of [1200, 1800]) {
    test(`steps aside, however long Loki takes (${afterMs} ms)`, async () => {
      const bench = deliveryBench();
      bench.platform.onRequest = (request) => ({
        status: pushOf(request).values.some((value) => value[1] === 'poison') ? 500 : 204,
        afterMs,
      });
      bench.add('line');
      await bench.platform.until(bench.delivery.flush(4000));
      bench.add('poison');
      await bench.platform.until(bench.delivery.flush(4000));
      for (let i = 0; i < 3; i++) {
        await bench.platform.advance(500);
        bench.fill(5);
        const before = bench.platform.monotonic();
        await bench.platform.until(bench.delivery.flush(4000));
        const held = bench.platform.monotonic() - before;
        assert.equal(held <= (i === 0 ? 2 * afterMs : afterMs), true, `flush ${i} held for ${held} ms`);
      }
    });
  }

  test('in the background it is halved, until the bad line stands alone, with growing pauses', async () => {
    const bench = withFirewall({ status: 403 });
    bench.fill(5);
    bench.add('poison');
    bench.fill(4);
    bench.fill(10, 'id');
    await bench.platform.until(bench.delivery.flush(4000));
    const from = bench.platform.sent.length;
    for (let second = 0; second < 120; second++) {
      bench.delivery.flushInBackground();
      await bench.platform.advance(1000);
    }
    assert.equal(bench.buffer.lines, 1);
    assert.deepEqual(stored(bench).filter((line) => line.startsWith('line')).length, 19);
    const tries = bench.platform.sent.slice(from).map(({ at }) => at);
    assert.equal(tries.length < 20, true, `${tries.length} tries in two minutes`);
  });

  test('at the last chance all that is good comes through, and the poison is tried once more', async () => {
    const bench = withFirewall({ status: 403 });
    for (let i = 0; i < 10; i++) bench.add(i === 3 ? 'poison' : `line ${i}`);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
    bench.fill(10, 'id');
    await bench.platform.advance(1000);
    await bench.platform.until(bench.delivery.flush(1800, { last: true }));
    assert.equal(bench.buffer.lines, 1);
    assert.equal(stored(bench).length, 19);
    assert.equal(bench.platform.inFlight, 0);
  });

  test('is tried at the last chance although nothing else waits, and more than once', async () => {
    for (const failures of [0, 1, 2]) {
      const bench = withFirewall({ status: 403 });
      for (const line of ['line', 'poison']) {
        bench.add(line);
        await bench.platform.until(bench.delivery.flush(4000));
      }
      assert.equal(bench.buffer.lines, 1);
      const before = bench.platform.sent.length;
      bench.platform.onRequest = (_, index) => (index - before < failures ? { status: 403 } : STORED);
      await bench.platform.until(bench.delivery.flush(1880, { last: true }));
      assert.equal(bench.buffer.lines, 0, `after ${failures} failures`);
    }
  });

  test('that become many are tried one a second in the background', async () => {
    const bench = withFirewall({ status: 403 });
    for (let i = 0; i < 200; i++) {
      bench.fill(1, 'id');
      bench.add('poison');
      await bench.platform.until(bench.delivery.flush(4000));
    }
    for (let i = 0; i < 400; i++) {
      bench.delivery.flushInBackground();
      await bench.platform.advance(1000);
      if (i === 299) bench.platform.sent.length = 0;
    }
    assert.equal(bench.platform.sent.length <= 101, true, `${bench.platform.sent.length} pushes in 100 seconds`);
    assert.equal(bench.buffer.lines, 200);
  });

  test('with wrong settings no more than one other batch is tried', async () => {
    const bench = deliveryBench({ limits: { batchLines: 1 } });
    script(bench, { status: 403, afterMs: 5 });
    bench.fill(30);
    bench.delivery.kick();
    await bench.platform.advance(60_000);
    const first = bench.platform.sent.length;
    assert.equal(first <= 7, true, `${first} pushes`);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
    assert.equal(bench.platform.sent.length - first, 1);
    assert.equal(bench.buffer.lines, 30);
  });
});

test('a Loki that is mute when the environment ends, and well a second later, gets all there is', async () => {
  const bench = deliveryBench();
  bench.fill(30);
  const start = bench.platform.monotonic();
  bench.platform.onRequest = () =>
    bench.platform.monotonic() - start < 1000 ? { hangs: true } : { status: 204, afterMs: 100 };
  bench.delivery.kick();
  await bench.platform.advance(100);
  bench.fill(5);
  assert.equal(await bench.platform.until(bench.delivery.flush(1880, { last: true })), true);
  assert.equal(bench.buffer.isEmpty, true);
});

describe('a backlog', () => {
  for (const mode of ['label', 'metadata']) {
    test(`of 300 invocations drains within the time of SHUTDOWN at 100 ms a push (${mode})`, async () => {
      const bench = deliveryBench({ env: { LOKI_REQUEST_ID_AS: mode }, limits: { batchLines: 100 } });
      for (let i = 0; i < 300; i++) {
        bench.fill(10, `id ${i}`);
        bench.buffer.close();
      }
      script(bench, { status: 204, afterMs: 100 });
      const before = bench.platform.monotonic();
      assert.equal(await bench.platform.until(bench.delivery.flush(1880, { last: true })), true);
      assert.equal(bench.platform.monotonic() - before <= 1000, true, `took ${bench.platform.monotonic() - before} ms`);
      const ids = new Map<string, number>();
      for (const { stream, values } of bench.pushes()) {
        for (const value of values) {
          const id = stream.request_id ?? value[2]!.request_id;
          ids.set(id, (ids.get(id) ?? 0) + 1);
        }
      }
      assert.deepEqual([ids.size, new Set(ids.values())], [300, new Set([10])], 'each line once, with its request id');
    });
  }

  test('of label mode: what may be with Loki already keeps its stream, as in another one it would be stored twice', async () => {
    const bench = deliveryBench({ limits: { batchLines: 100 } });
    for (let i = 0; i < 300; i++) {
      bench.fill(10, `id ${i}`);
      bench.buffer.close();
    }
    script(bench, { hangs: true });
    await bench.platform.until(bench.delivery.flush(1000));
    const sent = new Map(
      bench.pushes().flatMap(({ stream, values }) => values.map((value) => [value[0], stream.request_id])),
    );
    const before = bench.platform.sent.length;
    assert.equal(sent.size > 0, true);
    script(bench, { status: 204, afterMs: 100 });
    await bench.platform.advance(20_000);
    assert.equal(await bench.platform.until(bench.delivery.flush(1880, { last: true })), true);
    for (const { stream, values } of bench.pushes().slice(before)) {
      for (const [time] of values) if (sent.has(time)) assert.equal(stream.request_id, sent.get(time));
    }
  });

  test('of label mode: the same where Loki stored it, its connection died before the answer, and Loki is down for the next try', async () => {
    const bench = deliveryBench({ limits: { batchLines: 100 } });
    bench.fill(10, 'id 0');
    script(bench, { error: 'ECONNRESET', reused: true }, { error: 'ECONNREFUSED' });
    await bench.platform.until(bench.delivery.flush(1000));
    const [first] = bench.pushes();
    for (let i = 1; i <= 300; i++) {
      bench.fill(10, `id ${i}`);
      bench.buffer.close();
    }
    script(bench, { status: 204, afterMs: 100 });
    await bench.platform.advance(20_000);
    const before = bench.platform.sent.length;
    assert.equal(await bench.platform.until(bench.delivery.flush(1880, { last: true })), true);
    const times = new Set(first.values.map(([time]) => time));
    const again = bench.pushes().slice(before);
    const streams = again.filter(({ values }) => values.some(([time]) => times.has(time)));
    assert.deepEqual(
      streams.map(({ stream }) => stream.request_id),
      ['id 0'],
    );
    assert.equal(
      again.some(({ stream }) => stream.request_id === undefined),
      true,
      'the others share a stream',
    );
  });

  test('is merged in an ordinary flush as well, and keeps its labels there', async () => {
    const bench = deliveryBench({ env: { LOKI_REQUEST_ID_AS: 'metadata' }, limits: { batchLines: 100 } });
    for (let i = 0; i < 30; i++) {
      bench.fill(10, `id ${i}`);
      bench.buffer.close();
    }
    await bench.platform.until(bench.delivery.flush(4000));
    assert.deepEqual(
      bench.pushes().map(({ values }) => values.length),
      [100, 100, 100],
    );
  });

  test('that is more than there is time for holds nobody for pushes that could not end', async () => {
    const bench = deliveryBench({ limits: { batchLines: 10 } });
    script(bench, { status: 204, afterMs: 2500 });
    bench.fill(200);
    const before = bench.platform.monotonic();
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), false);
    assert.equal(bench.platform.monotonic() - before, 2500);
    assert.deepEqual([bench.platform.sent.length, bench.buffer.lines, bench.delivery.outage], [6, 140, false]);
  });

  test('of label mode stays in its streams as long as there is time for them', async () => {
    const bench = deliveryBench({ limits: { batchLines: 100 } });
    script(bench, { status: 204, afterMs: 50 });
    for (let i = 0; i < 13; i++) {
      bench.fill(10, `id ${i}`);
      if (i === 0) await bench.platform.until(bench.delivery.flush(4000)); // so that it is known how long Loki takes
    }
    await bench.platform.until(bench.delivery.flush(1880, { last: true }));
    assert.equal(new Set(bench.pushes().map(({ stream }) => stream.request_id)).size, 13);
  });

  for (const mode of ['label', 'metadata']) {
    test(`of an outage drains although Loki, which took 40 ms before, comes back at 1 300 ms a push (${mode})`, async () => {
      const bench = deliveryBench({ env: { LOKI_REQUEST_ID_AS: mode }, limits: { batchLines: 100 } });
      script(bench, { status: 204, afterMs: 40 });
      bench.fill(10);
      await bench.platform.until(bench.delivery.flush(4000));
      script(bench, { error: 'ECONNREFUSED' });
      for (let i = 0; i < 12; i++) bench.fill(100, `id ${i}`);
      await bench.platform.until(bench.delivery.flush(4000));
      await bench.platform.advance(20_000); // the back-off is over
      script(bench, { status: 204, afterMs: 1300 });
      assert.equal(await bench.platform.until(bench.delivery.flush(1880, { last: true })), true);
    });
  }
});

test('who refuses structured metadata where there is none is not asked again and again', async () => {
  const bench = deliveryBench();
  script(bench, {
    status: 400,
    body: 'stream includes structured metadata, but this feature is disallowed',
    afterMs: 5,
  });
  bench.fill(3, 'id');
  await bench.platform.until(bench.delivery.flush(4000));
  assert.equal(bench.platform.sent.length <= 2, true, `${bench.platform.sent.length} pushes`);
  assert.equal(bench.delivery.outage, true);
  assert.equal(bench.buffer.lines, 3);
});

describe('a Loki without structured metadata', () => {
  const REFUSED: Answer = {
    status: 400,
    body: 'stream \'{function_name="orders"}\' includes structured metadata, but this feature is disallowed. Please see',
  };

  test('gets the lines without it; nothing is lost, and it is told once', async () => {
    const bench = deliveryBench({ env: { LOKI_REQUEST_ID_AS: 'metadata' } });
    bench.platform.onRequest = (request) =>
      pushOf(request).values.some((value) => value[2] !== undefined) ? REFUSED : STORED;
    bench.fill(25, 'id');
    bench.add('part', undefined, { part: '1', parts: '2' });
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    bench.fill(5, 'another');
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    const stored = bench.pushes().flatMap(({ values }) => values.filter((value) => value[2] === undefined));
    assert.equal(stored.length, 31);
    assert.equal(bench.platform.stderrLines.length, 1);
    assert.match(bench.platform.stderrLines[0], /LOKI_REQUEST_ID_AS=label/);
  });

  test('whose limit of streams is reached too, gets one stream without request ids', async () => {
    const bench = deliveryBench({ limits: { batchLines: 2 } });
    bench.platform.onRequest = (request) => {
      const { stream, values } = pushOf(request);
      if (stream.request_id !== undefined)
        return { status: 429, body: 'maximum active stream limit exceeded when trying to create stream {}' };
      return values.some((value) => value[2] !== undefined) ? REFUSED : STORED;
    };
    bench.fill(10, 'a');
    bench.fill(10, 'b');
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    assert.equal(bench.buffer.lines, 0);
  });
});

describe('lines that Loki refuses', () => {
  test('are counted as Loki counts them, by reason; the rest of their push is stored', async () => {
    const bench = deliveryBench({ limits: { batchLines: 10 } });
    script(
      bench,
      {
        status: 400,
        body: "entry with timestamp 2026 ignored, reason: 'entry too far behind',\nuser 't', total ignored: 3 out of 10 for stream: {}",
      },
      { status: 400, body: '4 errors like: max entry size exceeded; 2 errors like: entry has timestamp too old' },
      { status: 400, body: "couldn't parse labels" },
    );
    bench.fill(30);
    assert.equal(await bench.platform.until(bench.delivery.flush(4000)), true);
    const told = bench.platform.stderrLines.map((line) => /refused (\d+) lines/.exec(line)?.[1]);
    assert.deepEqual(told, ['3', '6', '10']);
    assert.match(bench.losses.takeLine()!, /refused 3 lines .*; Loki refused 6 lines .*; Loki refused 10 lines/);
  });
});
