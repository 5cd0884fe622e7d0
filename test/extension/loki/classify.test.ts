import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, classifyError, type Outcome } from '../../../extension/loki/classify';
import { platformError } from '../../../extension/platform/errors';
import type { PlatformErrorCode } from '../../../extension/platform/types';
import { START } from '../support/fake-platform';

const of = (status: number, body = '', headers: Record<string, string> = {}, bytes = 100_000): Outcome =>
  classify({ status, headers, body }, START, bytes);

/** What Loki 3 answers, word for word where that matters. */
const ANSWERS: [name: string, status: number, body: string, kind: Outcome['kind']][] = [
  ['stored', 204, '', 'stored'],
  ['stored, by a gateway', 200, 'ok', 'stored'],
  ['ingestion blocked', 260, 'ingestion blocked for user t until 2027-01-01 with status code 260', 'refused'],
  [
    'a label that is none',
    400,
    'couldn\'t parse labels: 1:3: parse error: unexpected "-" in label set, expected "=" or "}"',
    'refused',
  ],
  [
    'JSON that is none',
    400,
    'loghttp.PushRequest.Streams: []loghttp.LogProtoStream: readObjectStart: expect { or n',
    'refused',
  ],
  [
    'too old',
    400,
    'entry for stream \'{a="b"}\' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-01-01T00:00:00Z',
    'refused',
  ],
  ['too new', 400, 'entry for stream \'{a="b"}\' has timestamp too new: 2030-01-01T00:00:00Z', 'refused'],
  [
    'line too long',
    400,
    "Max entry size '262144' bytes exceeded for stream '{a=\"b\"}' while adding an entry with length '262145' bytes",
    'refused',
  ],
  ['too many labels', 400, 'entry for stream \'{a="b"}\' has 16 label names; limit 15', 'refused'],
  ['several at once', 400, '12 errors like: entry for stream x; 3 errors like: y', 'refused'],
  [
    'too far behind',
    400,
    "entry with timestamp 2026-01-01 ignored, reason: 'entry too far behind, entry timestamp is: x',\nuser 't', total ignored: 1 out of 3",
    'refused',
  ],
  ['no streams', 422, 'error at least one valid stream is required for ingestion', 'refused'],
  ['no tenant', 401, 'no org id', 'denied'],
  ['wrong key', 403, 'forbidden', 'denied'],
  ['wrong path', 404, '404 page not found', 'denied'],
  ['wrong method', 405, '', 'denied'],
  ['moved', 301, '', 'denied'],
  ['moved for now', 307, '', 'denied'],
  ['unchanged', 304, '', 'denied'],
  ['request timeout', 408, '', 'failed'],
  ['too early', 425, '', 'failed'],
  ['too large', 413, 'request entity too large', 'too-large'],
  [
    'rate limit',
    429,
    "ingestion rate limit exceeded for user t (limit: 4194304 bytes/sec) while attempting to ingest '9' lines totaling '99' bytes",
    'failed',
  ],
  [
    'stream rate limit',
    429,
    "entry with timestamp x ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream'",
    'failed',
  ],
  [
    'stream limit',
    429,
    'maximum active stream limit exceeded when trying to create stream {a="b"}, reduce the number of active streams',
    'stream-limit',
  ],
  [
    'stream limit, as older Lokis write it',
    429,
    'Maximum active stream limit exceeded, reduce the number of active streams',
    'stream-limit',
  ],
  [
    'over the gRPC limit',
    500,
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5000000 vs. 4194304)',
    'too-large',
  ],
  ['over the gRPC limit on sending', 500, 'trying to send message larger than max (5000000 vs. 4194304)', 'too-large'],
  ['ring trouble', 500, 'at least 1 live replicas required, could only find 0', 'failed'],
  ['gateway', 502, '<html><head><title>502 Bad Gateway</title></head></html>', 'failed'],
  ['unavailable', 503, 'Ingester is shutting down', 'failed'],
  ['gateway timeout', 504, '', 'failed'],
  ['something new', 599, '', 'failed'],
];

for (const [name, status, body, kind] of ANSWERS) {
  test(`${status} ${name}: ${kind}`, () => {
    const outcome = of(status, body);
    assert.equal(outcome.kind, kind);
    if (!('reason' in outcome)) return;
    assert.ok(outcome.reason.startsWith(`status ${status}`), outcome.reason);
    const word = /[a-z]{4,}/i.exec(body.replace(/<[^>]*>/g, ''))?.[0];
    if (word) assert.ok(outcome.reason.includes(word), "in Loki's words");
  });
}

test('of an HTML page the operator reads the text alone', () => {
  const page =
    '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title><style>body { color: red }</style><script>alert("x")</script></head>\n' +
    '<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body></html>';
  assert.deepEqual(of(502, page), {
    kind: 'failed',
    reason: 'status 502: 502 Bad Gateway 502 Bad Gateway nginx/1.25.3',
    retryAfterMs: undefined,
  });
});

test("Loki's own < and > stay", () => {
  assert.match((of(400, 'value <nil> is not < 5') as { reason: string }).reason, /value <nil> is not < 5$/);
});

test('a long answer is cut, an empty one is the status alone', () => {
  const { reason } = of(400, `begin ${'x'.repeat(5000)}`) as { reason: string };
  assert.ok(reason.length < 350 && reason.includes('begin') && reason.endsWith('…'), reason);
  assert.equal((of(503, ' \n') as { reason: string }).reason, 'status 503');
});

test('a redirect says where to', () => {
  assert.match(
    (of(302, '', { location: 'https://login.example.com/' }) as { reason: string }).reason,
    /redirect to https:\/\/login\.example\.com\//,
  );
});

const RETRY_AFTER: [value: string, ms: number | undefined][] = [
  ['2', 2000],
  [' 120 ', 120_000],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  ['1.5', undefined],
  [new Date(START + 7000).toUTCString(), 7000],
  [new Date(START - 7000).toUTCString(), undefined],
];

for (const [value, ms] of RETRY_AFTER) {
  test(`Retry-After: ${value} is ${ms} ms`, () => {
    for (const status of [429, 503]) {
      const outcome = of(status, '', { 'retry-after': value });
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.kind === 'failed' && outcome.retryAfterMs, ms);
    }
  });
}

test('below HTTP: what may pass later is tried again, what is set up wrongly is not, what we called off is neither', () => {
  const kinds = {
    ENOTFOUND: 'failed',
    ECONNREFUSED: 'failed',
    ECONNRESET: 'failed',
    ETIMEDOUT: 'failed',
    ECONNECT: 'failed',
    ETLS: 'failed',
    EPROXY: 'failed',
    EPROTO: 'failed',
    EIO: 'failed',
    EINVAL: 'denied',
    ECANCELED: 'canceled',
  } satisfies Partial<Record<PlatformErrorCode, Outcome['kind']>>;
  for (const [code, kind] of Object.entries(kinds)) {
    const outcome = classifyError(platformError(code as PlatformErrorCode, 'the very reason'));
    assert.equal(outcome.kind, kind, code);
    if ('reason' in outcome) assert.equal(outcome.reason, 'the very reason');
  }
});

test('of a push that Loki has refused in part, the number of lines', () => {
  const refused = (body: string): unknown => {
    const outcome = of(400, body);
    assert.equal(outcome.kind, 'refused');
    return 'lines' in outcome ? outcome.lines : undefined;
  };
  const one = "entry for stream '{}' has timestamp too old: 2020-01-01T00:00:00Z";
  for (const [body, lines] of [
    [one, 1],
    [`12 errors like: ${one}`, 12],
    [`12 errors like: ${one}; 30 errors like: max entry size`, 42],
    ["entry ignored, reason: 'too far behind', total ignored: 7 out of 9", 7],
    ['total ignored: 7 out of 9', 7],
    ['total ignored: 0 out of 9', undefined],
    ["entry for stream '{}' has 16 label names; limit 15", undefined],
    [' errors like: nothing', undefined],
    [`${'x'.repeat(5000)}; total ignored: 3 out of 9`, 3],
  ] as const) {
    assert.equal(refused(body), lines, body.slice(0, 60));
  }
});

test('a page where Loki would answer without one, or with JSON, comes from something in between', () => {
  const page = '<html>Please sign in</html>';
  assert.equal(of(200, page).kind, 'denied');
  assert.equal(of(200, 'sign in', { 'content-type': 'text/html; charset=utf-8' }).kind, 'denied');
  assert.equal(of(204, page).kind, 'stored', 'this is what Loki says, and nothing else does');
  assert.equal(of(299, 'ok').kind, 'stored');
  for (const status of [400, 422]) {
    assert.deepEqual(of(status, page), {
      kind: 'denied',
      reason: `status ${status}: Please sign in`,
      perhapsContent: true,
    });
  }
});

test('it may be the content that is refused, unless the answer concerns the sender', () => {
  const mayBeContent = (status: number, bytes?: number): boolean => {
    const outcome = of(status, '', {}, bytes);
    return 'perhapsContent' in outcome && outcome.perhapsContent === true;
  };
  assert.deepEqual(
    [403, 405, 406, 500].map((status) => mayBeContent(status)),
    [true, true, true, true],
  );
  assert.deepEqual(
    [301, 401, 404, 408, 429, 501, 502, 503].map((status) => mayBeContent(status)),
    Array.from({ length: 8 }, () => false),
  );
  assert.deepEqual([mayBeContent(413, 4095), mayBeContent(413, 4096)], [true, false]);
});

test('a push of less than 4 KiB is not refused for its size', () => {
  const tooLarge = 'received message larger than max';
  assert.deepEqual(
    [413, 500].map((status) => [of(status, tooLarge, {}, 4095).kind, of(status, tooLarge, {}, 4096).kind]),
    [
      ['denied', 'too-large'],
      ['failed', 'too-large'],
    ],
  );
});

test('where Loki has certainly stored nothing, lines are free to go to another stream', () => {
  const notStored = (outcome: Outcome): boolean => 'notStored' in outcome && outcome.notStored === true;
  assert.deepEqual(
    [408, 429, 500, 502, 503, 504].map((status) => notStored(of(status))),
    [false, true, false, false, true, false],
  );
  assert.deepEqual(
    (['ENOTFOUND', 'ECONNREFUSED', 'ECONNECT', 'ETLS', 'EPROXY', 'ECONNRESET', 'ETIMEDOUT', 'EPROTO'] as const).map(
      (code) => notStored(classifyError(platformError(code, ''))),
    ),
    [true, true, true, true, true, false, false, false],
  );
});

test('only the beginning of an answer is looked at', () => {
  const far = (text: string): string => `${'x'.repeat(4096)}${text}`;
  assert.equal(of(500, far('message larger than max')).kind, 'failed');
  assert.equal(of(500, `${'x'.repeat(4096 - 23)}message larger than max`).kind, 'too-large');
  assert.equal(of(500, `${'x'.repeat(4096 - 22)}message larger than max`).kind, 'failed');
});

test('a redirect without a target is the status alone', () => {
  assert.deepEqual(of(302), { kind: 'denied', reason: 'status 302' });
});
