import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, type LokiValue, tailOf } from '../../../extension/buffer/batch';
import { LineBuffer } from '../../../extension/buffer/line-buffer';
import { Latency } from '../../../extension/loki/latency';
import { LokiClient } from '../../../extension/loki/loki-client';
import { PushEncoder } from '../../../extension/loki/push-encoder';
import { Streams } from '../../../extension/loki/streams';
import { ENDPOINT, settingsOf } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

const BATCH_BYTES = 3000;
const IDENTITY = { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' };
const utf8Length = (text: string): number => Buffer.byteLength(text);

function bench(): {
  encoder: PushEncoder;
  streams: Streams;
  buffer: LineBuffer;
  batch: (...values: LokiValue[]) => Batch;
} {
  const platform = new FakePlatform();
  const buffer = new LineBuffer({ maxLines: 100, maxBytes: 1e6, batchLines: 100, batchBytes: BATCH_BYTES }, platform);
  const streams = new Streams(settingsOf(), IDENTITY);
  const client = new LokiClient(
    platform,
    { ...settingsOf({ LOKI_ENABLE_GZIP: 'false' }), url: ENDPOINT },
    new Latency(),
  );
  const encoder = new PushEncoder({
    options: { batchBytes: BATCH_BYTES },
    buffer,
    client,
    streams,
  });
  return {
    encoder,
    streams,
    buffer,
    batch: (...values) => {
      for (const [timestamp, line, metadata] of values) buffer.add('id', timestamp, line, tailOf(metadata));
      buffer.close();
      return buffer.take()!;
    },
  };
}

test('a batch becomes a push of its stream', () => {
  const { encoder, batch } = bench();
  const push = encoder.encode(batch(['1', 'line', { part: '1' }]))!;
  const { streams } = JSON.parse(Buffer.from(push.body).toString());
  assert.equal(streams.length, 1);
  assert.deepEqual(streams[0].values, [['1', 'line', { part: '1' }]]);
  assert.equal(streams[0].stream.request_id, 'id');
});

test('where Loki takes no structured metadata there is none', () => {
  const { encoder, streams, batch } = bench();
  streams.useNoMetadata();
  const push = encoder.encode(batch(['1', 'line', { part: '1' }]))!;
  assert.deepEqual(JSON.parse(Buffer.from(push.body).toString()).streams[0].values, [['1', 'line']]);
});

test('a batch whose JSON is larger than a push may be is split, however its bytes come about; a single line is not', () => {
  for (const character of ['\u0001', '€', 'x']) {
    const line = character.repeat(Math.ceil(BATCH_BYTES / 2 / utf8Length(JSON.stringify(character).slice(1, -1))));
    const { encoder, buffer, batch } = bench();
    const both = batch(['1', line], ['2', line]);
    assert.equal(both.lines, 2);
    assert.equal(encoder.encode(both), undefined, JSON.stringify(character));
    assert.deepEqual([both.lines, buffer.lines], [1, 2]);
    assert.equal(encoder.encode(both) === undefined, false);
  }
});
