import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetOf, Timestamps } from '../../../extension/telemetry/timestamps';
import { START } from '../support/fake-platform';

const TIME = '2026-01-02T03:04:05.000Z';

test('a line keeps its millisecond, in nanoseconds', () => {
  const timestamps = new Timestamps(0);
  assert.equal(timestamps.next(timestamps.parse('2026-01-02T03:04:05.678Z', START)), '1767323045678000000');
});

test('100 lines of one millisecond get 100 increasing times within that millisecond', () => {
  const timestamps = new Timestamps(499_999);
  const times = Array.from({ length: 100 }, () => timestamps.next(START));
  assert.equal(new Set(times).size, 100);
  assert.deepEqual([...times].sort(), times);
  assert.ok(times.every((time) => time.startsWith(String(START)) && time.length === 19));
});

test('more than a million lines of one millisecond go on into the next ones, without a gap or a repeat', () => {
  const timestamps = new Timestamps(0);
  let last = BigInt(timestamps.next(START));
  for (let i = 1; i < 1_000_003; i++) {
    const next = BigInt(timestamps.next(START));
    if (next !== last + 1n) assert.fail(`${next} comes after ${last}`);
    last = next;
  }
  assert.equal(last, BigInt(START + 1) * 1_000_000n + 2n);
  assert.equal(
    BigInt(timestamps.next(START + 1)),
    last + 1n,
    'a line of the millisecond that is already in use comes after it',
  );
  assert.equal(timestamps.next(START + 2), `${START + 2}000000`);
});

test('a line with an earlier time comes after the one before it all the same', () => {
  const timestamps = new Timestamps(5);
  const first = BigInt(timestamps.next(START));
  assert.equal(BigInt(timestamps.next(START - 50_000)), first + 1n);
});

test('environments begin their milliseconds at different nanoseconds, so that equal lines in two of them stay two', () => {
  assert.notEqual(new Timestamps(1).next(START), new Timestamps(2).next(START));
});

test('a time that can not be read is now', () => {
  for (const bad of [undefined, null, '', 'yesterday', 5, {}, '2026-13-45T99:99:99Z', '1969-12-31T23:59:59.000Z']) {
    assert.equal(new Timestamps(0).parse(bad, START + 0.75), START, JSON.stringify(bad));
  }
});

test('a time that can not be read is now each time, however often it comes', () => {
  const timestamps = new Timestamps(0);
  for (const bad of [undefined, 'yesterday']) {
    assert.equal(timestamps.parse(bad, START), START);
    assert.equal(timestamps.parse(bad, START + 60_000), START + 60_000);
  }
});

test('a time up to two seconds ahead of the clock is believed, one further ahead is now', () => {
  const timestamps = new Timestamps(0);
  assert.equal(timestamps.parse('2026-01-02T03:04:07.000Z', START), START + 2000);
  assert.equal(timestamps.parse('2026-01-02T03:04:07.001Z', START), START);
  assert.equal(timestamps.parse('2996-01-02T03:15:05.000Z', START), START);
});

test('a time far ahead in one record moves that record alone', () => {
  const timestamps = new Timestamps(0);
  const take = (time: string, now: number): string => (timestamps.begin(now), timestamps.take(time, now));
  take(TIME, START);
  assert.equal(take('2026-01-02T03:13:05.000Z', START), `${START}000001`);
  assert.equal(take('2026-01-02T03:04:05.001Z', START + 1), `${START + 1}000000`);
});

test('after the clock was set back, lines have the new time, and none has the timestamp of one before', () => {
  const timestamps = new Timestamps(100_000);
  const given = new Set<string>();
  const deliver = (at: number): string[] => {
    timestamps.begin(at);
    return Array.from({ length: 3 }, () => timestamps.take(new Date(at).toISOString(), at));
  };
  for (const at of [START, START + 3000, START + 6000]) for (const stamp of deliver(at)) given.add(stamp);
  for (const at of [START, START + 3000]) {
    const stamps = deliver(at);
    assert.deepEqual(stamps, [...stamps].sort());
    for (const stamp of stamps) {
      assert.ok(stamp.startsWith(String(at)), `${stamp} is pinned to a time that has passed`);
      assert.ok(!given.has(stamp), `${stamp} comes a second time`);
      given.add(stamp);
    }
  }
});

test('a step back of the clock of less than two seconds keeps the order', () => {
  const timestamps = new Timestamps(0);
  timestamps.begin(START);
  const first = BigInt(timestamps.take(TIME, START));
  timestamps.begin(START - 1999);
  assert.equal(BigInt(timestamps.take('2026-01-02T03:04:03.001Z', START - 1999)), first + 1n);
});

test('a time that lies ahead since the clock was set back is now, even where it is that of the line before', () => {
  const timestamps = new Timestamps(0);
  timestamps.begin(START);
  timestamps.take(TIME, START);
  timestamps.begin(START - 60_000);
  assert.equal(timestamps.take(TIME, START - 60_000).slice(0, 13), String(START - 60_000));
});

test('an environment restored from a snapshot goes on with an offset of its own', () => {
  const timestamps = new Timestamps(offsetOf(0));
  assert.equal(timestamps.next(START), `${START}100000`);
  timestamps.restart(offsetOf(0.5));
  assert.equal(timestamps.next(START + 1), `${START + 1}300000`);
  assert.ok(offsetOf(0.999_999_9) < 500_000);
});

test('one time after the other is read afresh', () => {
  const timestamps = new Timestamps(0);
  assert.equal(timestamps.parse(TIME, START), START);
  assert.equal(timestamps.parse(TIME, START), START);
  assert.equal(timestamps.parse('2026-01-02T03:04:05.001Z', START), START + 1);
  assert.equal(timestamps.parse(TIME, START), START);
});

test('after the clock was set back, milliseconds begin half a millisecond from where they did', () => {
  const timestamps = new Timestamps(100_000);
  const firsts = [START, START - 10_000, START - 20_000].map((at) => {
    timestamps.begin(at);
    return timestamps.take(new Date(at).toISOString(), at).slice(13);
  });
  assert.deepEqual(firsts, ['100000', '600000', '100000']);
});

test('a millisecond that is used up goes on in the next one, and numbers keep their six digits', () => {
  const take = (offset: number): string[] => {
    const timestamps = new Timestamps(offset);
    return Array.from({ length: 3 }, () => timestamps.take(TIME, START));
  };
  assert.deepEqual(take(999_998), [`${START}999998`, `${START}999999`, `${START + 1}000000`]);
  assert.deepEqual(take(99_998), [`${START}099998`, `${START}099999`, `${START}100000`]);
  assert.deepEqual(take(7), [`${START}000007`, `${START}000008`, `${START}000009`]);
});

test('lines whose time can not be read have the time at which they came', () => {
  const timestamps = new Timestamps(100_000);
  assert.deepEqual(
    [START, START, START + 5000].map((now) => timestamps.take(undefined, now)),
    [`${START}100000`, `${START}100001`, `${START + 5000}100000`],
  );
});

test('a run has the numbers that are left in its millisecond, and none where they would need a zero in front', () => {
  const timestamps = new Timestamps(100_000);
  timestamps.beginRun(TIME, START);
  assert.deepEqual([timestamps.prefix, timestamps.number, timestamps.available], [String(START), 100_000, 900_000]);
  timestamps.taken(3);
  timestamps.beginRun(TIME, START);
  assert.deepEqual([timestamps.number, timestamps.available], [100_003, 899_997]);
  timestamps.taken(0);
  assert.equal(timestamps.take(TIME, START), `${START}100004`);
  const early = new Timestamps(99_999);
  early.beginRun(TIME, START);
  assert.equal(early.available, 0);
  early.beginRun(TIME, START);
  assert.equal(early.available, 900_000);
});
