import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InvocationEnd, Invocations } from '../../../extension/lifecycle/invocations';
import { ID_1, ID_2, ID_3 } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

const end = (time: number): InvocationEnd => ({ time, resets: false });

const benchOf = (): { platform: FakePlatform; invocations: Invocations } => {
  const platform = new FakePlatform();
  return { platform, invocations: new Invocations(platform) };
};

test('runtimeDone after INVOKE ends the wait at once', async () => {
  const { platform, invocations } = benchOf();
  const done = invocations.whenDone(ID_1, 5000);
  await platform.advance(100);
  invocations.done(ID_1, end(123));
  assert.deepEqual(await done, end(123));
  assert.equal(platform.timers, 0);
});

test('runtimeDone before INVOKE was seen needs no wait', async () => {
  const { platform, invocations } = benchOf();
  invocations.done(ID_1, end(123));
  assert.deepEqual(await invocations.whenDone(ID_1, 5000), end(123));
  assert.equal(platform.timers, 0);
});

test('runtimeDone of another invocation does not end the wait, before or after', async () => {
  const { platform, invocations } = benchOf();
  invocations.done(ID_1, end(1));
  const done = invocations.whenDone(ID_2, 5000);
  invocations.done(ID_3, end(3));
  const before = platform.monotonic();
  assert.equal(await platform.until(done), undefined);
  assert.equal(platform.monotonic() - before, 5000);
});

test('an early runtimeDone counts once: the next invocation waits for its own', async () => {
  const { platform, invocations } = benchOf();
  invocations.done(ID_1, end(1));
  await invocations.whenDone(ID_1, 5000);
  assert.equal(await platform.until(invocations.whenDone(ID_1, 5000)), undefined);
});

test('a runtimeDone that comes after the wait was given up does no harm to the next one', async () => {
  const { platform, invocations } = benchOf();
  assert.equal(await platform.until(invocations.whenDone(ID_1, 10)), undefined);
  invocations.done(ID_1, end(1));
  const next = invocations.whenDone(ID_2, 5000);
  await platform.settle();
  invocations.done(ID_2, end(2));
  assert.deepEqual(await next, end(2));
});

test('a limit that is past already is no wait', async () => {
  const { platform, invocations } = benchOf();
  const before = platform.monotonic();
  assert.equal(await platform.until(invocations.whenDone(ID_1, -50)), undefined);
  assert.equal(platform.monotonic(), before);
});

test('waits for the REPORT of each invocation that is done, no longer than it may', async () => {
  const { platform, invocations } = benchOf();
  await invocations.whenReported(250);
  invocations.done(ID_1, end(1));
  invocations.done(ID_2, end(2));
  invocations.reported(ID_1);
  const before = platform.monotonic();
  const reported = invocations.whenReported(250);
  platform.setTimer(40, () => invocations.reported(ID_2));
  await platform.until(reported);
  assert.equal(platform.monotonic() - before, 40);
  invocations.done(ID_3, end(3));
  await platform.until(invocations.whenReported(250));
  assert.equal(platform.monotonic() - before, 290);
});

test('an environment that never hears a REPORT does not remember without end', async () => {
  const { platform, invocations } = benchOf();
  for (let i = 0; i < 10_000; i++) invocations.done(`id ${i}`, end(i));
  for (let i = 9900; i < 10_000; i++) invocations.reported(`id ${i}`);
  const before = platform.monotonic();
  await platform.until(invocations.whenReported(250));
  assert.equal(platform.monotonic(), before, 'only the latest were waited for');
});

test('an invocation that has begun has more to say, whether its end was seen or not', async () => {
  const { platform, invocations } = benchOf();
  invocations.begun(ID_1);
  const before = platform.monotonic();
  platform.setTimer(400, () => invocations.reported(ID_1));
  await platform.until(invocations.whenReported(1000));
  assert.equal(platform.monotonic() - before, 400);
});

test('a REPORT that is missing is not waited for when that of a later invocation has come', async () => {
  const { invocations } = benchOf();
  for (const id of [ID_1, ID_2]) invocations.begun(id);
  invocations.reported(ID_2);
  await invocations.whenReported(1000);
});

test('the end of Init is waited for, no longer than it may; also where it came before', async () => {
  const { platform, invocations } = benchOf();
  const before = platform.monotonic();
  await platform.until(invocations.whenInitDone(70));
  assert.equal(platform.monotonic() - before, 70);
  platform.setTimer(30, () => invocations.initDone());
  await platform.until(invocations.whenInitDone(70));
  assert.equal(platform.monotonic() - before, 100);
  await invocations.whenInitDone(70);
  assert.equal(platform.timers, 0);
});
