import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Batch,
  FROM_LINE,
  headOf,
  heldBytes,
  type LokiValue,
  type Metadata,
  residentBytes,
  rewriteValues,
  tailOf,
  valuesOf,
  withoutMetadata,
} from '../../../extension/buffer/batch';
import { createNodePlatform } from '../../../extension/platform/node';

test('a line that waits in a batch counts its bytes, and 160 more', () => {
  assert.deepEqual([residentBytes(0), residentBytes(5)], [160, 165]);
});

test('a line that waits as a string counts one byte a character, or two where it has others than ASCII', () => {
  const held = (line: string): number => heldBytes(line, Buffer.byteLength(line));
  assert.deepEqual([held(''), held('abc'), held('äöü'), held('🙂')], [288, 291, 294, 292]);
});

test('what is written around a line is what is read from it, and can be changed', () => {
  const batch = { list: createNodePlatform().createList(), hasMetadata: false } as Batch;
  const push = (timestamp: string, line: string, metadata?: Metadata): number =>
    batch.list.push(headOf(timestamp), line, tailOf(metadata));
  push('1', 'one');
  push('2', 'two', { level: 'info' });
  assert.deepEqual(valuesOf(batch), [
    ['1', 'one'],
    ['2', 'two', { level: 'info' }],
  ]);
  rewriteValues(batch, ([time, line, metadata]): LokiValue => [`${time}0`, line, { ...metadata, request_id: 'r' }]);
  assert.deepEqual(valuesOf(batch), [
    ['10', 'one', { request_id: 'r' }],
    ['20', 'two', { level: 'info', request_id: 'r' }],
  ]);
  assert.equal(batch.hasMetadata, true);
  rewriteValues(batch, withoutMetadata);
  assert.deepEqual([valuesOf(batch).flat(), batch.hasMetadata], [['10', 'one', '20', 'two'], false]);
});

test('a line gets back what was part of it, whatever has become of its metadata and of its batch', () => {
  const batch = { list: createNodePlatform().createList(), hasMetadata: true } as Batch;
  const own: Metadata = { [FROM_LINE]: true, level: 'info', user: 'ü"]' };
  batch.list.push(headOf('1'), 'one ]', tailOf({ ...own, part: '1' }));
  batch.list.push(headOf('2'), 'two ]', tailOf({ level: 'warn ]' }));
  batch.list.push(headOf('3'), 'three ]', tailOf(undefined));
  rewriteValues(batch, ([time, line, metadata]) => [time, line, { ...metadata, request_id: 'r' }]);
  rewriteValues(batch, withoutMetadata);
  const [[, record], ...others] = valuesOf(batch);
  assert.deepEqual(JSON.parse(record), { level: 'info', user: 'ü"]', part: '1', request_id: 'r', message: 'one ]' });
  assert.deepEqual(others, [
    ['2', 'two ]'],
    ['3', 'three ]'],
  ]);
  assert.equal(batch.bytes, Buffer.byteLength(record) + 12);
});
