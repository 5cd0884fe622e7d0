import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { type BufferLimits, LineBuffer } from '../../../extension/buffer/line-buffer';
import { Diagnostics, DIAGNOSTICS_PREFIX } from '../../../extension/diagnostics';
import { type LokiValue, residentBytes, valuesOf } from '../../../extension/buffer/batch';
import { createLineMetadata } from '../../../extension/lines';
import { createLineRules } from '../../../extension/rules';
import { Streams } from '../../../extension/loki/streams';
import { Intake } from '../../../extension/telemetry/intake';
import { RequestIds } from '../../../extension/telemetry/request-ids';
import { Timestamps } from '../../../extension/telemetry/timestamps';
import { delivery as deliveryOf, ID_1, ID_2, settingsOf } from '../support/builders';
import { FakePlatform, START } from '../support/fake-platform';

const TIME = '2026-01-02T03:04:05.000Z';

interface Entry {
  readonly requestId: string;
  readonly value: LokiValue;
}

interface Bench {
  readonly platform: FakePlatform;
  readonly buffer: LineBuffer;
  readonly intake: Intake;
  /** What the rest of the extension was told, in order. */
  readonly told: string[];
  readonly dropped: number[];
  roomWanted: (lineTime: number) => Promise<boolean>;
  mayExceedLines: boolean;
  /** Hands one delivery over as Lambda sends it: as JSON. */
  deliver(json: string | readonly unknown[]): Promise<void>;
  /** Takes everything out of the buffer. */
  drain(): Entry[];
  lines(): string[];
}

interface BenchOptions {
  readonly concurrent?: boolean;
  readonly limits?: Partial<BufferLimits>;
}

function benchOf(env: Record<string, string> = {}, { concurrent = false, limits = {} }: BenchOptions = {}): Bench {
  const platform = new FakePlatform();
  const settings = settingsOf(env);
  const buffer = new LineBuffer(
    { maxLines: 10_000, maxBytes: 1 << 24, batchLines: 100, batchBytes: 1 << 20, ...limits },
    platform,
  );
  const told: string[] = [];
  const dropped: number[] = [];
  const diagnostics = new Diagnostics(platform);
  const wanted =
    env.LOKI_METADATA === undefined ? {} : createLineMetadata(platform, diagnostics, settings, { concurrent });
  const asksForRules = ['LOKI_RULES', 'LOKI_MIN_LEVEL', 'LOKI_KEEP_ON_ERROR'].some((name) => name in env);
  const bench: Bench = {
    platform,
    buffer,
    told,
    dropped,
    roomWanted: async () => false,
    mayExceedLines: false,
    intake: new Intake({
      platform,
      buffer,
      diagnostics,
      ...wanted,
      rules: asksForRules ? createLineRules(platform, diagnostics, settings, concurrent) : undefined,
      options: settings,
      streams: new Streams(settings, { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' }),
      requestIds: new RequestIds(concurrent),
      timestamps: new Timestamps(0),
      listener: {
        initDone: () => told.push('init done'),
        invocationDone: (requestId, { time, resets }) =>
          told.push(`done ${requestId} ${time - START}${resets ? ', resets' : ''}`),
        invocationReported: (requestId) => told.push(`reported ${requestId}`),
        batchFilled: () => told.push('filled'),
        roomWanted: (lineTime) => bench.roomWanted(lineTime),
        mayExceedLines: () => bench.mayExceedLines,
        dropped: (bytes) => dropped.push(bytes),
      },
    }),
    async deliver(json) {
      await platform.until(bench.intake.accept(deliveryOf(json)));
    },
    drain() {
      buffer.close();
      const entries: Entry[] = [];
      for (let batch = buffer.take(); batch !== undefined; batch = buffer.take()) {
        for (const value of valuesOf(batch)) entries.push({ requestId: batch.requestId, value });
        buffer.remove(batch);
      }
      return entries.sort((a, b) => (BigInt(a.value[0]) < BigInt(b.value[0]) ? -1 : 1));
    },
    lines: () => bench.drain().map(({ value }) => value[1]),
  };
  return bench;
}

const fn = (record: unknown, time = TIME): unknown => ({ time, type: 'function', record });
const platformEvent = (type: string, record: unknown, time = TIME): unknown => ({
  time,
  type: `platform.${type}`,
  record,
});

let bench: Bench;
beforeEach(() => (bench = benchOf()));

describe("lines are the user's, verbatim", () => {
  const TEXTS: [record: string, line?: string][] = [
    ['User {id: 5} failed'],
    ['a\tb\t\tc'],
    ['\u001b[31mred\u001b[0m'],
    ['  padded  '],
    ['🙂 ü € \u0000'],
    ['"quoted" \\ and \\n'],
    ['{"a": 1.0,  "b":12345678901234567890}'],
    ['first\nsecond\n\nlast'],
    [''],
    ['\n', ''],
    ['\n\n', '\n'],
    ['text\n', 'text'],
    ['text\r\n', 'text\r'],
    ['\r\n', '\r'],
    ['null'],
    ['[1,2'],
    [`[INFO]\t2026-01-02T03:04:05.006Z\t${ID_1}\tx`],
  ];
  for (const [record, line = record] of TEXTS) {
    test(JSON.stringify(record), async () => {
      await bench.deliver([fn(record)]);
      assert.deepEqual(bench.lines(), [line]);
    });
  }

  const VALUES: [json: string, line?: string][] = [
    ['{ "level" : "INFO",\n  "message": "a b" }', '{"level":"INFO","message":"a b"}'],
    ['{"id":12345678901234567890,"ratio":1.0,"e":1e400}'],
    ['{"b":1,"a":2,"b":3}'],
    ['{"a":{"b":[{"c":null}]}}'],
    ['{"path":"a\\/b","u":"\\u00e9"}'],
    ['12345678901234567890'],
    ['1.0'],
    ['-0'],
    ['null'],
    ['true'],
    ['false'],
    ['[]'],
    ['[ 1, "two", [3] ]', '[1,"two",[3]]'],
    ['{}'],
  ];
  for (const [json, line = json] of VALUES) {
    test(`JSON value ${json}`, async () => {
      await bench.deliver(`[{"time":"${TIME}","type":"function","record":${json}}]`);
      assert.deepEqual(bench.lines(), [line]);
    });
  }
});

describe('timestamps', () => {
  test('100 equal lines of one millisecond are 100 entries, in order', async () => {
    await bench.deliver(Array.from({ length: 100 }, () => fn('same')));
    const times = bench.drain().map(({ value }) => value[0]);
    assert.equal(new Set(times).size, 100);
    assert.equal(times[0], `${START}000000`);
    assert.equal(times[99], `${START}000099`);
  });

  test('a line without a usable time gets the present one, and can so be stored', async () => {
    await bench.deliver([
      { type: 'function', record: 'none' },
      { type: 'function', time: 'noon', record: 'bad' },
      fn('future', '2126-01-01T00:00:00.000Z'),
    ]);
    assert.deepEqual(
      bench.drain().map(({ value }) => value),
      [
        [`${START}000000`, 'none'],
        [`${START}000001`, 'bad'],
        [`${START}000002`, 'future'],
      ],
    );
  });
});

describe('request ids', () => {
  const ids = (): string[] => bench.drain().map(({ requestId, value }) => `${value[1].split(' ')[0]}:${requestId}`);

  test('lines of Init have none, those of an invocation its id, those after it none', async () => {
    await bench.deliver([platformEvent('initStart', {}), fn('init')]);
    await bench.deliver([platformEvent('start', { requestId: ID_1 })]);
    await bench.deliver([fn('hello'), fn({ message: 'x' })]);
    await bench.deliver([
      platformEvent('runtimeDone', { requestId: ID_1, status: 'success' }),
      fn('background'),
      platformEvent('report', { requestId: ID_1 }),
    ]);
    await bench.deliver([platformEvent('start', { requestId: ID_2 }), fn('again')]);
    assert.deepEqual(ids(), [
      'INIT_START:',
      'init:',
      `START:${ID_1}`,
      `hello:${ID_1}`,
      `{"message":"x"}:${ID_1}`,
      `END:${ID_1}`,
      'background:',
      `REPORT:${ID_1}`,
      `START:${ID_2}`,
      `again:${ID_2}`,
    ]);
  });

  test('where invocations run side by side, only lines that name one have one', async () => {
    bench = benchOf({}, { concurrent: true });
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      platformEvent('start', { requestId: ID_2 }),
      fn('text'),
      fn({ requestId: ID_1 }),
    ]);
    assert.deepEqual(ids(), [`START:${ID_1}`, `START:${ID_2}`, 'text:', `{"requestId":"${ID_1}"}:${ID_1}`]);
  });

  test("LOKI_EXTRACT_REQUEST_ID=false: no line has one, not even the platform's", async () => {
    bench = benchOf({ LOKI_EXTRACT_REQUEST_ID: 'false' });
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      fn({ requestId: ID_1 }),
      fn('x'),
      platformEvent('report', { requestId: ID_1 }),
    ]);
    assert.deepEqual(
      bench.drain().map(({ requestId }) => requestId),
      ['', '', '', ''],
    );
  });

  test('LOKI_REQUEST_ID_AS=metadata: it is structured metadata, and the stream is one', async () => {
    bench = benchOf({ LOKI_REQUEST_ID_AS: 'metadata' });
    await bench.deliver([fn('init'), platformEvent('start', { requestId: ID_1 }), fn('x')]);
    assert.deepEqual(
      bench.drain().map(({ requestId, value }) => [requestId, value[2]]),
      [
        ['', undefined],
        ['', { request_id: ID_1 }],
        ['', { request_id: ID_1 }],
      ],
    );
  });
});

describe('lines that begin as others did', () => {
  const node = (id: string, message: string, level = 'INFO'): string => `${TIME}\t${id}\t${level}\t${message}`;

  test('are of the function: those of an extension are not shipped with them', async () => {
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      fn(node(ID_1, 'mine')),
      { time: TIME, type: 'extension', record: node(ID_1, 'theirs') },
      fn(node(ID_1, 'mine, too')),
    ]);
    assert.deepEqual(bench.lines().slice(1), [node(ID_1, 'mine'), node(ID_1, 'mine, too')]);
  });

  test('fill batches as others do', async () => {
    bench = benchOf({ LOKI_LOG_TYPES: 'function' }, { limits: { batchLines: 2 } });
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      ...['1', '2', '3', '4'].map((text) => fn(node(ID_1, text))),
    ]);
    assert.deepEqual(bench.told, ['filled', 'filled']);
    assert.equal(bench.lines().length, 4);
  });
});

describe('what a setting has looked for in lines', () => {
  const own = (): unknown[] => bench.drain().map(({ value }) => [value[1].split(' ')[0], value[2]]);

  test('metadata of the invocation is on its lines, whether or not they have its id', async () => {
    bench = benchOf({ LOKI_METADATA: 'a', LOKI_EXTRACT_REQUEST_ID: 'false', LOKI_LOG_TYPES: 'function' });
    await bench.deliver([
      platformEvent('start', { requestId: ID_1, tenantId: 'blue' }),
      fn('x'),
      fn('{"a":"1"}'),
      platformEvent('start', { requestId: ID_2 }),
      fn('y'),
    ]);
    assert.deepEqual(own(), [
      ['x', { cold_start: 'true', tenant_id: 'blue' }],
      ['{"a":"1"}', { cold_start: 'true', tenant_id: 'blue', a: '1' }],
      ['y', undefined],
    ]);
  });

  test('a record of JSON is taken apart, with and without masks, and not where a mask withholds it', async () => {
    const record = { level: 'WARN', message: 'card 4111', user: 'u-4111' };
    const unwrapped = { level: 'warn' };
    for (const [rules, line, metadata] of [
      [undefined, 'card 4111', { ...unwrapped, user: 'u-4111' }],
      [{ pattern: '4111', replace_placeholder: '****' }, 'card ****', { ...unwrapped, user: 'u-****' }],
      [{ pattern: '(' }, 'LambdaWatch: a line was withheld', undefined],
    ] as const) {
      bench = benchOf({
        LOKI_METADATA: 'none',
        LOKI_UNWRAP_JSON: 'true',
        ...(rules && { LOKI_RULES: JSON.stringify([{ type: 'mask_sequences', name: 'card', ...rules }]) }),
      });
      await bench.deliver([fn(record)]);
      const [{ value }] = bench.drain();
      assert.equal(value[1].slice(0, line.length), line);
      assert.deepEqual(value[2], metadata);
    }
  });

  test('a line that waited for the end of its invocation is split over the limit, and not at it', async () => {
    const env = { LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true', LOKI_MAX_LINE_SIZE: '64' };
    bench = benchOf({ ...env, LOKI_LOG_TYPES: 'function', LOKI_REQUEST_ID_AS: 'metadata' });
    const line = (length: number): string => 'DEBUG '.padEnd(length, 'x');
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      fn(line(64)),
      fn(line(65)),
      platformEvent('runtimeDone', { requestId: ID_1, status: 'error' }),
    ]);
    assert.deepEqual(
      bench.drain().map(({ value }) => [value[1].length, value[2]?.part]),
      [
        [64, undefined],
        [64, '1'],
        [1, '2'],
      ],
    );
  });

  test('what waited comes before what is logged after the end, and at shutdown as well', async () => {
    bench = benchOf({ LOKI_MIN_LEVEL: 'info', LOKI_KEEP_ON_ERROR: 'true', LOKI_LOG_TYPES: 'function' });
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      fn('DEBUG 1'),
      fn('ERROR 2'),
      platformEvent('start', { requestId: ID_2 }),
      fn('DEBUG 3'),
    ]);
    assert.deepEqual(bench.lines(), ['DEBUG 1', 'ERROR 2']);
    await bench.intake.shutdown();
    assert.deepEqual(bench.lines(), ['DEBUG 3']);
  });
});

describe('long lines', () => {
  test('a line of exactly the limit is stored whole, without a part number', async () => {
    bench = benchOf({ LOKI_MAX_LINE_SIZE: '1000' });
    await bench.deliver([fn('ä'.repeat(500)), fn(`${'x'.repeat(1000)}\n`)]);
    assert.deepEqual(
      bench.drain().map(({ value }) => [value[1].length, value[2]]),
      [
        [500, undefined],
        [1000, undefined],
      ],
    );
  });

  for (const mode of ['label', 'metadata']) {
    test(`300 KiB with emoji: parts in order, numbered, joined the original (request id as ${mode})`, async () => {
      bench = benchOf({ LOKI_REQUEST_ID_AS: mode });
      const line = '€🙂ü-'.repeat(30_720);
      await bench.deliver([platformEvent('start', { requestId: ID_1 }), fn(line), fn('next')]);
      const entries = bench.drain().slice(1);
      assert.equal(entries.length, 3);
      assert.equal(entries[0].value[1] + entries[1].value[1], line);
      assert.ok(entries.every(({ value }) => Buffer.byteLength(value[1]) <= 204_800));
      const identified = mode === 'label' ? undefined : { request_id: ID_1 };
      assert.deepEqual(
        entries.map(({ value }) => value[2]),
        [{ ...identified, part: '1', parts: '2' }, { ...identified, part: '2', parts: '2' }, identified],
      );
      assert.ok(entries.every(({ requestId }) => requestId === (mode === 'label' ? ID_1 : '')));
    });
  }

  test('a long JSON record is split as well', async () => {
    bench = benchOf({ LOKI_MAX_LINE_SIZE: '64' });
    await bench.deliver([fn({ message: 'x'.repeat(100) })]);
    assert.equal(bench.lines().join(''), JSON.stringify({ message: 'x'.repeat(100) }));
  });
});

describe('what is shipped', () => {
  const delivery = [
    platformEvent('start', { requestId: ID_1 }),
    fn('mine'),
    { time: TIME, type: 'extension', record: 'theirs' },
    platformEvent('runtimeDone', { requestId: ID_1 }),
  ];

  test('by default function and platform', async () => {
    await bench.deliver(delivery);
    assert.deepEqual(bench.lines(), [`START RequestId: ${ID_1} Version: $LATEST`, 'mine', `END RequestId: ${ID_1}`]);
  });

  test("function alone: the platform's events are still acted upon, and ids known", async () => {
    bench = benchOf({ LOKI_LOG_TYPES: 'function' });
    await bench.deliver(delivery);
    assert.deepEqual(
      bench.drain().map(({ requestId, value }) => [requestId, value[1]]),
      [[ID_1, 'mine']],
    );
    assert.deepEqual(bench.told, [`done ${ID_1} 0`]);
  });

  test("extension: other extensions' lines, never our own diagnostics, and none with a request id", async () => {
    bench = benchOf({ LOKI_LOG_TYPES: 'extension' });
    await bench.deliver([
      ...delivery,
      { time: TIME, type: 'extension', record: `${DIAGNOSTICS_PREFIX}warn: Loki can't be reached\n` },
    ]);
    assert.deepEqual(
      bench.drain().map(({ requestId, value }) => [requestId, value[1]]),
      [['', 'theirs']],
    );
  });

  test("a function's line that looks like our diagnostics is the user's", async () => {
    await bench.deliver([fn(`${DIAGNOSTICS_PREFIX}warn: x`)]);
    assert.deepEqual(bench.lines(), [`${DIAGNOSTICS_PREFIX}warn: x`]);
  });
});

describe('events that are not as they should be', () => {
  test('nothing crashes, and what stands around them survives', async () => {
    const odd: unknown[] = [
      null,
      5,
      'text',
      [],
      {},
      true,
      { type: 'function' },
      { type: 'function', time: TIME },
      { type: 5, record: 'x' },
      { type: null },
      { record: 'x' },
      { type: 'unknown', record: 'x' },
      { type: 'platform.new', record: 'x' },
      { type: 'platform.start' },
      { type: 'platform.start', record: null },
      { type: 'platform.start', record: { requestId: 5 } },
      { type: 'platform.runtimeDone', record: {} },
      { type: 'platform.report', record: [] },
      { type: 'platform.report', record: { requestId: '', metrics: 7 } },
      { type: 'platform.fault' },
      { type: 'platform.runtimeDone', record: { status: 'timeout' } },
    ];
    for (const event of odd) {
      await bench.deliver([fn('before'), event, fn('after')]);
      const lines = bench.lines();
      assert.deepEqual([lines[0], lines.at(-1)], ['before', 'after'], JSON.stringify(event));
      assert.ok(
        lines.every((line) => !/undefined|\[object/.test(line)),
        `${JSON.stringify(event)} gives ${lines.join(' | ')}`,
      );
    }
    assert.deepEqual(bench.platform.stderrLines, []);
  });

  test('a record whose handling fails is left out, said once, and the others are stored', async () => {
    const rows = deliveryOf(['before', 'poison', 'between', 'poison', 'after'].map((text) => fn(text)));
    const text = (row: number, column: number): string | undefined => {
      const value = rows.text(row, column);
      if (value === 'poison') throw new Error('boom');
      return value;
    };
    await bench.intake.accept({ count: () => rows.count(), json: () => undefined, text });
    assert.deepEqual(bench.lines(), ['before', 'between', 'after']);
    assert.equal(bench.platform.stderrLines.length, 1);
    assert.match(bench.platform.stderrLines[0], /boom/);
  });

  test('a timeout whose event has no time says a time all the same', async () => {
    await bench.deliver([
      { type: 'platform.runtimeDone', record: { requestId: ID_1, status: 'timeout', metrics: { durationMs: 3000 } } },
    ]);
    assert.equal(bench.lines()[0], `${TIME} ${ID_1} Task timed out after 3.00 seconds`);
  });
});

describe('what others are told', () => {
  test('runtimeDone with its time and report, when the lines before them are in the buffer', async () => {
    await bench.deliver([
      platformEvent('start', { requestId: ID_1 }),
      fn('x'),
      platformEvent('runtimeDone', { requestId: ID_1, status: 'success' }, '2026-01-02T03:04:05.120Z'),
      platformEvent('report', { requestId: ID_1 }),
    ]);
    assert.deepEqual(bench.told, [`done ${ID_1} 120`, `reported ${ID_1}`]);
  });

  for (const [status, resets] of [
    ['success', ''],
    ['error', ', resets'],
    ['failure', ', resets'],
    ['timeout', ', resets'],
    [undefined, ''],
  ] as const) {
    test(`an invocation that ends with status ${status}${resets}`, async () => {
      await bench.deliver([platformEvent('runtimeDone', { requestId: ID_1, ...(status && { status }) })]);
      assert.deepEqual(bench.told, [`done ${ID_1} 0${resets}`]);
    });
  }

  test('the end of Init', async () => {
    await bench.deliver([platformEvent('initRuntimeDone', { initializationType: 'snap-start', status: 'success' })]);
    assert.deepEqual(bench.told, ['init done']);
  });

  test('each batch that is full', async () => {
    bench = benchOf({}, { limits: { batchLines: 2 } });
    await bench.deliver([fn('1'), fn('2'), fn('3'), fn('4'), fn('5')]);
    assert.deepEqual(bench.told, ['filled', 'filled']);
  });
});

describe('a full buffer', () => {
  test('waits while there is hope of room, and loses nothing', async () => {
    bench = benchOf({}, { limits: { maxLines: 3, batchLines: 1 } });
    let waits = 0;
    const stored: string[] = [];
    bench.roomWanted = async () => {
      waits++;
      await new Promise<void>((resolve) => bench.platform.setTimer(100, resolve));
      const batch = bench.buffer.take()!;
      stored.push(...valuesOf(batch).map((value) => value[1]));
      bench.buffer.remove(batch);
      return true;
    };
    await bench.deliver(['1', '2', '3', '4', '5'].map((line) => fn(line)));
    assert.equal(waits, 2);
    assert.deepEqual([...stored, ...bench.lines()], ['1', '2', '3', '4', '5']);
    assert.deepEqual(bench.dropped, []);
  });

  test('without hope the oldest lines go, counted one by one', async () => {
    bench = benchOf({}, { limits: { maxLines: 3 } });
    await bench.deliver(['one', '2', '3', '4', '5'].map((line) => fn(line)));
    assert.deepEqual(bench.lines(), ['3', '4', '5']);
    assert.deepEqual(bench.dropped, [3, 1]);
  });

  test('the bound on memory counts what a line takes there; the loss is told in bytes of UTF-8', async () => {
    bench = benchOf({}, { limits: { maxBytes: residentBytes(1) * 3 + 2 } });
    await bench.deliver([fn('ääää'), fn('b'), fn('cc'), fn('d')]);
    assert.deepEqual(bench.lines(), ['b', 'cc', 'd']);
    assert.deepEqual(bench.dropped, [8]);
  });

  test("the bound on memory counts structured metadata: REPORT's, and that of lines", async () => {
    const maxBytes = 20_000;
    bench = benchOf({ LOKI_METADATA: 'a,b' }, { limits: { maxBytes, maxLines: 1000 } });
    const line = JSON.stringify({ a: 'ä'.repeat(400), b: 'x'.repeat(800), level: 'info' });
    await bench.deliver(Array.from({ length: 100 }, () => fn(line)));
    assert.equal(bench.buffer.resident > maxBytes - 4000 && bench.buffer.resident <= maxBytes, true);
    bench.buffer.close();
    const batch = bench.buffer.take({ anyNumber: true })!;
    assert.equal(batch.list.text().length < maxBytes, true, 'what is held: text and metadata, as it is sent');
    assert.equal(bench.dropped.length, 100 - batch.lines);
    bench.buffer.remove(batch);
    assert.equal(bench.buffer.resident, 0);
  });

  test('lines that can no longer wait exceed the bound of lines while Loki takes lines, but not that of memory', async () => {
    bench = benchOf({}, { limits: { maxLines: 2, maxBytes: residentBytes(1) * 4 } });
    bench.mayExceedLines = true;
    await bench.deliver(['1', '2', '3', '4', '5'].map((line) => fn(line)));
    assert.deepEqual(bench.lines(), ['2', '3', '4', '5']);
    assert.deepEqual(bench.dropped, [1]);
  });

  test('whether lines may exceed the bound is asked once for each delivery', async () => {
    bench = benchOf({}, { limits: { maxLines: 2, batchLines: 100 } });
    bench.mayExceedLines = true;
    let asked = 0;
    bench.roomWanted = async () => asked++ < 0;
    const lines = Array.from({ length: 50 }, (_, i) => String(i));
    await bench.deliver(lines.map((line) => fn(line)));
    assert.equal(asked, 1);
    bench.mayExceedLines = false;
    await bench.deliver([fn('50'), fn('51')]);
    assert.equal(asked, 3);
    assert.deepEqual(bench.lines(), [...lines, '50', '51'].slice(2));
  });

  test('lines that exceed the bound stay when Loki begins to fail: each new one takes the place of one', async () => {
    bench = benchOf({}, { limits: { maxLines: 2 } });
    bench.mayExceedLines = true;
    await bench.deliver(['1', '2', '3', '4'].map((line) => fn(line)));
    bench.mayExceedLines = false;
    await bench.deliver([fn('5')]);
    assert.deepEqual(bench.lines(), ['2', '3', '4', '5']);
    assert.deepEqual(bench.dropped, [1]);
  });

  test('who decides about waiting learns when the line was logged', async () => {
    bench = benchOf({}, { limits: { maxLines: 1 } });
    const times: number[] = [];
    bench.roomWanted = async (lineTime) => {
      times.push(lineTime - START);
      return false;
    };
    await bench.deliver([fn('1'), fn('2', '2026-01-02T03:04:05.120Z')]);
    assert.deepEqual(times, [120]);
  });

  test('a line larger than the whole bound is kept alone', async () => {
    bench = benchOf({}, { limits: { maxBytes: residentBytes(1) + 20 } });
    await bench.deliver([fn('a'), fn('x'.repeat(50))]);
    assert.deepEqual(bench.lines(), ['x'.repeat(50)]);
  });

  test('what is being pushed is not dropped', async () => {
    bench = benchOf({}, { limits: { maxLines: 2, batchLines: 1 } });
    await bench.deliver([fn('pushed'), fn('2')]);
    const batch = bench.buffer.take()!;
    await bench.deliver([fn('3'), fn('4')]);
    bench.buffer.giveBack(batch);
    assert.deepEqual(bench.lines(), ['pushed', '4']);
  });

  test("a note of the extension's own gets in", async () => {
    bench = benchOf({}, { limits: { maxLines: 1 } });
    await bench.deliver([fn('full')]);
    bench.intake.note('LambdaWatch: dropped');
    assert.deepEqual(bench.lines(), ['full', 'LambdaWatch: dropped']);
  });
});
