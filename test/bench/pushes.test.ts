import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { readPushes } from '../../bench/pushes';

/** When every push arrives here; its lines carry their index as their time, in nanoseconds. */
const ARRIVED = 1000;

function body(...lines: string[]): Buffer {
  return Buffer.from(
    JSON.stringify({ streams: [{ stream: { source: 'lambda' }, values: lines.map((line, i) => [String(i), line]) }] }),
  );
}

function push(encoding: string, content: Buffer, nexts: number, head = 200): Buffer {
  return Buffer.concat([Buffer.from(`${encoding} ${head} ${content.length} ${nexts} ${ARRIVED}\n`), content]);
}

test('lines are counted once, whatever the encoding, and those of the platform not at all', () => {
  const [first, second] = [body('START RequestId: a', 'x seq=0', 'y seq=1'), body('y seq=1', 'z seq=2')];
  const dump = Buffer.concat([push('identity', first, 1), push('gzip', zlib.gzipSync(second), 1)]);
  const arrived = readPushes(dump, 3);
  assert.equal(arrived.pushes, 2);
  assert.equal(arrived.lines, 3);
  assert.equal(arrived.linesInTime, 3);
  assert.equal(arrived.plainBytes, first.length + second.length);
  assert.equal(arrived.wireBytes, 400 + first.length + zlib.gzipSync(second).length);
});

test('a line is in time when its push was answered before the /next of its own invocation', () => {
  // Two lines an invocation. The first call of /next is that of the start.
  const dump = Buffer.concat([
    push('identity', body('a seq=0'), 1),
    push('identity', body('b seq=1'), 2),
    push('identity', body('c seq=2', 'd seq=3'), 2),
  ]);
  const { lines, linesInTime } = readPushes(dump, 2);
  assert.deepEqual({ lines, linesInTime }, { lines: 4, linesInTime: 3 });
});

test("an encoding that can't be read is named", () => {
  assert.throws(() => readPushes(push('zstd', body('x seq=0'), 1), 2), /zstd/);
});

test('a line is as old as it was when it first arrived; those of the lead-in have no say', () => {
  const at = (ms: number, number: number) => [String(ms * 1e6), `x seq=${number}`];
  const content = (values: string[][]) => Buffer.from(JSON.stringify({ streams: [{ values }] }));
  const dump = Buffer.concat([
    push('identity', content([at(10, 0), at(900, 1)]), 1),
    push('identity', content([at(800, 2), at(900, 1)]), 1),
  ]);
  assert.deepEqual(readPushes(dump, 1, 1).ages, [100, 200]);
  assert.equal(readPushes(dump, 1).ages.length, 3);
  assert.equal(readPushes(dump, 1).repeats, 1);
});
