import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, type Metadata, residentBytes, tailBytes, tailOf, valuesOf } from '../../../extension/buffer/batch';
import { LineBuffer } from '../../../extension/buffer/line-buffer';
import { createNodePlatform } from '../../../extension/platform/node';
import { randomFrom } from '../support/builders';

const ROUNDS = 150;
const STEPS = 300;
const LIMITS = { maxLines: 40, maxBytes: 4000, batchLines: 5, batchBytes: 60 };

/** Structured metadata of a line, as the end of its entry. */
const METADATA: Metadata[] = [{ level: 'info' }, { tenant_id: 'x'.repeat(150) }, { name: 'ä🙂'.repeat(30) }];
const TAILS = [undefined, ...METADATA].map(tailOf);

interface Line {
  readonly text: string;
  readonly tail: string;
  readonly stream: string;
  readonly time: string;
}

/**
 * Random operations on the buffer beside a plain list of the lines that it ought to hold. A failure prints the seed;
 * LINE_BUFFER_SEED runs it again.
 */
test(`${ROUNDS} random lives of a buffer: nothing lost, nothing doubled, in order per stream, within its bounds`, (t) => {
  const seed = Number(process.env.LINE_BUFFER_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`LINE_BUFFER_SEED=${seed}`);
  const random = randomFrom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    try {
      live(random);
    } catch (error) {
      throw new Error(`LINE_BUFFER_SEED=${seed}, round ${round}`, { cause: error });
    }
  }
});

function residentOf({ text, tail }: Pick<Line, 'text' | 'tail'>): number {
  return residentBytes(Buffer.byteLength(text)) + tailBytes(tail, Buffer.byteLength);
}

function linesOf(batch: Batch): Line[] {
  return valuesOf(batch).map(([time, text, own]) => ({ text, tail: tailOf(own), stream: batch.requestId, time }));
}

function live(random: (below: number) => number): void {
  const buffer = new LineBuffer(LIMITS, createNodePlatform());
  let held: Line[] = [];
  const inFlight: Batch[] = [];
  let time = 0;

  const takenOf = (batch: Batch): Set<string> => new Set(valuesOf(batch).map((value) => value[0]));
  const flying = (): Set<string> => new Set(inFlight.flatMap((batch) => valuesOf(batch).map((value) => value[0])));

  function add(): void {
    const text = ['x', 'ä', '🙂', ''][random(4)].repeat(random(12));
    const stream = ['', 'a', 'b'][random(3)];
    const tail = TAILS[random(TAILS.length)];
    const resident = residentOf({ text, tail });
    while (!buffer.hasRoomFor(resident)) {
      const dropped = buffer.dropOldest();
      if (dropped === undefined) return; // everything is in flight; the line is not added here
      const busy = flying();
      // Oldest first: none that waits in the same stream is older than the one that went. Which one went shows in what
      // is left.
      const left = new Set(contents().map((line) => line.time));
      const gone = held.filter((line) => !left.has(line.time));
      assert.equal(gone.length, 1, 'one line goes at a time');
      assert.equal(Buffer.byteLength(gone[0].text), dropped, 'and its bytes are told');
      const older = held.filter(
        (line) => line.stream === gone[0].stream && !busy.has(line.time) && Number(line.time) < Number(gone[0].time),
      );
      assert.deepEqual(older, [], 'the oldest of its stream goes');
      held = held.filter((line) => line !== gone[0]);
    }
    const line = { text, tail, stream, time: String(++time) };
    buffer.add(stream, line.time, text, tail);
    held.push(line);
  }

  /** What the buffer holds, seen through its own operations, which are undone. */
  function contents(): Line[] {
    const seen: Line[] = [];
    buffer.rewrite((batch) => seen.push(...linesOf(batch)));
    for (const batch of inFlight) seen.push(...linesOf(batch));
    return seen;
  }

  function check(): void {
    const seen = contents();
    assert.equal(seen.length, held.length);
    assert.deepEqual(
      [...seen].sort((a, b) => Number(a.time) - Number(b.time)),
      held,
    );
    assert.equal(buffer.lines, held.length);
    const resident = held.reduce((sum, line) => sum + residentOf(line), 0);
    assert.equal(buffer.resident, resident);
    assert.equal(buffer.isEmpty, held.length === 0);
    assert.ok(
      buffer.lines <= LIMITS.maxLines && (resident <= LIMITS.maxBytes || buffer.lines === 1),
      'within the bounds',
    );
    for (const stream of ['', 'a', 'b']) {
      const waiting: number[] = [];
      buffer.rewrite(
        (batch) => batch.requestId === stream && waiting.push(...valuesOf(batch).map((value) => Number(value[0]))),
      );
      assert.deepEqual(
        [...waiting].sort((a, b) => a - b),
        waiting,
        'in order within a stream',
      );
    }
  }

  for (let step = 0; step < STEPS; step++) {
    const action = random(20);
    if (action < 11) {
      add();
    } else if (action === 11) {
      buffer.close();
    } else if (action < 15) {
      const batch = buffer.take();
      if (batch !== undefined) {
        assert.ok(!inFlight.includes(batch), 'not taken twice');
        assert.ok(batch.lines > 0 && batch.lines <= LIMITS.batchLines);
        assert.ok(batch.bytes <= LIMITS.batchBytes || batch.lines === 1);
        assert.equal(
          batch.bytes,
          valuesOf(batch).reduce((sum, value) => sum + Buffer.byteLength(value[1]), 0),
        );
        const streams = new Set(held.filter((line) => takenOf(batch).has(line.time)).map((line) => line.stream));
        assert.deepEqual([...streams], [batch.requestId], 'one stream');
        inFlight.push(batch);
      }
    } else if (inFlight.length > 0) {
      const [batch] = inFlight.splice(random(inFlight.length), 1);
      if (action < 17) {
        const stored = takenOf(batch);
        buffer.remove(batch);
        held = held.filter((line) => !stored.has(line.time));
      } else if (action === 17 && batch.lines > 1) {
        buffer.split(batch);
      } else {
        buffer.giveBack(batch);
      }
    }
    if (step % 10 === 0) check();
  }
  check();
}
