import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Batch,
  ENTRY_BYTES,
  PLAIN_TAIL,
  residentBytes,
  valuesOf,
  tailBytes,
  tailOf,
} from '../../../extension/buffer/batch';
import { type BufferLimits, LineBuffer, type Run } from '../../../extension/buffer/line-buffer';
import { createNodePlatform } from '../../../extension/platform/node';
import { rowsOf } from '../../../extension/platform/node/rows';

const utf8Length = (text: string): number => Buffer.byteLength(text);

function bufferOf(limits: Partial<BufferLimits> = {}): LineBuffer & { put(line: string, requestId?: string): boolean } {
  const buffer = new LineBuffer(
    { maxLines: 1000, maxBytes: 100_000, batchLines: 3, batchBytes: 1000, ...limits },
    createNodePlatform(),
  );
  let time = 0;
  return Object.assign(buffer, {
    put: (line: string, requestId = '') => buffer.add(requestId, String(++time), line),
  });
}

const lines = (batch: Batch | undefined): string[] | undefined => batch && valuesOf(batch).map((value) => value[1]);

test('lines come out in the order in which they went in, in batches of at most the set number', () => {
  const buffer = bufferOf();
  assert.deepEqual(
    ['1', '2', '3', '4'].map((line) => buffer.put(line)),
    [false, false, true, false],
    'says when a batch is full',
  );
  assert.deepEqual(lines(buffer.take()), ['1', '2', '3']);
  assert.equal(buffer.take(), undefined, 'the next one still takes lines');
  buffer.close();
  assert.deepEqual(lines(buffer.take()), ['4']);
});

test('a batch never exceeds the set bytes, except by a single line that does so alone', () => {
  const buffer = bufferOf({ batchBytes: 10, batchLines: 100 });
  assert.equal(buffer.put('123456'), false);
  assert.equal(buffer.put('78901'), false, 'opens another batch');
  assert.equal(buffer.put('äää'.slice(0, 2)), false);
  assert.equal(buffer.put('x'.repeat(50)), true);
  assert.equal(buffer.put('1234567890'), true, 'exactly full');
  buffer.close();
  const batches = [buffer.take(), buffer.take(), buffer.take(), buffer.take(), buffer.take()];
  assert.deepEqual(batches.map(lines), [['123456'], ['78901', 'ää'], ['x'.repeat(50)], ['1234567890'], undefined]);
  assert.deepEqual(
    batches.slice(0, 4).map((batch) => batch!.bytes),
    [6, 9, 50, 10],
  );
});

test('a batch may be exactly full: the next line opens another one', () => {
  const buffer = bufferOf({ batchBytes: 10, batchLines: 100 });
  assert.deepEqual([buffer.put('12345'), buffer.put('67890'), buffer.put('x')], [false, true, false]);
  assert.deepEqual(lines(buffer.take()), ['12345', '67890']);
});

test('each request id has batches of its own, and a batch one stream', () => {
  const buffer = bufferOf();
  for (const [line, id] of [
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'a'],
    ['4', ''],
    ['5', 'a'],
    ['6', 'b'],
  ] as const)
    buffer.put(line, id);
  assert.deepEqual(lines(buffer.take()), ['1', '3', '5']);
  buffer.close();
  assert.deepEqual(
    [buffer.take(), buffer.take()].map((batch) => [batch!.requestId, lines(batch)]),
    [
      ['b', ['2', '6']],
      ['', ['4']],
    ],
  );
});

test('counts lines and bytes until Loki has them', () => {
  const buffer = bufferOf();
  for (const line of ['ä', 'bb', 'c']) buffer.put(line);
  const resident = residentBytes(2) + residentBytes(2) + residentBytes(1);
  assert.deepEqual([buffer.lines, buffer.resident, buffer.isEmpty], [3, resident, false]);
  const batch = buffer.take()!;
  assert.deepEqual([buffer.lines, buffer.resident], [3, resident], 'in flight is still held');
  buffer.remove(batch);
  assert.deepEqual([buffer.lines, buffer.resident, buffer.isEmpty], [0, 0, true]);
  buffer.remove(batch);
  assert.deepEqual([buffer.lines, buffer.resident], [0, 0], 'removing it again changes nothing');
});

test('a batch given back is taken first again, as it was', () => {
  const buffer = bufferOf({ batchLines: 1 });
  for (const line of ['1', '2', '3']) buffer.put(line);
  const first = buffer.take()!;
  const second = buffer.take()!;
  const before = first.list.text();
  buffer.giveBack(first);
  assert.equal(buffer.take(), first);
  assert.equal(first.list.text(), before);
  buffer.giveBack(second);
  assert.deepEqual(lines(buffer.take()), ['2']);
});

test('a batch that is being pushed takes no further line', () => {
  const buffer = bufferOf();
  buffer.put('1');
  buffer.close();
  const batch = buffer.take();
  buffer.put('2');
  assert.deepEqual(lines(batch), ['1']);
});

test('room: by lines and by memory; a line over the whole bound needs an empty buffer', () => {
  const buffer = bufferOf({ maxLines: 2, maxBytes: residentBytes(5) * 2 });
  const hasRoomFor = (line: string): boolean => buffer.hasRoomFor(residentBytes(utf8Length(line)));
  assert.ok(hasRoomFor('x'.repeat(1_000_000)), 'into an empty buffer');
  buffer.put('12345');
  assert.ok(hasRoomFor('x'.repeat(5)));
  assert.ok(!hasRoomFor('x'.repeat(6)));
  assert.ok(hasRoomFor('🙂'), 'two characters of two bytes each');
  assert.ok(!hasRoomFor('🙂xx'), 'one emoji makes all characters of a line twice as large');
  assert.ok(hasRoomFor(''));
  buffer.put('1');
  assert.ok(!hasRoomFor(''), 'two lines are there');
  const short = bufferOf({ maxLines: 1 });
  short.put('1');
  assert.deepEqual(
    [short.hasRoomFor(residentBytes(1)), short.hasMemoryFor(residentBytes(1))],
    [false, true],
    'the bound of lines alone is reached',
  );
});

test('memory: a line over the whole bound needs an empty buffer, too', () => {
  const buffer = bufferOf({ maxBytes: residentBytes(5) });
  assert.equal(buffer.hasMemoryFor(residentBytes(6)), true);
  buffer.put('');
  assert.equal(buffer.hasMemoryFor(0), true);
  assert.equal(buffer.hasMemoryFor(6), false);
});

test('counts the lines that Loki has stored and their pushes, and none that it has refused', () => {
  const buffer = bufferOf({ batchLines: 2 });
  assert.deepEqual(buffer.stored, { lines: 0, pushes: 0 });
  for (const line of ['1', '2', '3', '4', '5', '6']) buffer.put(line);
  buffer.remove(buffer.take()!, true);
  buffer.remove(buffer.take()!);
  buffer.remove(buffer.take()!, true);
  assert.deepEqual(buffer.stored, { lines: 4, pushes: 2 });
});

describe('rows of a delivery that become lines as they are', () => {
  /** Puts a line into the buffer, and then texts as rows of a table. */
  function runOf(texts: readonly string[], limits: Partial<BufferLimits> = {}, run: Partial<Run> = {}) {
    const buffer = bufferOf({ batchLines: 100, ...limits });
    const platform = createNodePlatform();
    const rows = rowsOf(JSON.stringify(texts.map((record) => ({ type: 'function', record }))), ['type', 'record'])!;
    const forms = platform.createForms();
    forms.add('', PLAIN_TAIL);
    const add = () =>
      buffer.addRows('', rows, forms, {
        row: 0,
        prefix: '17',
        number: 5,
        most: texts.length,
        longest: 1000,
        longestTail: PLAIN_TAIL,
        ...run,
      });
    return { buffer, add };
  }

  test('go to the batch of their stream that takes lines, one timestamp after another, and are counted', () => {
    const { buffer, add } = runOf(['one', 'zwei', 'ü']);
    assert.deepEqual(add(), { lines: 0, filled: false }, 'no batch takes lines');
    buffer.put('0');
    assert.deepEqual(add(), { lines: 3, filled: false });
    assert.deepEqual([buffer.lines, buffer.resident], [4, 1 + 3 + 4 + 2 + 4 * ENTRY_BYTES]);
    assert.equal(buffer.take(), undefined, 'the batch goes on taking lines');
    buffer.put('later');
    buffer.close();
    const batch = buffer.take()!;
    assert.deepEqual(valuesOf(batch), [
      ['1', '0'],
      ['175', 'one'],
      ['176', 'zwei'],
      ['177', 'ü'],
      ['2', 'later'],
    ]);
    assert.deepEqual([batch.lines, batch.bytes, batch.hasMetadata], [5, 15, false]);
    buffer.remove(batch);
    assert.deepEqual([buffer.lines, buffer.resident], [0, 0]);
  });

  test('no more than are wanted, than fit into the batch, and than fit into the buffer', () => {
    const texts = ['1', '2', '3', '4', '5'];
    const added = (limits: Partial<BufferLimits>, run: Partial<Run> = {}): unknown => {
      const { buffer, add } = runOf(texts, limits, run);
      buffer.put('0');
      const taken = add();
      return [taken.lines, taken.filled];
    };
    assert.deepEqual(added({}, { most: 2 }), [2, false]);
    assert.deepEqual(added({}, { most: 0 }), [0, false]);
    assert.deepEqual(added({ batchLines: 4 }), [3, true], 'the batch is full at 4 lines');
    assert.deepEqual(added({ batchLines: 6 }), [5, true], 'all of them fill it');
    assert.deepEqual(added({ batchBytes: 3 }), [2, true], 'the batch is full at 3 bytes');
    assert.deepEqual(added({ batchBytes: 6 }), [5, true]);
    assert.deepEqual(added({ batchBytes: 7 }), [5, false]);
    assert.deepEqual(added({ maxLines: 3 }), [2, false], 'the buffer holds 3 lines');
    assert.deepEqual(added({ maxLines: 1 }), [0, false], 'the buffer is full');
    assert.deepEqual(added({ maxBytes: residentBytes(1) * 6 }), [5, false], 'just enough memory');
    assert.deepEqual(added({ maxBytes: residentBytes(1) * 6 - 1 }), [4, false]);
    assert.deepEqual(added({ maxBytes: residentBytes(1) + 5 * ENTRY_BYTES }), [0, false]);
    assert.deepEqual(added({}, { longest: 0 }), [0, false], 'longer than a line may be');
  });

  test('a batch that they fill takes no further line', () => {
    const { buffer, add } = runOf(['1', '2'], { batchLines: 3 });
    buffer.put('0');
    assert.deepEqual(add(), { lines: 2, filled: true });
    buffer.put('later');
    assert.deepEqual(lines(buffer.take()), ['0', '1', '2']);
    assert.equal(buffer.take(), undefined);
  });

  test('a batch knows that lines of it have metadata, which is counted', () => {
    const longestTail = tailOf({ tenant_id: 'ü'.repeat(100) });
    const enough = residentBytes(1) * 3 + 2 * tailBytes(longestTail, Buffer.byteLength);
    const short = runOf(['1', '2'], { maxBytes: enough - 1 }, { longestTail });
    short.buffer.put('0');
    assert.deepEqual(short.add(), { lines: 1, filled: false });
    const { buffer, add } = runOf(['1', '2'], { maxBytes: enough }, { longestTail });
    buffer.put('0');
    assert.deepEqual(add(), { lines: 2, filled: false });
    assert.equal(buffer.resident, enough);
    buffer.close();
    const batch = buffer.take()!;
    assert.equal(batch.hasMetadata, true);
    buffer.remove(batch);
    assert.equal(buffer.resident, 0);
  });
});

test('lines that may be in Loki already are dropped last: nobody could say whether they were lost', () => {
  const buffer = bufferOf({ batchLines: 2 });
  for (const line of ['1', '2', 'drei', '4', 'sechs']) buffer.put(line);
  const cut = buffer.take()!;
  cut.uncertain = true;
  buffer.giveBack(cut);
  assert.deepEqual([buffer.lines, buffer.uncertainLines], [5, 2]);
  assert.deepEqual(
    Array.from({ length: 4 }, () => buffer.dropOldest()),
    [4, 1, 5, 1],
  );
  assert.deepEqual(lines(buffer.take()), ['2']);
});

test('the oldest line that is not being pushed is dropped first, one at a time', () => {
  const buffer = bufferOf({ batchLines: 2 });
  for (const line of ['1', 'zwei', '3', 'vier', 'fünf']) buffer.put(line);
  const inFlight = buffer.take()!;
  assert.equal(buffer.dropOldest(), 1);
  assert.equal(buffer.dropOldest(), 4);
  assert.deepEqual([buffer.lines, buffer.resident], [3, residentBytes(1) + residentBytes(4) + residentBytes(5)]);
  assert.equal(buffer.dropOldest(), 5, 'also from a batch that still takes lines');
  assert.equal(buffer.dropOldest(), undefined, 'what is being pushed stays');
  assert.deepEqual(lines(inFlight), ['1', 'zwei']);
  buffer.put('neu');
  buffer.close();
  assert.deepEqual(lines(buffer.take()), ['neu'], 'and the buffer goes on');
});

test('a batch that dropping has emptied leaves the one of its stream that takes lines as it is', () => {
  const buffer = bufferOf({ batchLines: 2 });
  for (const line of ['1', '2', '3']) buffer.put(line);
  assert.equal(buffer.waiting, 1);
  assert.deepEqual([buffer.dropOldest(), buffer.dropOldest()], [1, 1]);
  assert.equal(buffer.take(), undefined, 'line 3 is in a batch that still takes lines');
  assert.equal(buffer.put('4'), true);
  assert.deepEqual(lines(buffer.take()), ['3', '4']);
});

test('counts the batches that wait to be pushed', () => {
  const buffer = bufferOf({ batchLines: 1 });
  for (const line of ['1', '2', '3']) buffer.put(line);
  buffer.take();
  const aside = buffer.take()!;
  aside.aside = { failures: 1, notBefore: 500 };
  buffer.giveBack(aside);
  buffer.put('4');
  assert.equal(buffer.waiting, 2, 'neither the one in flight nor the one set aside');
});

test('halves keep order and place, and later batches are no larger than them', () => {
  const buffer = bufferOf({ batchLines: 5, batchBytes: 100 });
  for (const line of ['1111', '2222', '3333', '4444', '5555']) buffer.put(line);
  buffer.put('later');
  const batch = buffer.take()!;
  const { resident } = buffer;
  buffer.splitTooLarge(batch);
  assert.deepEqual([buffer.lines, buffer.resident], [6, resident]);
  const [head, tail] = [buffer.take()!, buffer.take()!];
  assert.deepEqual(
    [lines(head), head.bytes, lines(tail), tail.bytes],
    [['1111', '2222'], 8, ['3333', '4444', '5555'], 12],
  );
  assert.deepEqual([head.resident, tail.resident], [2 * residentBytes(4), 3 * residentBytes(4)]);
  buffer.put('123456');
  buffer.put('1234567');
  buffer.close();
  assert.deepEqual(
    [lines(buffer.take()), lines(buffer.take()), lines(buffer.take())],
    [['later', '123456'], ['1234567'], undefined],
    '12 bytes at most',
  );
});

test('splitting on and on ends with single lines', () => {
  const buffer = bufferOf({ batchLines: 7 });
  for (let i = 0; i < 7; i++) buffer.put(i === 3 ? '' : String(i));
  const singles: string[] = [];
  for (let batch = buffer.take(); batch !== undefined; batch = buffer.take()) {
    if (batch.lines > 1) {
      buffer.splitTooLarge(batch);
      continue;
    }
    singles.push(...lines(batch)!);
    buffer.remove(batch);
  }
  assert.deepEqual(singles, ['0', '1', '2', '', '4', '5', '6']);
  assert.ok(buffer.isEmpty);
});

test('a change of streams reaches each batch but those being pushed, and closes them', () => {
  const buffer = bufferOf({ batchLines: 2 });
  for (const [line, id] of [
    ['1', 'a'],
    ['2', 'a'],
    ['3', 'b'],
    ['4', 'c'],
  ] as const)
    buffer.put(line, id);
  const inFlight = buffer.take()!;
  buffer.rewrite((batch) => (batch.requestId = ''));
  assert.equal(inFlight.requestId, 'a');
  buffer.put('5');
  assert.deepEqual(
    [buffer.take()].map((batch) => [batch!.requestId, lines(batch)]),
    [['', ['3', '4']]],
    'merged, as they are of one stream now',
  );
  assert.equal(buffer.take(), undefined, 'line 5 waits in a batch of its own');
});

describe('merging', () => {
  test('waiting batches of one stream become one, up to the limits of a batch; times and order stay', () => {
    const buffer = bufferOf({ batchLines: 5 });
    for (const part of [['1', '2'], ['3'], ['4', '5'], ['6']]) {
      for (const line of part) buffer.put(line);
      buffer.close();
    }
    const first = buffer.take();
    assert.deepEqual(lines(first), ['1', '2', '3', '4', '5']);
    assert.deepEqual(
      valuesOf(first!).map((value) => value[0]),
      ['1', '2', '3', '4', '5'],
    );
    assert.deepEqual(lines(buffer.take()), ['6']);
    assert.equal(buffer.take(), undefined);
    assert.equal(buffer.lines, 6);
  });

  test('the limit of bytes holds, and nothing overtakes a batch that does not fit', () => {
    const buffer = bufferOf({ batchLines: 100, batchBytes: 10 });
    for (const line of ['123456', '12345', '1']) {
      buffer.put(line);
      buffer.close();
    }
    assert.deepEqual([lines(buffer.take()), lines(buffer.take())], [['123456'], ['12345', '1']]);
  });

  test('other streams in between are passed over, open batches and those in flight are left alone', () => {
    const buffer = bufferOf({ batchLines: 10 });
    for (const [line, id] of [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
    ] as const) {
      buffer.put(line, id);
      buffer.close();
    }
    buffer.put('4', 'a');
    assert.deepEqual(lines(buffer.take()), ['1', '3']);
    assert.deepEqual(lines(buffer.take()), ['2']);
    assert.equal(buffer.take(), undefined, 'line 4 is in a batch that still takes lines');
  });

  test('a batch that failed for what may be its content stays by itself', () => {
    const buffer = bufferOf({ batchLines: 10 });
    for (const line of ['1', 'bad', '3']) {
      buffer.put(line);
      buffer.close();
      if (line !== 'bad') continue;
      const held = buffer.take()!; // 1 and bad
      buffer.giveBack(held);
      held.alone = true;
    }
    assert.deepEqual([lines(buffer.take()), lines(buffer.take())], [['1', 'bad'], ['3']]);
  });

  test('64 batches behind the first are looked at, so that the time is bounded; at the last chance all of them', () => {
    const filled = (between: number): ReturnType<typeof bufferOf> => {
      const buffer = bufferOf({ batchLines: 10 });
      for (let i = 0; i < between + 2; i++) {
        buffer.put(String(i), i === 0 || i === between + 1 ? 'a' : 'b');
        buffer.close();
      }
      return buffer;
    };
    assert.deepEqual(lines(filled(63).take()), ['0', '64']);
    assert.deepEqual(lines(filled(64).take()), ['0']);
    assert.deepEqual(lines(filled(64).take({ anyNumber: true })), ['0', '65']);
  });

  test('one batch that may be in Loki, or has metadata, makes the merged one like it', () => {
    const buffer = bufferOf({ batchLines: 2 });
    for (const line of ['1', '2', '3', '4']) buffer.put(line);
    const [first, second] = [buffer.take()!, buffer.take()!];
    second.uncertain = true;
    second.hasMetadata = true;
    buffer.giveBack(first);
    buffer.giveBack(second);
    const merged = buffer.take({ anyNumber: true })!;
    assert.deepEqual([lines(merged), merged.uncertain, merged.hasMetadata], [['1', '2', '3', '4'], true, true]);
  });

  test('at the last chance the limit of lines gives way, that of bytes does not', () => {
    const buffer = bufferOf({ batchLines: 2, batchBytes: 6 });
    for (let i = 0; i < 8; i++) buffer.put(String(i));
    assert.deepEqual(lines(buffer.take({ anyNumber: true })), ['0', '1', '2', '3', '4', '5']);
    assert.deepEqual(lines(buffer.take({ anyNumber: true })), ['6', '7']);
  });
});

describe('batches that step aside', () => {
  test('suspects are taken after all others, the one suspected last at the end', () => {
    const buffer = bufferOf({ batchLines: 1 });
    for (const line of ['1', '2', '3', '4']) buffer.put(line);
    for (const time of [20, 10]) {
      const batch = buffer.take()!;
      batch.suspectedAt = time;
      buffer.giveBack(batch);
    }
    assert.equal(buffer.hasUnsuspected, true);
    assert.deepEqual([buffer.take(), buffer.take(), buffer.take(), buffer.take()].map(lines), [
      ['3'],
      ['4'],
      ['2'],
      ['1'],
    ]);
  });

  test('of suspects alone, the one that waits longest is taken first, and of two alike the older one', () => {
    for (const [times, order] of [
      [[10, 20], '12'],
      [[20, 10], '21'],
      [[10, 10], '12'],
    ] as const) {
      const buffer = bufferOf({ batchLines: 1 });
      for (const line of ['1', '2']) buffer.put(line);
      const batches = [buffer.take()!, buffer.take()!];
      batches.forEach((batch, i) => {
        batch.suspectedAt = times[i];
        buffer.giveBack(batch);
      });
      assert.equal([buffer.take(), buffer.take()].map((batch) => lines(batch)!.join()).join(''), order);
      assert.equal(buffer.hasUnsuspected, false);
    }
  });

  test('are not taken with the others, but by themselves when their time has come', () => {
    const buffer = bufferOf({ batchLines: 1 });
    buffer.put('1');
    const batch = buffer.take()!;
    batch.aside = { failures: 1, notBefore: 500 };
    buffer.giveBack(batch);
    assert.equal(buffer.take(), undefined);
    assert.equal(buffer.waiting, 0);
    assert.deepEqual([buffer.isAsideDue(499), buffer.isAsideDue(500)], [false, true]);
    assert.equal(buffer.takeAside(499), undefined);
    assert.equal(buffer.takeAside(500), batch);
    assert.equal(buffer.takeAside(500), undefined, 'not twice');
    buffer.giveBack(batch);
    buffer.allAsideDue();
    assert.equal(buffer.takeAside(0), batch);
  });
});

test('after a batch was too large, the size recovers step by step while pushes pass', () => {
  const buffer = bufferOf({ batchLines: 100, batchBytes: 8 });
  for (const line of ['1234', '5678']) buffer.put(line);
  buffer.splitTooLarge(buffer.take()!);
  const size = (): number => {
    for (let i = 0; i < 8; i++) buffer.put('x');
    buffer.close();
    const sizes: number[] = [];
    for (let batch = buffer.take(); batch !== undefined; batch = buffer.take()) {
      sizes.push(batch.bytes);
      buffer.remove(batch, true);
    }
    return Math.max(...sizes);
  };
  assert.equal(size(), 4);
  for (let i = 0; i < 12; i++) size();
  assert.equal(size(), 8);
});
