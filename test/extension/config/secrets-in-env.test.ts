import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../../extension/config/read-settings';
import { secretsInEnv } from '../../../extension/config/secrets-in-env';
import { ENDPOINT } from '../support/builders';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Each source of a secret, with all that must not be shown of it. */
const SOURCES: [env: Record<string, string>, secrets: string[]][] = [
  [{ LOKI_PASSWORD: ' pass-w0rd\n' }, ['pass-w0rd', base64(':pass-w0rd')]],
  [{ LOKI_USERNAME: 'user', LOKI_PASSWORD: 'pass-w0rd' }, ['pass-w0rd', base64('user:pass-w0rd')]],
  [{ LOKI_API_KEY: 'glc_key' }, ['glc_key']],
  // Not used, and no less a secret.
  [{ LOKI_API_KEY: 'glc_\nkey' }, ['glc_\nkey']],
  [{ LOKI_API_KEY: 'glc_key', LOKI_USERNAME: 'user', LOKI_PASSWORD: 'pass-w0rd' }, ['glc_key', 'pass-w0rd']],
  [
    { LOKI_PASSWORD: 'pass-w0rd', LOKI_USERNAME_SECRET: 'arn:aws:ssm:eu-west-1:111122223333:parameter/x' },
    ['pass-w0rd'],
  ],
  [{ LOKI_ENDPOINT: 'https://user:p%40ss@logs.example.com/push' }, ['p@ss', 'p%40ss', base64('user:p@ss')]],
  [
    { LOKI_ENDPOINT: '', LOKI_URL: 'https://user:p%40ss@logs.example.com/push' },
    ['p@ss', 'p%40ss', base64('user:p@ss')],
  ],
  [{ LOKI_ENDPOINT: 'no-url user:pass-w0rd@logs.example.com' }, ['pass-w0rd']],
  [{ AWS_SECRET_ACCESS_KEY: 'wJalr/XUtn', AWS_SESSION_TOKEN: 'IQoJ+b3J' }, ['wJalr/XUtn', 'IQoJ+b3J']],
  [{ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'container-token' }, ['container-token']],
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'].flatMap(
    (name): [Record<string, string>, string[]][] => [
      [{ [name]: 'http://user:p%40ss@proxy:3128' }, ['user:p%40ss', 'p%40ss', 'p@ss', base64('user:p@ss')]],
      [{ [name]: 'user:p%zz@proxy' }, ['p%zz']],
      [{ [name]: 'http://token-only@proxy' }, ['token-only']],
    ],
  ),
];

for (const [env, secrets] of SOURCES) {
  test(`what must not be shown of ${JSON.stringify(env)}`, () => {
    const { settings } = readSettings({ LOKI_ENDPOINT: ENDPOINT, ...env }, (text) => text.length);
    const found = secretsInEnv({ LOKI_ENDPOINT: ENDPOINT, ...env }, settings);
    for (const secret of secrets) assert.ok(found.includes(secret), `${secret} is not among ${JSON.stringify(found)}`);
  });
}

test('without a secret in the environment there is nothing to mask', () => {
  const { settings } = readSettings(
    { LOKI_ENDPOINT: ENDPOINT, HTTPS_PROXY: 'http://proxy:3128' },
    (text) => text.length,
  );
  const found = secretsInEnv({ LOKI_ENDPOINT: ENDPOINT, HTTPS_PROXY: 'http://proxy:3128' }, settings);
  assert.deepEqual(found.filter(Boolean), []);
});
