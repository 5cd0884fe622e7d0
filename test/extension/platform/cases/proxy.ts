import type { Case } from '../inside/case';
import { equal, fails, ok } from '../inside/check';
import type { Echo } from '../peers/http-peer';

/** Forward proxies. */
export const proxy: readonly Case[] = [
  {
    name: 'plain requests reach their peer through the proxy',
    run: async (context) => {
      const { http, proxy: open } = context.peers;
      const echo = await context.fetchJson<Echo>(`${http}/some?path`, {
        proxy: `http://${open}`,
        method: 'POST',
        body: 'hello',
      });
      equal([echo.path, echo.body, echo.headers['x-via']], ['/some?path', 'hello', 'proxy']);
      equal((await context.fetchJson<Echo>(`${http}/direct`)).headers['x-via'], undefined, 'a direct request');
    },
  },
  {
    name: 'HTTPS goes through a tunnel, which is kept',
    run: async (context) => {
      const { https, proxy: open, ca } = context.peers;
      const request = { proxy: `http://${open}`, tls: { ca } };
      const first = await context.fetchJson<Echo>(`${https}/tunnel`, request);
      equal(
        [first.path, first.headers['x-via'], first.headers['proxy-authorization']],
        ['/tunnel', undefined, undefined],
      );
      equal((await context.fetchJson<Echo>(`${https}/tunnel`, request)).connection, first.connection, 'connection');
      ok(
        (await context.fetchJson<Echo>(`${https}/direct`, { tls: request.tls })).connection !== first.connection,
        'a tunnel was taken for a direct connection',
      );
    },
  },
  {
    name: "the proxy's password is percent-decoded, sent, and not sent to the peer",
    run: async (context) => {
      const { http, https, lockedProxy, ca } = context.peers;
      const secret = `http://user:pass%20word@${lockedProxy}`;
      const plain = await context.fetchJson<Echo>(`${http}/plain`, { proxy: secret });
      equal([plain.path, plain.headers['proxy-authorization']], ['/plain', undefined]);
      equal((await context.fetchJson<Echo>(`${https}/tunnel`, { proxy: secret, tls: { ca } })).path, '/tunnel');
    },
  },
  {
    name: 'a proxy that refuses: EPROXY with its status, without the password',
    run: async (context) => {
      const { https, lockedProxy, closedPort, proxy: open, ca } = context.peers;
      for (const credentials of ['', 'user:hunter2@']) {
        const error = await fails(
          context.fetch(https, { proxy: `http://${credentials}${lockedProxy}`, tls: { ca } }),
          'EPROXY',
        );
        ok(error.message.includes('407'), `no status: ${error.message}`);
        equal(error.about, 'login', error.message);
        ok(!error.message.includes('hunter2'), `the password is in the message: ${error.message}`);
      }
      const other = await fails(
        context.fetch(`https://127.0.0.1:${closedPort}/`, { proxy: `http://${open}` }),
        'EPROXY',
      );
      equal(other.about, undefined, other.message);
    },
  },
  {
    name: 'a proxy that is not there or makes no sense',
    run: async (context) => {
      const { https, closedPort, brokenProxy, hangUp, silent } = context.peers;
      await fails(context.fetch(https, { proxy: `http://127.0.0.1:${closedPort}` }), 'ECONNREFUSED');
      await fails(context.fetch(https, { proxy: `http://${brokenProxy}` }), 'EPROTO', 'EPROXY');
      await fails(context.fetch(https, { proxy: `http://${hangUp}` }), 'ECONNRESET');
      await fails(context.fetch(https, { proxy: `http://${silent}`, timeoutMs: 100 }), 'ETIMEDOUT');
    },
  },
];
