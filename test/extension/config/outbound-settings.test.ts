import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOutboundSettings } from '../../../extension/config/outbound-settings';
import { readSettings } from '../../../extension/config/read-settings';
import { OUTBOUND_VARIABLES } from '../../../extension/config/definitions';
import { ENDPOINT } from '../support/builders';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki';
const secret = (variable: string, field?: string): unknown => ({
  variable,
  arn: ARN,
  service: 'secretsmanager',
  partition: 'aws',
  region: 'eu-west-1',
  ...(field && { field }),
});
const read = (env: Record<string, string>): ReturnType<typeof readOutboundSettings> =>
  readOutboundSettings(env, { url: ENDPOINT });

test('each of the variables makes the extension look at them all, and nothing else does', () => {
  const outbound = (env: Record<string, string>): boolean =>
    readSettings({ LOKI_ENDPOINT: ENDPOINT, ...env }, (text) => text.length).settings.outbound;
  for (const variable of OUTBOUND_VARIABLES) {
    assert.equal(outbound({ [variable]: 'x' }), true, variable);
    assert.equal(outbound({ [variable]: ' ' }), false, variable);
  }
  assert.equal(outbound({ LOKI_USERNAME: 'u', LOKI_PASSWORD: 'p', NO_PROXY: '*', no_proxy: '*' }), false);
});

test('with a secret, the plain credentials are not complained of and not sent at once', () => {
  const { settings, problems } = readSettings(
    { LOKI_ENDPOINT: ENDPOINT, LOKI_USERNAME: 'u', LOKI_PASSWORD_SECRET: ARN },
    (text) => text.length,
  );
  assert.deepEqual([settings.authorization, problems], [undefined, []]);
});

test('credentials are plain, secret, or both', () => {
  const { settings, problems } = read({ LOKI_USERNAME: 'u', LOKI_PASSWORD: 'p', LOKI_PASSWORD_SECRET: `${ARN}#pass` });
  assert.deepEqual(settings, {
    credentials: {
      apiKey: {},
      username: { plain: 'u' },
      password: { plain: 'p', secret: secret('LOKI_PASSWORD_SECRET', 'pass') },
    },
  });
  assert.deepEqual(problems, []);
});

test('user and password of the URL stand in for missing ones', () => {
  const { settings, problems } = readOutboundSettings(
    { LOKI_PASSWORD_SECRET: ARN },
    { url: ENDPOINT, username: 'from-url', password: 'x' },
  );
  assert.deepEqual(settings.credentials?.username, { plain: 'from-url' });
  assert.deepEqual(problems, []);
});

test('an API key that stands in the environment makes secrets of user and password superfluous', () => {
  const { settings, problems } = read({ LOKI_API_KEY: 'key', LOKI_USERNAME_SECRET: ARN, LOKI_PASSWORD_SECRET: ARN });
  assert.deepEqual(settings.credentials, { apiKey: { plain: 'key' }, username: {}, password: {} });
  const message = 'is set beside a user name or a password; the API key takes precedence';
  assert.deepEqual(problems, [{ variable: 'LOKI_API_KEY', message }]);
  assert.deepEqual(read({ LOKI_API_KEY_SECRET: ARN, LOKI_PASSWORD: 'p' }).problems, problems);
});

test('a missing half of user and password is said', () => {
  assert.deepEqual(read({ LOKI_PASSWORD_SECRET: ARN }).problems, [
    { variable: 'LOKI_USERNAME', message: 'is not set though LOKI_PASSWORD is; an empty user name is sent' },
  ]);
  assert.deepEqual(read({ LOKI_USERNAME_SECRET: ARN }).problems, [
    { variable: 'LOKI_PASSWORD', message: 'is not set though LOKI_USERNAME is; an empty password is sent' },
  ]);
});

test('capitals go before small letters', () => {
  const { settings } = read({ HTTPS_PROXY: 'a:1', https_proxy: 'b:1', http_proxy: 'c:1', no_proxy: '*' });
  assert.deepEqual(settings, { proxies: { https: 'http://a:1', http: 'http://c:1', exceptions: [{ kind: 'all' }] } });
});
