import type { PlatformErrorSubject, TlsOptions } from '../../../../extension/platform/types';
import type { Case } from '../inside/case';
import { equal, fails, ok } from '../inside/check';
import type { Echo } from '../peers/http-peer';

/** HTTPS. */
export const tls: readonly Case[] = [
  {
    name: 'a private CA is trusted when it is given, TLS 1.3 and 1.2',
    run: async (context) => {
      const { https, https12, ca } = context.peers;
      equal(
        (await context.fetchJson<Echo>(`${https}/a?b`, { method: 'POST', body: 'secret', tls: { ca } })).body,
        'secret',
      );
      equal((await context.fetchJson<Echo>(`${https12}/a?b`, { tls: { ca } })).path, '/a?b');
      equal((await context.fetchJson<Echo>(https.replace('localhost', '127.0.0.1'), { tls: { ca } })).path, '/');
    },
  },
  {
    name: 'a large body passes under TLS',
    run: async (context) => {
      const body = 'x'.repeat(5_000_000);
      equal(
        (await context.fetchJson<Echo>(context.peers.https, { method: 'POST', body, tls: { ca: context.peers.ca } }))
          .bodyBytes,
        body.length,
      );
      equal(
        (await context.fetch(`${context.peers.https}/large?bytes=5000000`, { tls: { ca: context.peers.ca } })).body
          .length,
        5_000_000,
      );
    },
  },
  {
    name: 'bad certificates: ETLS, and the message says what is wrong',
    run: async (context) => {
      const { https, expired, wrongHost, selfSigned, ca } = context.peers;
      const bad: [string, string | undefined, RegExp, PlatformErrorSubject?][] = [
        [https, undefined, /issuer|unable to (verify|get)/i, 'issuer'],
        [selfSigned, ca, /issuer|self.signed/i, 'issuer'],
        [expired, ca, /expired/i],
        [wrongHost, ca, /host|altnames/i],
      ];
      for (const [url, trusted, expected, about] of bad) {
        const error = await fails(
          context.fetch(url, { tls: trusted === undefined ? undefined : { ca: trusted } }),
          'ETLS',
        );
        ok(expected.test(error.message), `${url}: ${error.message}`);
        equal(error.about, about, error.message);
      }
    },
  },
  {
    name: 'a self-signed certificate is trusted when it is given itself, under its own name and in its own time',
    run: async (context) => {
      const { selfSigned, selfSignedCert, selfSignedExpired, selfSignedExpiredCert } = context.peers;
      equal((await context.fetchJson<Echo>(`${selfSigned}/pinned`, { tls: { ca: selfSignedCert } })).path, '/pinned');
      const byAddress = selfSigned.replace('localhost', '127.0.0.1');
      ok(
        /host|altnames/i.test((await fails(context.fetch(byAddress, { tls: { ca: selfSignedCert } }), 'ETLS')).message),
        'another name',
      );
      ok(
        /expired/i.test(
          (await fails(context.fetch(selfSignedExpired, { tls: { ca: selfSignedExpiredCert } }), 'ETLS')).message,
        ),
        'expired',
      );
      await fails(context.fetch(selfSigned, { tls: { ca: selfSignedExpiredCert } }), 'ETLS');
    },
  },
  {
    name: 'a client certificate is shown, with a key in any of its forms',
    run: async (context) => {
      const { mutual, ca, clientCert: cert, clientKey, clientKeyOld } = context.peers;
      for (const key of [clientKey, clientKeyOld])
        equal((await context.fetchJson<Echo>(`${mutual}/mutual`, { tls: { ca, cert, key } })).path, '/mutual');
    },
  },
  {
    name: 'a client certificate that is missing or unknown: ETLS',
    run: async (context) => {
      const { mutual, ca, strangerCert, strangerKey } = context.peers;
      equal((await fails(context.fetch(mutual, { tls: { ca } }), 'ETLS')).about, 'cert');
      // Node.js, the peer here, just hangs up on a certificate of an unknown issuer.
      await fails(context.fetch(mutual, { tls: { ca, cert: strangerCert, key: strangerKey } }), 'ETLS', 'ECONNRESET');
    },
  },
  {
    name: "PEM that can't be used: EINVAL with what it is about, and no key in the message",
    run: async (context) => {
      const { https, ca, clientCert: cert, clientKey: key, strangerKey } = context.peers;
      const bodyOfKey = key.split('\n')[1];
      const bad: [TlsOptions, PlatformErrorSubject][] = [
        [{ ca: 'not PEM' }, 'ca'],
        [{ ca: ca.replace(/[A-Za-z0-9+/]{20}/, '!!!!') }, 'ca'],
        [{ ca, cert }, 'cert'],
        [{ ca, key }, 'key'],
        [{ ca, cert, key: 'not PEM' }, 'key'],
        [{ ca, cert: 'not PEM', key }, 'cert'],
        [{ ca, cert, key: strangerKey }, 'cert'],
      ];
      for (const [settings, about] of bad) {
        const error = await fails(context.fetch(https, { tls: settings }), 'EINVAL');
        equal(error.about, about, error.message);
        ok(!error.message.includes(bodyOfKey), 'the key is in the message');
      }
    },
  },
  {
    name: "certificates that can't be used are left out, and counted",
    run: async (context) => {
      const { https, ca, selfSigned, selfSignedCert } = context.peers;
      const inPem = (body: string, end = '-----END CERTIFICATE-----\n'): string =>
        `-----BEGIN CERTIFICATE-----\n${body}\n${end}`;
      const [begin, ...lines] = ca.trim().split('\n');
      const bad = [
        inPem('not base64!'),
        inPem('bm90IERFUg=='),
        inPem('MIIB', ''),
        [begin, ...lines.slice(0, 2), ''].join('\n'),
        inPem(''),
      ];
      equal(context.platform.checkCertificates(ca), { usable: 1, unusable: 0 });
      equal(context.platform.checkCertificates('no PEM'), { usable: 0, unusable: 0 });
      equal(context.platform.checkCertificates(bad.join('')), { usable: 0, unusable: bad.length });
      for (const [i, one] of bad.entries())
        equal(context.platform.checkCertificates(`${one}# comment\n${ca}`), { usable: 1, unusable: 1 }, `bad ${i}`);
      for (const bundle of [
        [ca, selfSignedCert, ...bad],
        [...bad, ca, selfSignedCert],
        [ca, ...bad, selfSignedCert],
      ]) {
        const all = bundle.join('');
        equal(context.platform.checkCertificates(all), { usable: 2, unusable: bad.length });
        for (const url of [https, selfSigned])
          equal((await context.fetchJson<Echo>(`${url}/bundle`, { tls: { ca: all } })).path, '/bundle');
      }
      equal((await fails(context.fetch(https, { tls: { ca: bad.join('') } }), 'EINVAL')).about, 'ca');
    },
  },
  {
    name: 'connections are shared by requests with the same settings, and by no others',
    run: async (context) => {
      const { mutual, ca, clientCert: cert, clientKey: key } = context.peers;
      const settings = { ca, cert, key };
      const first = await context.fetchJson<Echo>(mutual, { tls: settings, maxIdleMs: 0 });
      const second = await context.fetchJson<Echo>(mutual, { tls: settings });
      equal([second.connection, second.request], [first.connection, first.request + 1]);
      await fails(context.fetch(mutual, { tls: { ca } }), 'ETLS');
      await fails(context.fetch(mutual), 'ETLS');
    },
  },
  {
    name: 'a peer without TLS: ETLS; one that hangs up or stays silent: ECONNRESET, ETIMEDOUT',
    run: async (context) => {
      const { http, hangUp, silent } = context.peers;
      await fails(context.fetch(http.replace('http:', 'https:')), 'ETLS');
      await fails(context.fetch(`https://${hangUp}/`), 'ECONNRESET', 'ETLS');
      await fails(context.fetch(`https://${silent}/`, { timeoutMs: 100 }), 'ETIMEDOUT');
    },
  },
];
