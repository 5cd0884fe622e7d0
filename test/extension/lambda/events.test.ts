import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLifecycleEvent } from '../../../extension/lambda/events';
import { ID_1 } from '../support/builders';

const parse = (event: unknown): ReturnType<typeof parseLifecycleEvent> =>
  parseLifecycleEvent(JSON.stringify(event), 1000);

test('INVOKE and SHUTDOWN as Lambda sends them', () => {
  const invoke = {
    eventType: 'INVOKE',
    deadlineMs: 1_795_367_800_123,
    requestId: ID_1,
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:f',
    tracing: {},
  };
  assert.deepEqual(parse(invoke), { eventType: 'INVOKE', deadlineMs: 1_795_367_800_123, requestId: ID_1 });
  for (const reason of ['spindown', 'SPINDOWN', 'Timeout', 'failure']) {
    assert.deepEqual(parse({ eventType: 'SHUTDOWN', deadlineMs: 5, shutdownReason: reason }), {
      eventType: 'SHUTDOWN',
      deadlineMs: 5,
      shutdownReason: reason.toLowerCase(),
    });
  }
});

test('missing members get values that do no harm', () => {
  assert.deepEqual(parse({ eventType: 'INVOKE' }), { eventType: 'INVOKE', deadlineMs: 4000, requestId: '' });
  assert.deepEqual(parse({ eventType: 'SHUTDOWN', deadlineMs: 'soon' }), {
    eventType: 'SHUTDOWN',
    deadlineMs: 3000,
    shutdownReason: '',
  });
});

test('what is not known is not mistaken for something else', () => {
  for (const event of [{ eventType: 'RESTORE' }, {}, null, [], 5, 'INVOKE'])
    assert.deepEqual(parse(event), { eventType: 'UNKNOWN' });
  assert.throws(() => parseLifecycleEvent('<html>', 0));
});
