import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diagnostics } from '../../../extension/diagnostics';
import { ExtensionsApi } from '../../../extension/lambda/extensions-api';
import { ID_1 } from '../support/builders';
import { type Answer, FakePlatform } from '../support/fake-platform';

const REGISTERED: Answer = {
  status: 200,
  headers: { 'lambda-extension-identifier': 'the-identifier' },
  body: '{"functionName":"orders","functionVersion":"7","handler":"index.handler"}',
};
const INVOKE: Answer = { status: 200, body: `{"eventType":"INVOKE","deadlineMs":5000,"requestId":"${ID_1}"}` };

function benchOf(answers: Answer[], env: Record<string, string> = {}): { platform: FakePlatform; api: ExtensionsApi } {
  const platform = new FakePlatform(env);
  platform.onRequest = (_, index) => answers[index] ?? assert.fail(`request ${index + 1} was not expected`);
  return { platform, api: new ExtensionsApi(platform, new Diagnostics(platform), '127.0.0.1:9001') };
}

const bodies = (platform: FakePlatform): unknown[] =>
  platform.sent.map(({ request }) => JSON.parse(String(request.body)) as unknown);

test('registers under its file name for INVOKE and SHUTDOWN', async () => {
  const { platform, api } = benchOf([REGISTERED]);
  assert.deepEqual(await platform.until(api.register(false)), {
    functionName: 'orders',
    functionVersion: '7',
    invokeEvents: true,
  });
  const { method, url, headers } = platform.sent[0].request;
  assert.deepEqual([method, url], ['POST', 'http://127.0.0.1:9001/2020-01-01/extension/register']);
  assert.equal(headers['lambda-extension-name'], 'lambdawatch');
  assert.deepEqual(bodies(platform), [{ events: ['INVOKE', 'SHUTDOWN'] }]);
  assert.equal(api.identifier, 'the-identifier');
  assert.deepEqual(platform.stderrLines, []);
});

test('on Managed Instances for SHUTDOWN alone', async () => {
  const { platform, api } = benchOf([REGISTERED]);
  assert.equal((await platform.until(api.register(true))).invokeEvents, false);
  assert.deepEqual(bodies(platform), [{ events: ['SHUTDOWN'] }]);
});

test('where INVOKE is refused, for SHUTDOWN alone, at once', async () => {
  const { platform, api } = benchOf([
    { status: 403, body: '{"errorType":"Extension.InvalidEventType","errorMessage":"INVOKE is not supported"}' },
    REGISTERED,
  ]);
  const before = platform.monotonic();
  assert.equal((await platform.until(api.register(false))).invokeEvents, false);
  assert.equal(platform.monotonic(), before);
  assert.deepEqual(bodies(platform), [{ events: ['INVOKE', 'SHUTDOWN'] }, { events: ['SHUTDOWN'] }]);
});

test('where SHUTDOWN is refused too, keeps trying with pauses', async () => {
  const refused: Answer = { status: 403, body: '{"errorType":"Extension.InvalidEventType"}' };
  const { platform, api } = benchOf([refused, refused, REGISTERED]);
  const before = platform.monotonic();
  await platform.until(api.register(false));
  assert.deepEqual(
    platform.sent.map(({ at }) => at - before),
    [0, 0, 200],
  );
});

test('keeps trying to register, with pauses, and says so once', async () => {
  const { platform, api } = benchOf([
    { error: 'ECONNREFUSED' },
    { status: 500, body: 'oops' },
    { error: 'ECONNRESET' },
    REGISTERED,
  ]);
  const before = platform.monotonic();
  await platform.until(api.register(false));
  assert.deepEqual(
    platform.sent.map(({ at }) => at - before),
    [0, 100, 300, 700],
  );
  assert.equal(platform.stderrLines.length, 1);
});

test('a register answer without a name: the environment has it', async () => {
  const { platform, api } = benchOf([{ status: 200, body: 'not json' }], {
    AWS_LAMBDA_FUNCTION_NAME: 'billing',
    AWS_LAMBDA_FUNCTION_VERSION: '3',
  });
  assert.deepEqual(await platform.until(api.register(false)), {
    functionName: 'billing',
    functionVersion: '3',
    invokeEvents: true,
  });
});

test('next waits without any limit, however long that takes', async () => {
  const { platform, api } = benchOf([REGISTERED, { ...INVOKE, afterMs: 3_000_000 }]);
  await platform.until(api.register(false));
  assert.deepEqual(await platform.until(api.next()), { eventType: 'INVOKE', deadlineMs: 5000, requestId: ID_1 });
  const { method, url, headers, timeoutMs } = platform.sent[1].request;
  assert.deepEqual(
    [method, url, timeoutMs],
    ['GET', 'http://127.0.0.1:9001/2020-01-01/extension/event/next', undefined],
  );
  assert.equal(headers['lambda-extension-identifier'], 'the-identifier');
});

test('next never ends the extension: refusals, cut connections and nonsense are tried again, at most 5 s apart', async () => {
  const bad: Answer[] = [
    { status: 403, body: '{"errorType":"Extension.InvalidExtensionState"}' },
    { error: 'ECONNRESET' },
    { status: 200, body: '<html>' },
    { status: 200, body: '' },
    ...Array.from({ length: 10 }, (): Answer => ({ status: 500 })),
  ];
  const { platform, api } = benchOf([...bad, INVOKE]);
  assert.equal((await platform.until(api.next())).eventType, 'INVOKE');
  const pauses = platform.sent.map(({ at }, i) => at - (platform.sent[i - 1]?.at ?? at)).slice(1);
  assert.deepEqual(pauses.slice(0, 6), [100, 200, 400, 800, 1600, 3200]);
  assert.ok(pauses.slice(6).every((pause) => pause === 5000));
  assert.deepEqual(platform.exits, []);
  assert.ok(platform.stderrLines.length <= 4, platform.stderrLines.join('\n'));
});
