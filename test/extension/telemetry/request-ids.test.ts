import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestIds } from '../../../extension/telemetry/request-ids';
import { ID_1, ID_2, ID_3 } from '../support/builders';

const NODE = (id: string): string => `2026-01-02T03:04:05.006Z\t${id}\tINFO\torder accepted`;
const PYTHON = (id: string, level = 'INFO'): string => `[${level}]\t2026-01-02T03:04:05.006Z\t${id}\torder accepted`;

/** Each form in which a record names its invocation. */
const FORMS: [name: string, make: (id: string) => unknown][] = [
  ['Node.js text', NODE],
  ['Python text', PYTHON],
  ['Python text, CRITICAL', (id) => PYTHON(id, 'CRITICAL')],
  ['RequestId: at the front', (id) => `RequestId: ${id} Process exited before completing request`],
  ['RequestId: inside', (id) => `2026/01/02 03:04:05 panic RequestId: ${id} Error: exit status 2`],
  [
    'JSON object, requestId',
    (requestId) => ({ timestamp: '2026-01-02T03:04:05.006Z', level: 'INFO', requestId, message: 'x' }),
  ],
  ['JSON object, AWSRequestId', (id) => ({ level: 'INFO', message: 'x', AWSRequestId: id })],
  ['JSON object, aws_request_id', (id) => ({ level: 'INFO', message: 'x', aws_request_id: id })],
  ['JSON object, record.requestId', (requestId) => ({ time: 'x', type: 'platform.x', record: { requestId } })],
  ['JSON text, requestId', (requestId) => JSON.stringify({ level: 'INFO', requestId, message: 'x' })],
  [
    'JSON text with spaces, aws_request_id',
    (id) => JSON.stringify({ level: 'INFO', aws_request_id: id }, undefined, 1),
  ],
  ['JSON text, AWSRequestId', (id) => JSON.stringify({ AWSRequestId: id })],
  ['JSON text, record.requestId', (requestId) => JSON.stringify({ record: { requestId } })],
];

const of = (ids: RequestIds, record: unknown): string | undefined =>
  typeof record === 'string' ? ids.of(record, false) : ids.of(JSON.stringify(record), true);

for (const [name, make] of FORMS) {
  test(`${name}: names its invocation, even while another one is in progress`, () => {
    const ids = new RequestIds(false);
    ids.started(ID_1);
    ids.ended(ID_1);
    ids.started(ID_2);
    assert.equal(of(ids, make(ID_1)), ID_1);
  });

  test(`${name}: an id that is no invocation's gives way to the invocation in progress`, () => {
    const ids = new RequestIds(false);
    ids.started(ID_1);
    assert.equal(of(ids, make(ID_3)), ID_1);
  });

  test(`${name}: is believed where invocations run side by side, if the invocation was seen`, () => {
    const ids = new RequestIds(true);
    ids.started(ID_1);
    ids.started(ID_2);
    assert.equal(of(ids, make(ID_1)), ID_1);
    assert.equal(of(ids, make(ID_2)), ID_2);
    assert.equal(of(ids, make(ID_3)), undefined, 'not an invocation of this environment');
  });
}

test('a line without an id belongs to the invocation in progress, until its runtimeDone', () => {
  const ids = new RequestIds(false);
  assert.equal(of(ids, 'init'), undefined, 'lines of Init belong to none');
  ids.started(ID_1);
  assert.equal(of(ids, 'hello'), ID_1);
  assert.equal(of(ids, { message: 'hello' }), ID_1);
  assert.equal(of(ids, 5), ID_1);
  ids.ended(ID_1);
  assert.equal(of(ids, 'background'), undefined);
  ids.started(ID_2);
  ids.ended(ID_1);
  assert.equal(of(ids, 'hello'), ID_2, 'a late runtimeDone of the invocation before does not end this one');
});

test('where invocations run side by side, a line without an id is never guessed to belong to one', () => {
  const ids = new RequestIds(true);
  ids.started(ID_1);
  for (const record of ['hello', { message: 'x' }, 5, null, '', '[INFO] no id', 'RequestId: none'])
    assert.equal(of(ids, record), undefined);
});

test('what only looks like an id is none', () => {
  const ids = new RequestIds(false);
  for (const record of [
    NODE('undefined'),
    NODE('x'.repeat(36)),
    PYTHON(''),
    `RequestId: ${ID_1.slice(1)}`,
    'RequestId: ',
    { requestId: 'abc' },
    { requestId: 5 },
    { requestId: null },
    { record: null },
    { record: 'text' },
    '{"requestId":"abc"}',
    '{"requestId":',
    `{"message":"${ID_1}"}`,
    [ID_1],
    ID_1,
    `[${ID_1}]`,
    '[',
    ']\t',
    '\t\t\t',
  ])
    assert.equal(of(ids, record), undefined, JSON.stringify(record));
});

test('the first usable one of several fields counts', () => {
  const ids = new RequestIds(false);
  ids.started(ID_2);
  ids.ended(ID_2);
  assert.equal(of(ids, { requestId: 'mine', AWSRequestId: ID_2 }), ID_2);
});

test('an id that was never seen belongs to something else, during Init too', () => {
  const ids = new RequestIds(false);
  assert.equal(of(ids, { requestId: ID_1 }), undefined);
  assert.equal(of(ids, `{"requestId":"${ID_1}"}`), undefined);
});

test("an id deep inside a long line is the user's affair", () => {
  const ids = new RequestIds(false);
  ids.started(ID_1);
  ids.started(ID_2);
  assert.equal(of(ids, `${'x'.repeat(600)} RequestId: ${ID_1}`), ID_2);
  assert.equal(of(ids, JSON.stringify({ message: 'x'.repeat(600), requestId: ID_1 })), ID_2);
});

test('an invocation announced by the Extensions API is known before its platform.start comes', () => {
  const ids = new RequestIds(false);
  ids.started(ID_1);
  ids.invoked(ID_2);
  assert.equal(of(ids, NODE(ID_2)), ID_2);
});

test('remembers a bounded number of invocations, the latest', () => {
  const ids = new RequestIds(false);
  const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  for (let n = 0; n < 1000; n++) ids.started(id(n));
  assert.equal(of(ids, NODE(id(998))), id(998));
  assert.equal(of(ids, NODE(id(0))), id(999), 'forgotten');
});

/** Plays what is heard, and gives the id of a line without one after each step. */
function play(...steps: readonly ((ids: RequestIds) => void)[]): (string | undefined)[] {
  const ids = new RequestIds(false);
  return steps.map((step) => {
    step(ids);
    return of(ids, 'hello');
  });
}
const initDone = (ids: RequestIds): void => ids.phaseEnded();
const phase = (ids: RequestIds): void => ids.phaseBegan();
const invoked =
  (id: string) =>
  (ids: RequestIds): void =>
    ids.invoked(id);
const started =
  (id: string) =>
  (ids: RequestIds): void =>
    ids.started(id);
const ended =
  (id: string) =>
  (ids: RequestIds): void =>
    ids.ended(id);

const HEARD: [name: string, steps: readonly ((ids: RequestIds) => void)[], ids: (string | undefined)[]][] = [
  [
    'all in order',
    [phase, initDone, invoked(ID_1), started(ID_1), ended(ID_1), invoked(ID_2), started(ID_2), ended(ID_2)],
    [undefined, undefined, ID_1, ID_1, undefined, ID_2, ID_2, undefined],
  ],
  [
    'INVOKE before the lines of Init',
    [invoked(ID_1), phase, initDone, started(ID_1)],
    [undefined, undefined, ID_1, ID_1],
  ],
  [
    'start late',
    [initDone, invoked(ID_1), ended(ID_1), invoked(ID_2), started(ID_2)],
    [undefined, ID_1, undefined, ID_2, ID_2],
  ],
  [
    'start lost',
    [initDone, invoked(ID_1), ended(ID_1), invoked(ID_2), ended(ID_2), invoked(ID_3)],
    [undefined, ID_1, undefined, ID_2, undefined, ID_3],
  ],
  [
    'start after its own end',
    [initDone, invoked(ID_1), ended(ID_1), started(ID_1)],
    [undefined, ID_1, undefined, undefined],
  ],
  [
    'end lost',
    [initDone, invoked(ID_1), started(ID_1), invoked(ID_2), started(ID_2), ended(ID_2), invoked(ID_3)],
    [undefined, ID_1, ID_1, undefined, ID_2, undefined, ID_3],
  ],
  [
    'end of the first and start of the second lost',
    [initDone, invoked(ID_1), started(ID_1), invoked(ID_2), ended(ID_2), invoked(ID_3)],
    [undefined, ID_1, ID_1, undefined, undefined, ID_3],
  ],
  [
    'end late, after the next INVOKE',
    [initDone, invoked(ID_1), started(ID_1), invoked(ID_2), ended(ID_1)],
    [undefined, ID_1, ID_1, undefined, ID_2],
  ],
  [
    'all of an invocation late, after the next INVOKE',
    [initDone, invoked(ID_1), invoked(ID_2), started(ID_1), ended(ID_1)],
    [undefined, ID_1, undefined, ID_1, ID_2],
  ],
  [
    'an end of long ago while two have not been heard of',
    [initDone, invoked(ID_1), invoked(ID_2), invoked(ID_3), ended(ID_1), ended(ID_2)],
    [undefined, ID_1, undefined, undefined, undefined, ID_3],
  ],
  [
    'start and end before INVOKE',
    [initDone, started(ID_1), ended(ID_1), invoked(ID_1), invoked(ID_2)],
    [undefined, ID_1, undefined, undefined, ID_2],
  ],
  [
    'start before INVOKE, and the end before lost',
    [initDone, invoked(ID_1), started(ID_2), invoked(ID_2), ended(ID_1)],
    [undefined, ID_1, ID_2, ID_2, ID_2],
  ],
  ['end of Init lost', [invoked(ID_1), started(ID_1), ended(ID_1), invoked(ID_2)], [undefined, ID_1, undefined, ID_2]],
  [
    'restored from a snapshot',
    [phase, initDone, phase, invoked(ID_1), initDone],
    [undefined, undefined, undefined, undefined, ID_1],
  ],
  [
    'restored, INVOKE first',
    [phase, initDone, invoked(ID_1), phase, initDone],
    [undefined, undefined, ID_1, undefined, ID_1],
  ],
  [
    'Init tried again inside an invocation',
    [initDone, invoked(ID_1), started(ID_1), phase, initDone],
    [undefined, ID_1, ID_1, ID_1, ID_1],
  ],
];

for (const [name, steps, expected] of HEARD) {
  test(`no line gets the id of another invocation, and none lacks its own: ${name}`, () =>
    assert.deepEqual(play(...steps), expected));
}
