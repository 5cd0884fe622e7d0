import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldBytes, residentBytes } from '../../../extension/buffer/batch';

test('a line that waits as a string counts one byte a character, or two where it has others than ASCII', () => {
  const held = (line: string): number => heldBytes(line, Buffer.byteLength(line));
  assert.deepEqual([held(''), held('abc'), held('äöü'), held('🙂')], [288, 291, 294, 292]);
});

test('a line that waits in a batch counts its bytes, and 160 more', () => {
  assert.deepEqual([residentBytes(0), residentBytes(5)], [160, 165]);
});
