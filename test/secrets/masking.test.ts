import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { proxiedAddress } from '../tools/tinyproxy';
import { startEnvironment } from './support';

const PASSWORD = 'p4ss  <w0rd>';
const PROXY_PASSWORD = 'pr@xy-pass';

/** Answers each request with all the credentials that came with it, as they are and decoded. */
function indiscreet(): Server {
  return createServer((request, response) => {
    const values = ['authorization', 'proxy-authorization'].flatMap((name) => request.headers[name] ?? []) as string[];
    const decoded = values.map((value) => Buffer.from(value.replace(/^Basic /, ''), 'base64').toString());
    request
      .resume()
      .on('end', () => response.writeHead(400).end(`I don't like ${[...values, ...decoded].join(' or ')}\n`));
  });
}

describe('credentials of the environment that a gateway or a proxy repeats', () => {
  const server = indiscreet();
  let port: number;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const proxy = (): string => `http://user:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:${port}`;
  const cases: [what: string, secret: string, environment: () => Record<string, string>][] = [
    ['LOKI_PASSWORD', PASSWORD, () => ({ LOKI_USERNAME: 'user', LOKI_PASSWORD: PASSWORD })],
    ['LOKI_API_KEY', 'glc_t0ken', () => ({ LOKI_API_KEY: 'glc_t0ken' })],
    [
      'a password in the endpoint',
      'p4ss@word',
      () => ({ LOKI_ENDPOINT: `http://user:p4ss%40word@127.0.0.1:${port}/loki/api/v1/push` }),
    ],
    [
      'a password in the proxy',
      PROXY_PASSWORD,
      () => ({ HTTP_PROXY: proxy(), LOKI_ENDPOINT: `http://${proxiedAddress()}:9/push` }),
    ],
  ];
  for (const [what, secret, environment] of cases) {
    it(`never appear on stderr: ${what}`, async () => {
      const sandbox = await startEnvironment(`http://127.0.0.1:${port}/loki/api/v1/push`, environment());
      try {
        assert.equal((await sandbox.invoke(['hello'])).status, 'success');
        await sandbox.shutdown();
        const said = sandbox.extensionStderr;
        assert.match(said, /status 400: I don't like .*\*\*\*/);
        const encoded = Buffer.from(`user:${secret}`).toString('base64').slice(0, -4);
        for (const form of [secret.slice(0, 5), secret.slice(-5), encoded]) assert.ok(!said.includes(form), said);
      } finally {
        await sandbox.close();
      }
    });
  }
});
