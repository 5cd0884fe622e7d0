import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../extension/main';
import { FakePlatform } from './support/fake-platform';

test("finding 27: an error that nobody has caught is one line of the extension's own, with its prefix", () => {
  const platform = new FakePlatform({
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    LOKI_ENDPOINT: 'https://logs.example.com/loki/api/v1/push',
  });
  void run(platform);
  platform.fault('Uncaught: Error: boom\n    at send (lambdawatch.js:1:2)');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] error: Uncaught: Error: boom at send (lambdawatch.js:1:2)']);
});

test('finding 27: such a line has no secret of the environment in it', async () => {
  const platform = new FakePlatform({
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    LOKI_ENDPOINT: 'https://logs.example.com/loki/api/v1/push',
    LOKI_API_KEY: 'glc_secret',
  });
  platform.onRequest = ({ url }) => {
    if (url.endsWith('/event/next')) return { hangs: true };
    return { status: 200, headers: { 'lambda-extension-identifier': 'id' }, body: '{}' };
  };
  void run(platform);
  await platform.advance(100);
  // What can show a foreign text is loaded, with what takes secrets out of it, behind the first `/next`.
  await import('../../extension/pipeline');
  await platform.advance(100);
  assert.equal(platform.sent.at(-1)?.request.url.endsWith('/event/next'), true);
  platform.fault('Uncaught: Error: header Bearer glc_secret is odd');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] error: Uncaught: Error: header Bearer *** is odd']);
});
