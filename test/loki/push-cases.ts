import * as zlib from 'node:zlib';

/** A request to a Loki under test, as it goes on the wire. */
export interface PushRequest {
  readonly method?: string;
  /** Default `/loki/api/v1/push`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Something to send to both Lokis, which must then agree on every status and on all stored lines. */
export interface PushCase {
  readonly name: string;
  /** `stream` holds labels that no other case uses; `now` is in nanoseconds. */
  readonly requests: (stream: Record<string, string>, now: bigint) => readonly PushRequest[];
  /** What the answers must be, in both. */
  readonly statuses: readonly number[];
  /** How many lines of the case must be stored, in both. */
  readonly stored: number;
  /** The last answer's text must be like this, in both. */
  readonly says?: RegExp;
  /** The last answer's text is the same to the letter in both. */
  readonly sameText?: boolean;
}

type Entry = readonly [timestamp: unknown, line: unknown, ...rest: unknown[]];

export function json(body: unknown, headers: Record<string, string> = {}): PushRequest {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function push(stream: Record<string, unknown>, ...values: Entry[]): PushRequest {
  return json({ streams: [{ stream, values }] });
}

const SECOND = 1_000_000_000n;
const HOUR = 3_600n * SECOND;
const DAY = 24n * HOUR;

function encoded(encoding: string, encode: (text: Buffer) => Buffer) {
  return (stream: Record<string, string>, now: bigint): PushRequest[] => {
    const { headers, body } = push(stream, [`${now}`, 'encoded']);
    return [{ headers: { ...headers, 'content-encoding': encoding }, body: encode(Buffer.from(body as string)) }];
  };
}

/** `count` labels besides those of the case. */
function labels(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${String(index).padStart(2, '0')}`, 'x']));
}

function metadata(count: number, valueLength = 1): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key_${index}`, 'v'.repeat(valueLength)]));
}

function plain(name: string, entry: (now: bigint) => Entry, status: number, stored: number, says?: RegExp): PushCase {
  return { name, requests: (stream, now) => [push(stream, entry(now))], statuses: [status], stored, says };
}

export const PUSH_CASES: readonly PushCase[] = [
  // Accepted.
  plain('a line', (now) => [`${now}`, 'hello'], 204, 1),
  plain('structured metadata', (now) => [`${now}`, 'hello', { request_id: 'r1', b: '2' }], 204, 1),
  plain('empty structured metadata', (now) => [`${now}`, 'hello', {}], 204, 1),
  plain('an empty metadata value is dropped', (now) => [`${now}`, 'hello', { a: '', b: '2' }], 204, 1),
  plain('a fourth element is ignored', (now) => [`${now}`, 'hello', {}, 'more'], 204, 1),
  plain('an empty line', (now) => [`${now}`, ''], 204, 1),
  plain('no line at all', (now) => [`${now}`] as unknown as Entry, 204, 1),
  plain('line breaks, quotes, NUL, emoji', (now) => [`${now}`, 'a\nb\r\n\t"c" \\ \u0000 é 日本 😀', { k: 'x\ny"z"' }], 204, 1),
  plain('all digits of a timestamp', (now) => [`${now / SECOND * SECOND + 123_456_789n}`, 'hello'], 204, 1),
  plain('metadata names are normalised',
    (now) => [`${now}`, 'hello', { 'a.b': '1', 'c-d': '2', 'e f': '3', '9x': '4', '$.y': '5', 'g__h': '6', '_i': '7', 'j.é.k': '8', '__l__': '9' }], 204, 1),
  plain('two metadata names become one', (now) => [`${now}`, 'hello', { 'a.b': '1', 'a-b': '2' }], 204, 1),
  plain('6 days old', (now) => [`${now - 6n * DAY}`, 'hello'], 204, 1),
  plain('9 minutes ahead', (now) => [`${now + 540n * SECOND}`, 'hello'], 204, 1),
  plain('the longest line', (now) => [`${now}`, 'x'.repeat(262_144)], 204, 1),
  plain('the most metadata entries', (now) => [`${now}`, 'hello', metadata(128)], 204, 1),
  { name: 'equal lines of different timestamps', statuses: [204], stored: 3,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], [`${now + 1n}`, 'x'], [`${now + 2n}`, 'x'])] },
  { name: 'different lines of one timestamp', statuses: [204], stored: 3,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], [`${now}`, 'y'], [`${now}`, 'x', { r: '1' }])] },
  { name: 'out of order within the hour', statuses: [204], stored: 3,
    requests: (stream, now) => [push(stream, [`${now}`, '3'], [`${now - 3_000n * SECOND}`, '1'], [`${now - SECOND}`, '2'])] },
  { name: 'JSON with charset', statuses: [204], stored: 1,
    requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), headers: { 'content-type': 'Application/JSON; charset=utf-8' } }] },
  { name: 'gzip', requests: encoded('gzip', (text) => zlib.gzipSync(text)), statuses: [204], stored: 1 },
  { name: 'deflate, raw', requests: encoded('deflate', (text) => zlib.deflateRawSync(text)), statuses: [204], stored: 1 },
  { name: 'a header that says snappy', requests: encoded('snappy', (text) => text), statuses: [204], stored: 1 },
  { name: 'label values that are not strings', statuses: [204], stored: 1,
    requests: (stream, now) => [push({ ...stream, number: 7, yes: true }, [`${now}`, 'x'])] },
  { name: 'an empty label is dropped', statuses: [204], stored: 1, requests: (stream, now) => [push({ ...stream, empty: '' }, [`${now}`, 'x'])] },
  { name: 'reserved label name', statuses: [204], stored: 1, requests: (stream, now) => [push({ ...stream, __x: 'y' }, [`${now}`, 'x'])] },
  { name: 'service_name as sent', statuses: [204], stored: 1, requests: (stream, now) => [push({ ...stream, service_name: 's' }, [`${now}`, 'x'])] },
  { name: 'service_name from job', statuses: [204], stored: 1, requests: (stream, now) => [push({ ...stream, job: 'j' }, [`${now}`, 'x'])] },
  { name: 'label value with quotes and breaks', statuses: [204], stored: 1,
    requests: (stream, now) => [push({ ...stream, v: 'a"b\\c\nd é 😀' }, [`${now}`, 'x'])] },
  { name: '15 labels', statuses: [204], stored: 1, requests: (stream, now) => [push({ ...stream, ...labels(14) }, [`${now}`, 'x'])] },
  { name: '15 labels and service_name', statuses: [204], stored: 1,
    requests: (stream, now) => [push({ ...stream, ...labels(14), service_name: 's' }, [`${now}`, 'x'])] },
  { name: 'the longest label value', statuses: [204], stored: 1, requests: (stream, now) => [push({ ...stream, v: 'x'.repeat(2_048) }, [`${now}`, 'x'])] },
  { name: 'two streams', statuses: [204], stored: 2, requests: (stream, now) => [json({ streams: [
    { stream: { ...stream, n: '1' }, values: [[`${now}`, 'x']] }, { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] }] })] },
  { name: 'no lines in the stream', statuses: [204], stored: 0, requests: (stream) => [push(stream)] },
  { name: 'null in place of lines', statuses: [204], stored: 0, requests: (stream) => [json({ streams: [{ stream, values: null }] })] },
  { name: 'null among lines', statuses: [204], stored: 1, requests: (stream, now) => [json({ streams: [{ stream, values: [null, [`${now}`, 'x']] }] })] },

  // Duplicates.
  { name: 'the same push twice', statuses: [204, 204], stored: 2, requests: (stream, now) => {
    const request = push(stream, [`${now}`, 'a', { r: '1' }], [`${now + 1n}`, 'b']);
    return [request, request];
  } },
  { name: 'the same lines in another order', statuses: [204, 204], stored: 3, requests: (stream, now) => {
    const entries: Entry[] = [[`${now}`, 'a'], [`${now + 1n}`, 'b'], [`${now + 2n}`, 'c']];
    return [push(stream, ...entries), push(stream, ...entries.reverse())];
  } },
  { name: 'the same line twice in a push', statuses: [204], stored: 1,
    requests: (stream, now) => [push(stream, [`${now}`, 'a', { x: '1', y: '2' }], [`${now}`, 'a', { y: '2', x: '1' }])] },

  // The whole push is refused.
  plain('timestamp as a number', (now) => [Number(now), 'x'], 400, 0, /is string/),
  plain('timestamp with a fraction', () => ['1.5', 'x'], 400, 0, /looks like Number/),
  plain('empty timestamp', () => ['', 'x'], 400, 0, /looks like Number/),
  plain('timestamp beyond 64 bits', () => ['99999999999999999999', 'x'], 400, 0, /looks like Number|overflow/i),
  plain('timestamp with a plus', (now) => [`+${now}`, 'x'], 400, 0, /looks like Number/),
  plain('line as a number', (now) => [`${now}`, 7], 400, 0, /is string/),
  plain('line as an object', (now) => [`${now}`, { a: 1 }], 400, 0, /is string/),
  plain('metadata as a number', (now) => [`${now}`, 'x', { a: 1 }], 400, 0, /is string/),
  plain('metadata as a boolean', (now) => [`${now}`, 'x', { a: true }], 400, 0, /is string/),
  plain('metadata as null', (now) => [`${now}`, 'x', { a: null }], 400, 0, /is string/),
  plain('metadata nested', (now) => [`${now}`, 'x', { a: { b: 'c' } }], 400, 0, /is string/),
  plain('metadata not an object', (now) => [`${now}`, 'x', 'a'], 400, 0, /looks like object/),
  plain('null in place of metadata', (now) => [`${now}`, 'x', null], 400, 0, /looks like object/),
  plain('metadata name without letters', (now) => [`${now}`, 'x', { é: '1' }], 500, 0, /resulted in invalid name "_"/),
  plain('metadata name of underscores', (now) => [`${now}`, 'x', { __: '1' }], 500, 0, /resulted in invalid name/),
  plain('empty metadata name', (now) => [`${now}`, 'x', { '': '1' }], 500, 0, /label name is empty/),
  { name: 'a bad metadata name costs good lines too', statuses: [500], stored: 0, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'good'], [`${now + 1n}`, 'bad', { 日本: '1' }])] },
  { name: 'a bad line shape costs good streams too', statuses: [400], stored: 0, requests: (stream, now) => [json({ streams: [
    { stream: { ...stream, n: '1' }, values: [[`${now}`, 'x']] }, { stream: { ...stream, n: '2' }, values: [[7, 'x']] }] })] },
  { name: 'label name with a hyphen', statuses: [400], stored: 0, says: /couldn't parse labels: .*unexpected character inside braces: '-'/,
    requests: (stream, now) => [push({ ...stream, 'a-b': 'x' }, [`${now}`, 'x'])] },
  { name: 'label name with a dot', statuses: [400], stored: 0, says: /couldn't parse labels: .*unexpected character inside braces: '\.'/,
    requests: (stream, now) => [push({ ...stream, 'a.b': 'x' }, [`${now}`, 'x'])] },
  { name: 'label name with a digit in front', statuses: [400], stored: 0, says: /couldn't parse labels/,
    requests: (stream, now) => [push({ ...stream, '1a': 'x' }, [`${now}`, 'x'])] },
  { name: 'label name with a space', statuses: [400], stored: 0, says: /couldn't parse labels/,
    requests: (stream, now) => [push({ ...stream, 'a b': 'x' }, [`${now}`, 'x'])] },
  { name: 'label name in another script', statuses: [400], stored: 0, says: /couldn't parse labels/,
    requests: (stream, now) => [push({ ...stream, é: 'x' }, [`${now}`, 'x'])] },
  { name: 'empty label name', statuses: [400], stored: 0, says: /couldn't parse labels/,
    requests: (stream, now) => [push({ ...stream, '': 'x' }, [`${now}`, 'x'])] },
  { name: 'a bad label name costs good streams too', statuses: [400], stored: 0, says: /couldn't parse labels/, requests: (stream, now) => [json({ streams: [
    { stream: { ...stream, n: '1' }, values: [[`${now}`, 'x']] }, { stream: { ...stream, 'n-n': '2' }, values: [[`${now}`, 'x']] }] })] },
  { name: 'no streams', requests: () => [json({ streams: [] })], statuses: [422], stored: 0, sameText: true },
  { name: 'nothing named streams', requests: () => [json({})], statuses: [422], stored: 0, sameText: true },
  { name: 'null in place of streams', requests: () => [json({ streams: null })], statuses: [422], stored: 0, sameText: true },
  { name: 'an object in place of streams', requests: () => [json({ streams: {} })], statuses: [400], stored: 0 },
  { name: 'a string in place of a stream', requests: () => [json({ streams: ['x'] })], statuses: [400], stored: 0 },
  { name: 'a string in place of labels', requests: (_, now) => [json({ streams: [{ stream: '{a="b"}', values: [[`${now}`, 'x']] }] })], statuses: [400], stored: 0 },
  { name: 'a string in place of lines', requests: (stream) => [json({ streams: [{ stream, values: 'x' }] })], statuses: [400], stored: 0 },
  { name: 'a string in place of a line', requests: (stream) => [json({ streams: [{ stream, values: ['x'] }] })], statuses: [400], stored: 0 },
  { name: 'an array in place of it all', requests: () => [json([])], statuses: [400], stored: 0 },
  { name: 'not JSON', requests: () => [{ ...json({}), body: 'hello' }], statuses: [400], stored: 0 },
  { name: 'half of the JSON', requests: (stream, now) => [{ ...json({}), body: (push(stream, [`${now}`, 'x']).body as string).slice(0, -5) }], statuses: [400], stored: 0 },
  { name: 'no body', requests: () => [{ ...json({}), body: '' }], statuses: [400], stored: 0, says: /EOF/ },
  { name: 'no content type', requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), headers: {} }], statuses: [400], stored: 0, sameText: true },
  { name: 'plain text', requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), headers: { 'content-type': 'text/plain' } }],
    statuses: [400], stored: 0, sameText: true },
  { name: 'protobuf that is not', requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), headers: { 'content-type': 'application/x-protobuf' } }],
    statuses: [400], stored: 0, sameText: true },
  { name: 'zstd', requests: encoded('zstd', (text) => text), statuses: [400], stored: 0, sameText: true },
  { name: 'the word identity', requests: encoded('identity', (text) => text), statuses: [400], stored: 0, sameText: true },
  { name: 'gzip that is not', requests: encoded('gzip', (text) => text), statuses: [400], stored: 0, says: /gzip: invalid header/ },
  { name: 'half of the gzip', requests: encoded('gzip', (text) => zlib.gzipSync(text).subarray(0, 40)), statuses: [400], stored: 0, says: /unexpected EOF/ },
  { name: 'deflate with the zlib header', requests: encoded('deflate', (text) => zlib.deflateSync(text)), statuses: [400], stored: 0 },
  { name: 'trailing slash', requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), path: '/loki/api/v1/push/' }], statuses: [404], stored: 0, sameText: true },
  { name: 'another path', requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), path: '/push' }], statuses: [404], stored: 0, sameText: true },
  { name: 'GET', requests: () => [{ method: 'GET' }], statuses: [405], stored: 0 },
  { name: 'PUT', requests: (stream, now) => [{ ...push(stream, [`${now}`, 'x']), method: 'PUT' }], statuses: [405], stored: 0 },

  // Some lines are refused, the others are stored.
  { name: 'one line too long', statuses: [400], stored: 2, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'a'], [`${now + 1n}`, 'x'.repeat(262_145)], [`${now + 2n}`, 'c'])] },
  { name: 'a line too long by bytes, not characters', statuses: [400], stored: 0, says: /with length '262146' bytes/,
    requests: (stream, now) => [push(stream, [`${now}`, 'é'.repeat(131_073)])] },
  { name: 'one line too old', statuses: [400], stored: 1, says: /has timestamp too old: .*, oldest acceptable timestamp is: /,
    requests: (stream, now) => [push(stream, [`${now - 8n * DAY}`, 'old'], [`${now}`, 'x'])] },
  plain('milliseconds in place of nanoseconds', (now) => [`${now / 1_000_000n}`, 'x'], 400, 0, /too old: 1970-/),
  plain('a negative timestamp', () => ['-5', 'x'], 400, 0, /too old: 1969-/),
  { name: 'one line too new', statuses: [400], stored: 1, says: /has timestamp too new: /,
    requests: (stream, now) => [push(stream, [`${now + 700n * SECOND}`, 'new'], [`${now}`, 'x'])] },
  { name: 'several lines too long', statuses: [400], stored: 1, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'.repeat(262_145)], [`${now + 1n}`, 'y'.repeat(262_145)], [`${now + 2n}`, 'c'])] },
  { name: '16 labels', statuses: [400], stored: 0, sameText: true, requests: (stream, now) => [push({ ...stream, ...labels(15) }, [`${now}`, 'x'])] },
  { name: '16 labels in one of two streams', statuses: [400], stored: 1, sameText: true, requests: (stream, now) => [json({ streams: [
    { stream: { ...stream, ...labels(15) }, values: [[`${now}`, 'x'], [`${now}`, 'y']] }, { stream, values: [[`${now}`, 'x']] }] })] },
  { name: 'label value too long', statuses: [400], stored: 0, sameText: true, requests: (stream, now) => [push({ ...stream, v: 'x'.repeat(2_049) }, [`${now}`, 'x'])] },
  { name: 'label name too long', statuses: [400], stored: 0, sameText: true, requests: (stream, now) => [push({ ...stream, ['n'.repeat(1_025)]: 'v' }, [`${now}`, 'x'])] },
  { name: 'too many metadata entries', statuses: [400], stored: 1, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x', metadata(129)], [`${now + 1n}`, 'y'])] },
  { name: 'metadata too large', statuses: [400], stored: 1, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x', metadata(10, 7_000)], [`${now + 1n}`, 'y'])] },
  { name: 'too far behind within a push', statuses: [400], stored: 1, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], [`${now - 2n * HOUR}`, 'late'])] },
  { name: 'too far behind an earlier push', statuses: [204, 400], stored: 2, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x']), push(stream, [`${now - HOUR - SECOND}`, 'late'], [`${now - HOUR + SECOND}`, 'in time'])] },
  { name: 'many lines too far behind', statuses: [400], stored: 1, sameText: true,
    requests: (stream, now) => [push(stream, [`${now}`, 'x'], ...Array.from({ length: 12 }, (_, n): Entry => [`${now - 2n * HOUR + BigInt(n) * 1_001_000n}`, 'late']))] },
  { name: 'rising by more than an hour within a push', statuses: [204], stored: 2,
    requests: (stream, now) => [push(stream, [`${now - 2n * HOUR}`, 'early'], [`${now}`, 'x'])] },

  // Behind a 204.
  { name: 'loss in a stream that is not the last', statuses: [204, 204], stored: 2, requests: (stream, now) => [
    push({ ...stream, n: '1' }, [`${now}`, 'x']),
    json({ streams: [
      { stream: { ...stream, n: '1' }, values: [[`${now - 2n * HOUR}`, 'lost']] }, { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] }] })] },
  { name: 'the same in the last stream', statuses: [204, 400], stored: 2, sameText: true, requests: (stream, now) => [
    push({ ...stream, n: '1' }, [`${now}`, 'x']),
    json({ streams: [
      { stream: { ...stream, n: '2' }, values: [[`${now}`, 'x']] }, { stream: { ...stream, n: '1' }, values: [[`${now - 2n * HOUR}`, 'late']] }] })] },

  // Large pushes.
  { name: '3.9 MB', statuses: [204], stored: 39,
    requests: (stream, now) => [push(stream, ...Array.from({ length: 39 }, (_, n): Entry => [`${now + BigInt(n)}`, 'x'.repeat(100_000)]))] },
  { name: '5 MB', statuses: [500], stored: 0, says: /^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \(50\d+ vs\. 4194304\)/,
    requests: (stream, now) => [push(stream, ...Array.from({ length: 50 }, (_, n): Entry => [`${now + BigInt(n)}`, 'x'.repeat(100_000)]))] },
  { name: '5 MB in three streams', statuses: [500], stored: 0, says: /ResourceExhausted/,
    requests: (stream, now) => [json({ streams: ['1', '2', '3'].map((n) => (
      { stream: { ...stream, n }, values: Array.from({ length: 17 }, (_, index) => [`${now + BigInt(index)}`, 'x'.repeat(100_000)]) })) })] },
];
