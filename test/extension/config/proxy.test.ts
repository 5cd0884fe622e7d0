import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNoProxy, parseProxy, proxyFor } from '../../../extension/config/proxy';

test('proxies are taken with and without scheme, credentials and port', () => {
  for (const [text, url] of [
    ['http://proxy.example.com:3128', 'http://proxy.example.com:3128'],
    ['proxy:3128', 'http://proxy:3128'],
    ['HTTP://proxy/', 'http://proxy'],
    ['http://user:p%40ss@proxy:3128', 'http://user:p%40ss@proxy:3128'],
    ['user:p@ss/w#rd?@10.0.0.1:80', undefined],
    ['user:p@ss@10.0.0.1:80', 'http://user:p@ss@10.0.0.1:80'],
    ['http://[fd00::1]:8080', 'http://[fd00::1]:8080'],
  ] as const) {
    const parsed = parseProxy(text);
    assert.equal('url' in parsed ? parsed.url : undefined, url, text);
  }
});

test("what can't be used is said without its credentials", () => {
  for (const text of [
    'https://user:hunter2@proxy:3128',
    'socks5h://user:hunter2@proxy',
    'http://user:hunter2@',
    'http://user:hunter2@proxy:0',
    'user:hunter2@proxy:99999',
    'http://user:hunter2@pro xy',
    'hunter2/path',
  ]) {
    const parsed = parseProxy(text);
    assert.ok('problem' in parsed, text);
    assert.ok(!parsed.problem.includes('hunter2') && !parsed.problem.includes('user:'), parsed.problem);
  }
});

const PROXIES = { https: 'http://secure:1', http: 'http://plain:2' };
const goes = (url: string, noProxy = ''): string | undefined =>
  proxyFor({ ...PROXIES, exceptions: parseNoProxy(noProxy) }, url);

test('each scheme has its own proxy', () => {
  assert.equal(goes('https://logs.example.com/x'), PROXIES.https);
  assert.equal(goes('http://logs.example.com/x'), PROXIES.http);
  assert.equal(proxyFor({ https: PROXIES.https, exceptions: [] }, 'http://logs.example.com'), undefined);
});

for (const url of [
  'http://localhost/',
  'http://LOCALHOST:9001/',
  'https://a.localhost',
  'http://127.0.0.1:9001/2020-01-01',
  'http://127.9.9.9',
  'http://[::1]:80/',
  'http://169.254.170.2/credentials',
  'http://169.254.100.1:9001',
  'http://[fe80::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
]) {
  test(`${url} is never proxied`, () => assert.equal(goes(url), undefined));
}

const NO_PROXY: [noProxy: string, url: string, direct: boolean][] = [
  ['*', 'https://example.com', true],
  ['example.com', 'https://example.com', true],
  ['example.com', 'https://EXAMPLE.com:8443/', true],
  ['example.com', 'https://a.b.example.com', true],
  ['example.com', 'https://notexample.com', false],
  ['example.com', 'https://example.com.evil.net', false],
  ['.example.com', 'https://a.example.com', true],
  ['.example.com', 'https://example.com', false],
  ['*.example.com', 'https://a.example.com', true],
  ['*.example.com', 'https://example.com', false],
  ['Example.COM.', 'https://example.com', true],
  ['example.com', 'https://example.com./', true],
  ['a.com, b.com c.com', 'https://c.com', true],
  [' , ,', 'https://c.com', false],
  ['example.com:443', 'https://example.com', true],
  ['example.com:443', 'https://example.com:8443', false],
  ['example.com:80', 'http://example.com/', true],
  ['10.0.0.1', 'http://10.0.0.1/', true],
  ['10.0.0.1', 'http://10.0.0.10/', false],
  ['10.0.0.1:80', 'http://10.0.0.1/', true],
  ['10.0.0.1:81', 'http://10.0.0.1/', false],
  ['10.0.0.0/8', 'http://10.200.3.4/', true],
  ['10.0.0.0/8', 'http://11.0.0.1/', false],
  ['192.168.16.0/20', 'http://192.168.31.255/', true],
  ['192.168.16.0/20', 'http://192.168.32.0/', false],
  ['10.0.0.0/0', 'http://99.99.99.99/', true],
  ['10.0.0.0/8', 'http://ten.example.com/', false],
  ['fd00::/8', 'https://[fd12:3456::1]/', true],
  ['fd00::/8', 'https://[fe00::1]/', false],
  ['[fd00::1]', 'https://[fd00:0:0:0:0:0:0:1]/', true],
  ['fd00::1', 'https://[fd00::1]:8443/', true],
  ['[fd00::1]:443', 'https://[fd00::1]/', true],
  ['[fd00::1]:444', 'https://[fd00::1]/', false],
  ['300.1.1.1', 'https://300.1.1.1', true],
  ['1::2::3', 'https://example.com', false],
];
for (const [noProxy, url, direct] of NO_PROXY) {
  test(`NO_PROXY=${noProxy}: ${url} goes ${direct ? 'directly' : 'through the proxy'}`, () =>
    assert.equal(goes(url, noProxy) === undefined, direct));
}
