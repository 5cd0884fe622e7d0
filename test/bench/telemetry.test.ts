import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogLines, numberOf } from '../../bench/log-lines';
import { deliveries, scriptFor } from '../../bench/telemetry';

interface Event {
  readonly type: string;
  readonly record: unknown;
}

/** The script as the harness reads it. */
function read(content: Buffer): { requestId: string; posts: Event[][] }[] {
  const invocations: { requestId: string; posts: Event[][] }[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(10, at);
    const [word, value] = content.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (word === 'invoke') {
      invocations.push({ requestId: value, posts: [] });
    } else {
      invocations[invocations.length - 1].posts.push(
        JSON.parse(content.toString('utf8', at, at + Number(value))) as Event[],
      );
      at += Number(value);
    }
  }
  return invocations;
}

test('lines are the same at each run, about 120 bytes long, and numbered', () => {
  const make = () => {
    const lines = new LogLines();
    return Array.from({ length: 5000 }, (_, i) =>
      lines.next(1_760_000_000_000 + i, '0a000000-0000-4000-8000-000000000000'),
    );
  };
  const lines = make();
  assert.deepEqual(make(), lines);
  const mean = lines.reduce((total, line) => total + line.length, 0) / lines.length;
  assert.ok(mean > 110 && mean < 130, `mean length ${mean}`);
  assert.deepEqual(
    lines.map(numberOf),
    lines.map((_, i) => i),
  );
  assert.equal(numberOf('REPORT RequestId: x'), undefined);
});

test('each invocation has its start, all its lines in order, and runtimeDone last; the report comes with the next one', () => {
  const { content, lines } = scriptFor({ invocations: 3, lines: 1500 });
  assert.equal(lines, 4500);
  const invocations = read(content);
  assert.equal(invocations.length, 3);
  let number = 0;
  invocations.forEach(({ requestId, posts }, index) => {
    const events = posts.flat();
    const written = events.filter(({ type }) => type === 'function');
    for (const { record } of written) assert.equal(numberOf((record as string).trimEnd()), number++);
    assert.equal(written.length, 1500);
    const platform = events.filter(({ type }) => type !== 'function').map(({ type }) => type);
    const report = index === 0 ? [] : ['platform.report'];
    assert.deepEqual(platform, [...report, 'platform.start', 'platform.runtimeDone']);
    assert.deepEqual(
      { ...(events[events.length - 1].record as object), metrics: undefined },
      { requestId, status: 'success', metrics: undefined },
    );
  });
});

test('no delivery is larger than Lambda makes it, by items or by bytes', () => {
  const byItems = deliveries(Array.from({ length: 2500 }, () => '1'));
  assert.deepEqual(
    byItems.map((body) => (JSON.parse(body.toString()) as unknown[]).length),
    [1000, 1000, 500],
  );
  const records = Array.from({ length: 900 }, (_, i) => JSON.stringify('é'.repeat(200) + i));
  const byBytes = deliveries(records);
  assert.ok(byBytes.length > 1);
  for (const body of byBytes) assert.ok(body.length <= 262_144, `${body.length} bytes`);
  assert.deepEqual(
    byBytes.flatMap((body) => JSON.parse(body.toString()) as string[]),
    records.map((record) => JSON.parse(record) as string),
  );
});

for (const [kind, bytes] of [
  ['short', 60],
  ['plain', 120],
  ['json', 1000],
  ['long', 204_800],
] as const) {
  test(`lines of kind ${kind} are of about ${bytes} bytes, and each is recognised`, () => {
    const { content, lines, bytes: all } = scriptFor({ invocations: 2, lines: 20, kind });
    assert.equal(lines, 40);
    assert.ok(Math.abs(all / lines / bytes - 1) < 0.1, `mean length ${all / lines}`);
    const records = read(content).flatMap(({ posts }) => posts.flat().filter(({ type }) => type === 'function'));
    const texts = records.map(({ record }) => (typeof record === 'string' ? record.trimEnd() : JSON.stringify(record)));
    assert.deepEqual(
      texts.map(numberOf),
      texts.map((_, i) => i),
    );
    // The longest is split by nobody.
    assert.ok(texts.every((text) => Buffer.byteLength(text) <= 204_800));
  });
}
