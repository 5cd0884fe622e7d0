import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from '../../../extension/loki/room';
import { FakePlatform } from '../support/fake-platform';

test('all who wait hear that room was made, and leave no timer behind', async () => {
  const platform = new FakePlatform();
  const room = new Room(platform);
  const waiting = [room.wait(10_000, 2000), room.wait(500, 2000)];
  room.tell(true);
  assert.deepEqual(await Promise.all(waiting), [true, true]);
  assert.equal(platform.timers, 0);
});

test('a wait ends with its limit, which says nothing of those to come', async () => {
  const platform = new FakePlatform();
  const room = new Room(platform);
  const before = platform.monotonic();
  assert.equal(await platform.until(room.wait(500, 2000)), false);
  assert.deepEqual([platform.monotonic() - before, room.isHopeless], [500, false]);
});

test('a wait ends with the patience, and there is no hope until a push passes', async () => {
  const platform = new FakePlatform();
  const room = new Room(platform);
  const before = platform.monotonic();
  assert.equal(await platform.until(room.wait(10_000, 2000)), false);
  assert.deepEqual([platform.monotonic() - before, room.isHopeless], [2000, true]);
  room.passed();
  assert.equal(room.isHopeless, false);
});

test('when one gives up, all do: they wait for the same pushes', async () => {
  const platform = new FakePlatform();
  const room = new Room(platform);
  const longer = room.wait(1500, 2000);
  assert.equal(await platform.until(room.wait(500, 2000)), false);
  assert.equal(await longer, false);
  assert.equal(platform.timers, 0);
});

test('a limit that is as long as the patience leaves no hope either', async () => {
  const platform = new FakePlatform();
  const room = new Room(platform);
  assert.equal(await platform.until(room.wait(2000, 2000)), false);
  assert.equal(room.isHopeless, true);
});
