import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Notes } from '../../../extension/telemetry/notes';

function setUp(): { notes: Notes; put: string[]; clock: { now: number } } {
  const put: string[] = [];
  const clock = { now: 1_000_000 };
  return {
    notes: new Notes(
      () => clock.now,
      (line) => void put.push(line),
    ),
    put,
    clock,
  };
}

it('takes what is new', () => {
  const { notes, put } = setUp();
  notes.take('a');
  notes.take('b');
  assert.deepEqual(put, ['a', 'b']);
});

it('takes what differs in its numbers alone once a minute, and says how often that was', () => {
  const { notes, put, clock } = setUp();
  for (let i = 0; i < 4; i++) notes.take(`${i} lines wait`);
  clock.now += 60_000;
  notes.take('9 lines wait');
  assert.deepEqual(put, [
    '0 lines wait',
    'LambdaWatch: left out 3 of its own messages, which were like those before',
    '9 lines wait',
  ]);
});

it('takes five in a minute', () => {
  const { notes, put } = setUp();
  for (const word of 'abcdefgh') notes.take(word);
  assert.deepEqual(put, [...'abcde']);
});

it('goes on when the clock is set back', () => {
  const { notes, put, clock } = setUp();
  notes.take('a');
  clock.now -= 3_600_000;
  notes.take('a');
  assert.deepEqual(put, ['a', 'a']);
});

it('says once how many were left out, and nothing where none were', () => {
  const { notes, put, clock } = setUp();
  for (const line of ['a', 'a']) notes.take(line);
  for (const word of 'bc') {
    clock.now += 60_000;
    notes.take(word);
  }
  assert.deepEqual(put, ['a', 'LambdaWatch: left out 1 of its own messages, which were like those before', 'b', 'c']);
  clock.now += 59_999;
  notes.take('c');
  assert.equal(put.length, 4, 'a minute is not over');
});
