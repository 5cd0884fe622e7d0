import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handoff } from '../../../extension/loki/handoff';

const yes = (): boolean => true;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A push that arrives and ends when the test says so. */
function pushOf(handoff: Handoff, isOnly = yes) {
  let arrived: (() => boolean) | undefined;
  let end!: () => void;
  let isOver = false;
  const answered = new Promise<void>((resolve) => (end = resolve));
  void handoff
    .follow(isOnly, (onArrived) => {
      arrived = onArrived;
      return answered;
    })
    .then(() => (isOver = true));
  return { mayArrive: () => arrived !== undefined, arrive: () => arrived!(), end, isOver: () => isOver };
}

test('a push that may be left is over for the flush when it has arrived, and unanswered until its answer', async () => {
  const handoff = new Handoff();
  handoff.flushBegins(true);
  const push = pushOf(handoff);
  await turn();
  assert.equal(push.isOver(), false, 'it has not arrived');
  assert.equal(push.arrive(), true, 'it is left');
  await turn();
  assert.equal(push.isOver(), true);
  assert.notEqual(handoff.unanswered, undefined);
  push.end();
  await turn();
  assert.equal(handoff.unanswered, undefined);
});

test('an answer before the arrival is over as well, and nothing is left behind by an arrival after it', async () => {
  const handoff = new Handoff();
  handoff.flushBegins(true);
  const push = pushOf(handoff);
  push.end();
  await turn();
  assert.equal(push.isOver(), true);
  assert.equal(push.arrive(), false);
  assert.equal(handoff.unanswered, undefined);
});

test('a push is waited for where the flush must not leave one, has more to wait for, or is over', async () => {
  const handoff = new Handoff();
  assert.equal(pushOf(handoff).mayArrive(), false, 'there is no flush');
  handoff.flushBegins(false);
  assert.equal(pushOf(handoff).mayArrive(), false, 'all are waited for');
  handoff.flushBegins(true);
  assert.equal(pushOf(handoff, () => false).mayArrive(), false, 'there is more to wait for');
  handoff.flushEnds();
  assert.equal(pushOf(handoff).mayArrive(), false, 'the flush is over');
  await turn();
});

test('one push of a flush may be left, and none while another is unanswered', async () => {
  const handoff = new Handoff();
  handoff.flushBegins(true);
  const first = pushOf(handoff);
  assert.equal(pushOf(handoff).mayArrive(), false, 'the second of the flush');
  first.arrive();
  handoff.flushEnds();
  handoff.flushBegins(true);
  assert.equal(pushOf(handoff).mayArrive(), false, 'the first is unanswered');
  handoff.flushEnds();
  first.end();
  await turn();
  handoff.flushBegins(true);
  assert.equal(pushOf(handoff).mayArrive(), true, 'it has been answered');
});
