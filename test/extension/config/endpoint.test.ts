import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpoint } from '../../../extension/config/endpoint';

const GOOD = [
  'https://logs.example.com/loki/api/v1/push',
  'http://localhost:3100/loki/api/v1/push',
  'http://10.0.0.7:1/loki/api/v1/push',
  'https://logs-prod-012.grafana.net:65535/loki/api/v1/push',
  'http://[::1]:3100/loki/api/v1/push',
  'https://gateway.example.com/tenants/a/loki/api/v1/push?source=lambda',
  'https://internal_host/push',
];

for (const url of GOOD) {
  test(`takes ${url} as it stands`, () => {
    assert.deepEqual(parseEndpoint(url), { endpoint: { url }, problem: undefined });
  });
}

const MENDED: [given: string, used: string, said: RegExp | undefined][] = [
  ['https://logs.example.com', 'https://logs.example.com/loki/api/v1/push', /no path.*\/loki\/api\/v1\/push/],
  ['https://logs.example.com/', 'https://logs.example.com/loki/api/v1/push', /no path.*\/loki\/api\/v1\/push/],
  ['https://logs.example.com:443?a=b', 'https://logs.example.com:443/loki/api/v1/push?a=b', /no path/],
  [
    'https://logs.example.com/loki/api/v1/push/',
    'https://logs.example.com/loki/api/v1/push',
    /slash.*\/loki\/api\/v1\/push$/,
  ],
  ['https://logs.example.com/loki/api/v1/push//', 'https://logs.example.com/loki/api/v1/push', /slash/],
  ['  https://logs.example.com/push\n', 'https://logs.example.com/push', undefined],
  ['HTTPS://logs.example.com/push', 'https://logs.example.com/push', undefined],
  ['https://logs.example.com/push#top', 'https://logs.example.com/push', undefined],
];

for (const [given, used, said] of MENDED) {
  test(`mends ${JSON.stringify(given)}${said ? ' and says so' : ''}`, () => {
    const { endpoint, problem } = parseEndpoint(given);
    assert.equal(endpoint?.url, used);
    if (said) assert.match(problem ?? '', said);
    else assert.equal(problem, undefined);
  });
}

for (const bad of [
  '',
  'logs.example.com/loki/api/v1/push',
  'ftp://logs.example.com/push',
  'https:/logs.example.com',
  'https://',
  'https:///push',
  'https://a b/push',
  'https://logs.example.com/pu sh',
  'https://user:pass@/push',
  'not a url',
  'http://host:port/push',
]) {
  test(`can't use ${JSON.stringify(bad)}`, () => {
    const { endpoint, problem } = parseEndpoint(bad);
    assert.equal(endpoint, undefined);
    assert.match(problem ?? '', /https:\/\/logs\.example\.com\/loki\/api\/v1\/push/, 'shows how one looks');
  });
}

for (const port of ['0', '65536', '99999']) {
  test(`can't use port ${port}`, () => {
    const { endpoint, problem } = parseEndpoint(`https://logs.example.com:${port}/push`);
    assert.equal(endpoint, undefined);
    assert.match(problem ?? '', new RegExp(`port ${port}.*1 to 65535`));
  });
}

test('takes user and password out of the URL, percent-decoded', () => {
  const CASES: [userInfo: string, username: string, password: string][] = [
    ['alice:secret', 'alice', 'secret'],
    ['alice', 'alice', ''],
    ['12%3A34:p%40ss%2Fword', '12:34', 'p@ss/word'],
    ['a:b:c', 'a', 'b:c'],
    ['a:100%', 'a', '100%'],
  ];
  for (const [userInfo, username, password] of CASES) {
    const { endpoint } = parseEndpoint(`https://${userInfo}@logs.example.com/push`);
    assert.deepEqual(endpoint, { url: 'https://logs.example.com/push', username, password }, userInfo);
  }
});
