import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, valuesOf } from '../../../extension/buffer/batch';
import { Streams } from '../../../extension/loki/streams';
import { createList } from '../../../extension/platform/node/json-list';
import { ID_1, ID_2, settingsOf } from '../support/builders';

const IDENTITY = { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' };
const OWN = {
  service_name: 'orders',
  function_name: 'orders',
  function_version: '7',
  region: 'eu-west-1',
  source: 'lambda',
};

const streamsOf = (env: Record<string, string> = {}): Streams => new Streams(settingsOf(env), IDENTITY);
const batchOf = (requestId: string): Batch => {
  const list = createList();
  list.push('["1",', 'a', ']');
  list.push('["2",', 'b', ',{"part":"1","parts":"1"}]');
  return {
    requestId,
    list,
    lines: 2,
    hasMetadata: true,
    bytes: 2,
    resident: 2,
    inFlight: false,
    uncertain: false,
    alone: false,
    suspectedAt: 0,
  };
};

test('labels: who the function is, and the request id of the invocation', () => {
  const streams = streamsOf();
  assert.deepEqual(JSON.parse(streams.labelsOf(batchOf(''))), OWN);
  assert.deepEqual(JSON.parse(streams.labelsOf(batchOf(ID_1))), { ...OWN, request_id: ID_1 });
});

test('SERVICE_NAME and custom labels', () => {
  const streams = streamsOf({ SERVICE_NAME: 'checkout', LOKI_LABELS: '{"env":"prod","region":"mars","source":"x"}' });
  assert.deepEqual(JSON.parse(streams.labelsOf(batchOf(''))), { ...OWN, service_name: 'checkout', env: 'prod' });
});

test('mode label: a stream per invocation, nothing in the metadata', () => {
  const streams = streamsOf();
  assert.deepEqual([streams.of(ID_1).key, streams.of(undefined).key], [ID_1, '']);
  assert.equal(streams.of(ID_1).metadata, undefined);
});

test('mode metadata: one stream, the id with each line', () => {
  const streams = streamsOf({ LOKI_REQUEST_ID_AS: 'metadata' });
  assert.deepEqual([streams.of(ID_1).key, streams.of(undefined).key], ['', '']);
  assert.deepEqual(
    [ID_1, undefined, ID_2, ID_1].map((id) => streams.of(id).metadata?.request_id),
    [ID_1, undefined, ID_2, ID_1],
  );
  assert.deepEqual(Object.keys(streams.of(ID_1).metadata!), ['request_id']);
});

test('a batch moves from label to metadata with its times and lines as they are', () => {
  const streams = streamsOf();
  const batch = batchOf(ID_1);
  streams.useMetadata();
  streams.moveToMetadata(batch);
  assert.equal(streams.mode, 'metadata');
  assert.deepEqual(valuesOf(batch), [
    ['1', 'a', { request_id: ID_1 }],
    ['2', 'b', { part: '1', parts: '1', request_id: ID_1 }],
  ]);
  assert.deepEqual(JSON.parse(streams.labelsOf(batch)), OWN);
  streams.moveToMetadata(batch);
  assert.deepEqual(valuesOf(batch)[0], ['1', 'a', { request_id: ID_1 }], 'a second time changes nothing');
});

test('lines without an invocation stay without one', () => {
  const streams = streamsOf();
  const batch = batchOf('');
  streams.moveToMetadata(batch);
  assert.deepEqual(valuesOf(batch)[0], ['1', 'a']);
});

test('metadata of a line is beside that of its invocation, whether it is known already or not', () => {
  const own = { level: 'info' };
  for (const streams of [streamsOf(), streamsOf({ LOKI_REQUEST_ID_AS: 'metadata' })]) {
    const { metadata, tail } = streams.of(ID_1);
    assert.deepEqual(JSON.parse(`["1","a"${tail}`)[2], metadata);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(JSON.parse(`["1","a"${streams.of(ID_1).tailWith(own)}`)[2], { ...metadata, level: 'info' });
    }
  }
});

test('the text of 16 kinds of metadata is kept for the lines that come next', () => {
  const stream = streamsOf({ LOKI_REQUEST_ID_AS: 'metadata' }).of(ID_1);
  let made = 0;
  const kinds = Array.from({ length: 17 }, (_, i) => ({
    get level(): string {
      made++;
      return `level ${i}`;
    },
  }));
  for (let round = 0; round < 2; round++) for (const kind of kinds.slice(0, 16)) stream.tailWith(kind);
  assert.equal(made, 16, 'each is made once');
  stream.tailWith(kinds[16]);
  stream.tailWith(kinds[0]);
  assert.equal(made, 18, 'the seventeenth takes the place of all');
});

test('where Loki takes no structured metadata, lines get none, request ids least of all', () => {
  const streams = streamsOf({ LOKI_REQUEST_ID_AS: 'metadata' });
  assert.deepEqual([streams.takesMetadata, streams.of(ID_1).metadata], [true, { request_id: ID_1 }]);
  streams.useNoMetadata();
  assert.deepEqual([streams.takesMetadata, streams.of(ID_1).metadata], [false, undefined]);
  const batch = batchOf(ID_1);
  streams.dropMetadata(batch);
  assert.deepEqual(
    [valuesOf(batch), batch.hasMetadata],
    [
      [
        ['1', 'a'],
        ['2', 'b'],
      ],
      false,
    ],
  );
  streams.moveToMetadata(batch);
  assert.deepEqual([batch.requestId, valuesOf(batch)[0]], ['', ['1', 'a']]);
});
