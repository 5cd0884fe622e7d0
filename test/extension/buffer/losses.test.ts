import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Losses } from '../../../extension/buffer/losses';
import { Diagnostics } from '../../../extension/diagnostics';
import { FakePlatform } from '../support/fake-platform';

function benchOf(): { losses: Losses; tell: () => string[] } {
  const platform = new FakePlatform();
  const losses = new Losses();
  return {
    losses,
    tell: () => {
      losses.tell(new Diagnostics(platform));
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
  for (const bytes of [10, 0, 32]) losses.count(bytes);
  const said = tell();
  assert.equal(said.length, 1);
  assert.match(said[0], /dropped 3 of the oldest lines \(42 bytes\).*BUFFER_SIZE and LOKI_BUFFER_MAX_BYTES/);
  assert.deepEqual(tell(), [], 'once');
  assert.equal(losses.takeLine(), 'LambdaWatch: dropped 3 of the oldest lines (42 bytes) because the buffer was full');
  assert.equal(losses.takeLine(), undefined, 'once');
});

test('stderr has the right number also when the line for Loki was taken first', () => {
  const { losses, tell } = benchOf();
  losses.count(5);
  assert.match(losses.takeLine()!, /dropped 1 of the oldest lines \(5 bytes\)/);
  const said = tell();
  assert.equal(said.length, 1);
  assert.match(said[0], /dropped 1 of the oldest lines \(5 bytes\)/);
});

test('each says what came since it last spoke, so that the numbers add up to the loss', () => {
  const { losses, tell } = benchOf();
  losses.count(1);
  losses.count(1);
  assert.match(tell()[0], /dropped 2 /);
  losses.count(1);
  assert.match(tell()[0], /dropped 1 .*\(1 bytes\)/);
  assert.match(losses.takeLine()!, /dropped 3 .*\(3 bytes\)/);
});
