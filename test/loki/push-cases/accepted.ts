import * as zlib from 'node:zlib';
import { DAY, encoded, json, labels, metadata, plain, push, SECOND, type Entry, type PushCase } from './push-case';

/** Pushes that Loki takes, and what it makes of lines that come twice. */
export const ACCEPTED: readonly PushCase[] = [
  plain('a line', (now) => [`${now}`, 'hello'], 204, 1),
  plain('structured metadata', (now) => [`${now}`, 'hello', { request_id: 'r1', b: '2' }], 204, 1),
  plain('empty structured metadata', (now) => [`${now}`, 'hello', {}], 204, 1),
  plain('an empty metadata value is dropped', (now) => [`${now}`, 'hello', { a: '', b: '2' }], 204, 1),
  plain('a fourth element is ignored', (now) => [`${now}`, 'hello', {}, 'more'], 204, 1),
  plain('an empty line', (now) => [`${now}`, ''], 204, 1),
  plain('no line at all', (now) => [`${now}`] as unknown as Entry, 204, 1),
  plain(
    'line breaks, quotes, NUL, emoji',
    (now) => [`${now}`, 'a\nb\r\n\t"c" \\ \u0000 é 日本 😀', { k: 'x\ny"z"' }],
    204,
    1,
  ),
  plain('all digits of a timestamp', (now) => [`${(now / SECOND) * SECOND + 123_456_789n}`, 'hello'], 204, 1),
  plain(
    'metadata names are normalised',
    (now) => [
      `${now}`,
      'hello',
      { 'a.b': '1', 'c-d': '2', 'e f': '3', '9x': '4', '$.y': '5', g__h: '6', _i: '7', 'j.é.k': '8', __l__: '9' },
    ],
    204,
    1,
  ),
  plain('two metadata names become one', (now) => [`${now}`, 'hello', { 'a.b': '1', 'a-b': '2' }], 204, 1),
  plain('6 days old', (now) => [`${now - 6n * DAY}`, 'hello'], 204, 1),
  plain('9 minutes ahead', (now) => [`${now + 540n * SECOND}`, 'hello'], 204, 1),
  plain('the longest line', (now) => [`${now}`, 'x'.repeat(262_144)], 204, 1),
  plain('the most metadata entries', (now) => [`${now}`, 'hello', metadata(128)], 204, 1),
  {
    name: 'equal lines of different timestamps',
    statuses: [204],
    stored: 3,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], [`${now + 1n}`, 'x'], [`${now + 2n}`, 'x'])],
  },
  {
    name: 'different lines of one timestamp',
    statuses: [204],
    stored: 3,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], [`${now}`, 'y'], [`${now}`, 'x', { r: '1' }])],
  },
  {
    name: 'out of order within the hour',
    statuses: [204],
    stored: 3,
    requests: (stream, now) => [
      push(stream, [`${now}`, '3'], [`${now - 3_000n * SECOND}`, '1'], [`${now - SECOND}`, '2']),
    ],
  },
  {
    name: 'JSON with charset',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [
      { ...push(stream, [`${now}`, 'x']), headers: { 'content-type': 'Application/JSON; charset=utf-8' } },
    ],
  },
  { name: 'gzip', requests: encoded('gzip', (text) => zlib.gzipSync(text)), statuses: [204], stored: 1 },
  {
    name: 'deflate, raw',
    requests: encoded('deflate', (text) => zlib.deflateRawSync(text)),
    statuses: [204],
    stored: 1,
  },
  { name: 'a header that says snappy', requests: encoded('snappy', (text) => text), statuses: [204], stored: 1 },
  {
    name: 'label values that are not strings',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, number: 7, yes: true }, [`${now}`, 'x'])],
  },
  {
    name: 'an empty label is dropped',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, empty: '' }, [`${now}`, 'x'])],
  },
  {
    name: 'reserved label name',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, __x: 'y' }, [`${now}`, 'x'])],
  },
  {
    name: 'service_name as sent',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, service_name: 's' }, [`${now}`, 'x'])],
  },
  {
    name: 'service_name from job',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, job: 'j' }, [`${now}`, 'x'])],
  },
  {
    name: 'label value with quotes and breaks',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, v: 'a"b\\c\nd é 😀' }, [`${now}`, 'x'])],
  },
  {
    name: '15 labels',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, ...labels(14) }, [`${now}`, 'x'])],
  },
  {
    name: '15 labels and service_name',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, ...labels(14), service_name: 's' }, [`${now}`, 'x'])],
  },
  {
    name: 'the longest label value',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push({ ...stream, v: 'x'.repeat(2_048) }, [`${now}`, 'x'])],
  },
  {
    name: 'two streams',
    statuses: [204],
    stored: 2,
    requests: (stream, now) => [
      json({
        streams: [
          { stream: { ...stream, n: '1' }, values: [[`${now}`, 'x']] },
          { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] },
        ],
      }),
    ],
  },
  { name: 'no lines in the stream', statuses: [204], stored: 0, requests: (stream) => [push(stream)] },
  {
    name: 'null in place of lines',
    statuses: [204],
    stored: 0,
    requests: (stream) => [json({ streams: [{ stream, values: null }] })],
  },
  {
    name: 'null among lines',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [json({ streams: [{ stream, values: [null, [`${now}`, 'x']] }] })],
  },

  {
    name: 'the same push twice',
    statuses: [204, 204],
    stored: 2,
    requests: (stream, now) => {
      const request = push(stream, [`${now}`, 'a', { r: '1' }], [`${now + 1n}`, 'b']);
      return [request, request];
    },
  },
  {
    name: 'the same lines in another order',
    statuses: [204, 204],
    stored: 3,
    requests: (stream, now) => {
      const entries: Entry[] = [
        [`${now}`, 'a'],
        [`${now + 1n}`, 'b'],
        [`${now + 2n}`, 'c'],
      ];
      return [push(stream, ...entries), push(stream, ...entries.reverse())];
    },
  },
  {
    name: 'the same line twice in a push',
    statuses: [204],
    stored: 1,
    requests: (stream, now) => [push(stream, [`${now}`, 'a', { x: '1', y: '2' }], [`${now}`, 'a', { y: '2', x: '1' }])],
  },
];
