import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Losses } from '../../../extension/buffer/losses';
import { Diagnostics } from '../../../extension/diagnostics';
import { FakePlatform } from '../support/fake-platform';

function benchOf(): { losses: Losses; tell: (now?: number) => string[] } {
  const platform = new FakePlatform();
  const losses = new Losses();
  return {
    losses,
    tell: (now = Infinity) => {
      losses.tell(new Diagnostics(platform), now);
      return platform.stderrLines.splice(0);
    },
  };
}

test('nothing lost, nothing said', () => {
  const { losses, tell } = benchOf();
  assert.deepEqual(tell(), []);
  assert.equal(losses.takeLine(), undefined);
});

test('lines and bytes are told once on stderr, with the settings that would help, and once in Loki', () => {
  const { losses, tell } = benchOf();
  for (const bytes of [10, 0, 32]) losses.dropped(bytes);
  const said = tell();
  assert.equal(said.length, 1);
  assert.match(said[0], /dropped 3 of the oldest lines \(42 bytes\).*LOKI_BUFFER_SIZE and LOKI_BUFFER_MAX_BYTES/);
  assert.deepEqual(tell(), [], 'once');
  assert.equal(losses.takeLine(), 'LambdaWatch: dropped 3 of the oldest lines (42 bytes) because the buffer was full');
  assert.equal(losses.takeLine(), undefined, 'once');
});

test('stderr has the right number also when the line for Loki was taken first', () => {
  const { losses, tell } = benchOf();
  losses.dropped(5);
  assert.match(losses.takeLine()!, /dropped 1 of the oldest lines \(5 bytes\)/);
  const said = tell();
  assert.equal(said.length, 1);
  assert.match(said[0], /dropped 1 of the oldest lines \(5 bytes\)/);
});

test('each says what came since it last spoke, so that the numbers add up to the loss', () => {
  const { losses, tell } = benchOf();
  losses.dropped(1);
  losses.dropped(1);
  assert.match(tell()[0], /dropped 2 /);
  losses.dropped(1);
  assert.match(tell()[0], /dropped 1 .*\(1 bytes\)/);
  assert.match(losses.takeLine()!, /dropped 3 .*\(3 bytes\)/);
});

test('what Loki refused is told by reason, with numbers; times and sizes in its words make no other reason', () => {
  const { losses, tell } = benchOf();
  losses.refused(3, 30, 'status 400: entry has timestamp too old: 2026-01-01');
  losses.refused(2, 20, 'status 400: entry has timestamp too old: 2026-02-02');
  losses.refused(1, 9, 'status 400: max entry size exceeded');
  losses.dropped(4);
  const [old, long, dropped, ...rest] = tell();
  assert.match(
    old,
    /Loki refused 5 lines \(50 bytes\), which are not sent again: status 400: entry has timestamp too old: 2026-02-02/,
  );
  assert.match(long, /Loki refused 1 line \(9 bytes\).*max entry size exceeded/);
  assert.match(dropped, /dropped 1 of the oldest lines/);
  assert.doesNotMatch(old, /LOKI_BUFFER/, 'a larger buffer is no help against refusals');
  assert.deepEqual(rest, []);
  assert.match(
    losses.takeLine()!,
    /^LambdaWatch: Loki refused 5 lines .*; Loki refused 1 line .*; dropped 1 of the oldest lines/,
  );
});

test('the first loss of a kind is told at once, more of it after a minute, the rest at the end: the numbers add up', () => {
  const { losses, tell } = benchOf();
  losses.refused(1, 10, 'status 400: x');
  assert.equal(tell(1000).length, 1);
  losses.refused(1, 10, 'status 400: x');
  losses.dropped(10);
  assert.match(tell(2000).join(), /^[^\n]*dropped 1 of the oldest[^\n]*$/, 'a loss of another kind is news');
  losses.refused(1, 10, 'status 400: x');
  assert.deepEqual(tell(60_999), []);
  assert.match(tell(61_000)[0], /refused 2 lines \(20 bytes\)/);
  losses.refused(4, 10, 'status 400: x');
  assert.match(tell()[0], /refused 4 lines/);
});

test('however many reasons there are, what is kept of them is bounded and the number is right', () => {
  const { losses, tell } = benchOf();
  for (let i = 0; i < 1000; i++)
    losses.refused(1, 1, `status 400: ${String.fromCharCode(65 + (i % 26), 65 + ((i / 26) % 26))}`);
  const told = tell();
  assert.equal(told.length, 9, 'eight reasons, and all others together');
  assert.equal(
    told.reduce((sum, line) => sum + Number(/refused (\d+)/.exec(line)![1]), 0),
    1000,
  );
});

test('streams of a thousand invocations make no reasons of their own', () => {
  const { losses, tell } = benchOf();
  for (let i = 0; i < 1000; i++) {
    losses.refused(
      1,
      1,
      `status 400: entry for stream '{function_name="f", request_id="${(i * 7919).toString(16)}abcdef"}' has timestamp too old: 2026`,
    );
  }
  assert.deepEqual(
    tell().map((line) => /refused (\d+) lines/.exec(line)?.[1]),
    ['1000'],
  );
});

test('the first 120 characters tell reasons apart', () => {
  const { losses, tell } = benchOf();
  const long = 'x'.repeat(119);
  for (const reason of [`${long}a1`, `${long}a2`, `${long}ab`, `${long}b`, `y${long}`, `z${long}`]) {
    losses.refused(1, 1, reason);
  }
  assert.deepEqual(
    tell().map((line) => /refused (\d+) line/.exec(line)![1]),
    ['3', '1', '1', '1'],
  );
});
