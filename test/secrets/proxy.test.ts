import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import { DebianPackageError } from '../../build/debian';
import { proxiedAddress, startTinyproxy, type Tinyproxy } from '../tools/tinyproxy';
import { PrivateCa } from './private-ca';
import {
  assertNothingLeaked,
  AwsEndpoint,
  SECRET_ARN,
  secretAnswer,
  startEnvironment,
  stored,
  warnings,
} from './support';

const PASSWORD = 'proxy-pass-w0rd';
const LOGIN = { user: 'proxy-user', password: PASSWORD };

void startTinyproxy().then(
  async (open) => suite(open, await startTinyproxy(LOGIN)),
  (error: unknown) => {
    if (!(error instanceof DebianPackageError)) throw error;
    describe('through tinyproxy', () => it('all', { skip: error.message }, () => undefined));
  },
);

function suite(open: Tinyproxy, locked: Tinyproxy): void {
  describe('through tinyproxy', () => {
    const host = proxiedAddress();
    let ca: PrivateCa;
    let plain: FakeLoki;
    let secure: FakeLoki;
    let local: FakeLoki;

    before(async () => {
      ca = new PrivateCa();
      const { cert, key } = ca.issue('loki', `IP:${host}`);
      plain = await startFakeLoki({ host });
      secure = await startFakeLoki({ host, tls: { cert, key } });
      local = await startFakeLoki({});
    });
    after(async () => {
      await Promise.all([plain.stop(), secure.stop(), local.stop(), open.stop(), locked.stop()]);
      ca.remove();
    });

    /**
     * Invokes once and shuts down. @returns whether the line arrived, what was warned of, and what the proxies logged
     * meanwhile.
     */
    async function run(
      loki: FakeLoki,
      environment: Record<string, string>,
    ): Promise<{ delivered: boolean; said: string; proxied: string }> {
      const line = `line ${Math.random()}`;
      const before_ = [open, locked].map((proxy) => proxy.log().length);
      const sandbox = await startEnvironment(
        loki.pushUrl,
        { LOKI_FLUSH_TIMEOUT_MS: '500', LOKI_CA_CERT: ca.root.certFile, ...environment },
        { lifecycle: { shutdownMs: 800 } },
      );
      try {
        assert.equal((await sandbox.invoke([line])).status, 'success');
        await sandbox.shutdown();
        assertNothingLeaked(sandbox, loki, [PASSWORD, 'wr0ng-pass', 'proxy-user']);
        return {
          delivered: stored(loki).includes(line),
          said: warnings(sandbox).join('\n'),
          proxied: [open, locked].map((proxy, i) => proxy.log().slice(before_[i])).join(''),
        };
      } finally {
        await sandbox.close();
      }
    }

    for (const variable of ['HTTPS_PROXY', 'https_proxy']) {
      it(`${variable}: a Loki behind TLS is reached through CONNECT`, async () => {
        const { delivered, said, proxied } = await run(secure, { [variable]: `http://${open.authority}` });
        assert.deepEqual([delivered, said], [true, '']);
        assert.match(proxied, new RegExp(`CONNECT ${host}:${secure.port}`));
      });
    }

    for (const variable of ['HTTP_PROXY', 'http_proxy']) {
      it(`${variable}: a Loki without TLS is reached through it`, async () => {
        const { delivered, said, proxied } = await run(plain, { [variable]: open.authority });
        assert.deepEqual([delivered, said], [true, '']);
        assert.match(proxied, new RegExp(`POST http://${host}:${plain.port}/loki/api/v1/push`));
      });
    }

    it('with user and password', async () => {
      const proxy = `http://${LOGIN.user}:${LOGIN.password.replace('-', '%2D')}@${locked.authority}`;
      assert.equal((await run(secure, { HTTPS_PROXY: proxy })).said, '');
      const { delivered, said } = await run(plain, { HTTP_PROXY: proxy });
      assert.deepEqual([delivered, said], [true, '']);
    });

    for (const [what, credentials] of [
      ['a wrong password', 'proxy-user:wr0ng-pass@'],
      ['no password', ''],
    ]) {
      it(`${what}: said, masked, with what to check`, async () => {
        for (const [loki, variable] of [
          [secure, 'HTTPS_PROXY'],
          [plain, 'HTTP_PROXY'],
        ] as const) {
          const { delivered, said } = await run(loki, { [variable]: `http://${credentials}${locked.authority}` });
          assert.equal(delivered, false);
          // Where there is no tunnel, tinyproxy answers a wrong password as if it were the server, and does not wait
          // for the body.
          assert.match(
            said,
            new RegExp(
              `(The proxy ${locked.authority} refused: 40[17] .*;|.*; if that was the proxy,) check user name and password in HTTPS_PROXY or HTTP_PROXY`,
            ),
          );
        }
      });
    }

    it('a proxy that is not there: said, with its address and no credentials', async () => {
      const { delivered, said } = await run(secure, { HTTPS_PROXY: `http://proxy-user:${PASSWORD}@127.0.0.1:9` });
      assert.equal(delivered, false);
      assert.match(said, /Can't connect to the proxy 127\.0\.0\.1:9: Connection refused/);
    });

    for (const [what, url, says] of [
      [
        'of another kind',
        `socks5://proxy-user:${PASSWORD}@127.0.0.1:1080`,
        /HTTP_PROXY: names a proxy that speaks socks5; only http:\/\/ proxies can be used/,
      ],
      [
        'that is no URL',
        `http://proxy-user:${PASSWORD}@proxy host:1`,
        /HTTP_PROXY: is not a URL like http:\/\/proxy\.example\.com:3128; no proxy is used/,
      ],
    ] as const) {
      it(`a proxy ${what}: said, without its credentials, and none is used`, async () => {
        const { delivered, said, proxied } = await run(plain, { HTTP_PROXY: url });
        assert.deepEqual([delivered, proxied], [true, '']);
        assert.match(said, says);
      });
    }

    it("NO_PROXY, loopback and Lambda's own APIs go without", async () => {
      const settings = { HTTP_PROXY: `http://${open.authority}`, HTTPS_PROXY: `http://${open.authority}` };
      for (const [loki, exceptions] of [
        [plain, `other.example,${host}`],
        [secure, `${host}/32`],
        [local, ''],
      ] as const) {
        const { delivered, said, proxied } = await run(loki, { ...settings, NO_PROXY: exceptions });
        assert.deepEqual([delivered, said, proxied], [true, '', ''], exceptions);
      }
    });

    it('AWS is asked for secrets through it as well', async () => {
      const aws = await new AwsEndpoint((request) => secretAnswer(request, 'a-secret-from-aws')).start('0.0.0.0');
      const url = aws.url.replace('0.0.0.0', host);
      try {
        const settings = {
          HTTP_PROXY: `http://${open.authority}`,
          NO_PROXY: `${host}:${plain.port}`,
          AWS_ENDPOINT_URL: url,
          LOKI_API_KEY_SECRET: SECRET_ARN,
        };
        const { delivered, said, proxied } = await run(plain, settings);
        assert.deepEqual([delivered, said], [true, '']);
        assert.match(proxied, new RegExp(`POST ${url}/`));
        assert.equal(plain.pushes.at(-1)!.headers.authorization, 'Bearer a-secret-from-aws');
      } finally {
        await aws.stop();
      }
    });
  });
}
