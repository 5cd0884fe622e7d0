import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../extension/main';
import { FakePlatform } from './support/fake-platform';

test("an error that nobody has caught is one line of the extension's own, with its prefix", () => {
  const platform = new FakePlatform({
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    LOKI_ENDPOINT: 'https://logs.example.com/loki/api/v1/push',
  });
  void run(platform);
  platform.fault('Uncaught: Error: boom\n    at send (lambdawatch.js:1:2)');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] error: Uncaught: Error: boom at send (lambdawatch.js:1:2)']);
});
