import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import { freePort } from '../../sandbox';
import { extensionUnderTest } from '../support/extension';
import { PrivateCa, type Issued } from './private-ca';
import { assertNothingLeaked, startEnvironment, stored, warnings } from './support';

function whyNot(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no openssl program here to make certificates with';
  }
}

const HERE = 'DNS:localhost,IP:127.0.0.1';

describe('TLS', { skip: whyNot() }, () => {
  let ca: PrivateCa;
  let server: Issued;
  let client: Issued;
  const cas: PrivateCa[] = [];
  const newCa = (name?: string): PrivateCa => {
    cas.push(new PrivateCa(name));
    return cas.at(-1)!;
  };
  const lokis: FakeLoki[] = [];
  const lokiWith = async ({ cert, key }: Issued, options: ServerOptions = {}): Promise<FakeLoki> => {
    const loki = await startFakeLoki({ tls: { cert, key, ...options }, host: 'localhost' });
    lokis.push(loki);
    return loki;
  };

  before(() => {
    ca = newCa();
    server = ca.issue('loki', HERE);
    client = ca.issue('orders');
  });
  after(async () => {
    for (const loki of lokis) await loki.stop();
    for (const each of cas) each.remove();
  });

  /** Invokes once and shuts down. @returns the lines that arrived, and what was warned of. */
  async function run(loki: FakeLoki, environment: Record<string, string>): Promise<{ lines: string[]; said: string }> {
    const sandbox = await startEnvironment(
      loki.pushUrl,
      { LOKI_FLUSH_TIMEOUT_MS: '500', ...environment },
      { lifecycle: { shutdownMs: 800 } },
    );
    try {
      assert.equal((await sandbox.invoke(['over TLS'])).status, 'success');
      assert.deepEqual((await sandbox.shutdown()).extensionExitCodes, { lambdawatch: 0 });
      assertNothingLeaked(sandbox, loki, [
        ...bodiesOf(client.key),
        ...bodiesOf(server.key),
        ...bodiesOf(environment.LOKI_CLIENT_KEY ?? ''),
      ]);
      return { lines: stored(loki).splice(0), said: warnings(sandbox).join('\n') };
    } finally {
      await sandbox.close();
    }
  }

  /** The lines of the base64 in PEM text. */
  function bodiesOf(pem: string): string[] {
    return !pem.includes('-----BEGIN')
      ? []
      : pem.split(/\s|\\n/).filter((line) => line.length > 30 && !line.startsWith('-'));
  }

  for (const [what, value] of [
    ['PEM text', () => ca.root.cert],
    ['PEM text whose line breaks are written as \\n', () => ca.root.cert.replace(/\n/g, '\\n')],
    ['PEM text whose line breaks have become spaces', () => ca.root.cert.replace(/\n/g, ' ')],
    ['PEM text with other certificates', () => `# of the company\n${server.cert}\n${ca.root.cert}`],
    ['a path', () => ca.root.certFile],
  ] as const) {
    it(`a private CA is trusted when LOKI_CA_CERT is ${what}`, async () => {
      const loki = await lokiWith(server);
      assert.deepEqual(await run(loki, { LOKI_CA_CERT: value() }), { lines: ['over TLS'], said: '' });
    });
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`speaks ${version}`, async () => {
      const loki = await lokiWith(server, { minVersion: version, maxVersion: version });
      assert.deepEqual(await run(loki, { LOKI_CA_CERT: ca.root.certFile }), { lines: ['over TLS'], said: '' });
    });
  }

  for (const [what, make, trusted, says] of [
    [
      'a private CA, without the setting',
      () => server,
      false,
      /TLS with localhost:\d+ failed: its certificate is signed by an unknown issuer/,
    ],
    [
      'another private CA',
      () => newCa('Other root').issue('loki', HERE),
      true,
      /unknown issuer.*; check the certificates in LOKI_CA_CERT/,
    ],
    ['an expired certificate', () => ca.issue('loki', HERE, -1), true, /its certificate has expired/],
    [
      "another host's certificate",
      () => ca.issue('loki', 'DNS:other.example.com'),
      true,
      /its certificate is not valid for this host name/,
    ],
    ['a self-signed certificate', () => ca.selfSigned('loki', HERE), true, /self-signed/],
  ] as const) {
    it(`${what}: refused, and said why`, async () => {
      const loki = await lokiWith(make());
      const { lines, said } = await run(loki, trusted ? { LOKI_CA_CERT: ca.root.certFile } : {});
      assert.deepEqual(lines, []);
      assert.match(said, says);
    });
  }

  it('a client certificate is shown to a server that asks for one', async () => {
    const loki = await lokiWith(server, { requestCert: true, rejectUnauthorized: true, ca: ca.root.cert });
    const settings = {
      LOKI_CA_CERT: ca.root.certFile,
      LOKI_CLIENT_CERT: client.certFile,
      LOKI_CLIENT_KEY: client.keyFile,
    };
    assert.deepEqual(await run(loki, settings), { lines: ['over TLS'], said: '' });
    const asText = {
      LOKI_CA_CERT: ca.root.cert,
      LOKI_CLIENT_CERT: client.cert.replace(/\n/g, '\\n'),
      LOKI_CLIENT_KEY: client.key.replace(/\n/g, '\\n'),
    };
    assert.deepEqual((await run(loki, asText)).said, '');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`no client certificate, and one of a stranger's, are refused (${version})`, async () => {
      const loki = await lokiWith(server, {
        requestCert: true,
        rejectUnauthorized: true,
        ca: ca.root.cert,
        minVersion: version,
        maxVersion: version,
      });
      const without = await run(loki, { LOKI_CA_CERT: ca.root.certFile });
      assert.deepEqual(without.lines, []);
      assert.match(
        without.said,
        /TLS with localhost:\d+ failed: it (requires a client certificate|refused the handshake).*; check LOKI_CLIENT_CERT and LOKI_CLIENT_KEY/,
      );
      const stranger = newCa('Stranger').issue('orders');
      const other = await run(loki, {
        LOKI_CA_CERT: ca.root.certFile,
        LOKI_CLIENT_CERT: stranger.certFile,
        LOKI_CLIENT_KEY: stranger.keyFile,
      });
      assert.deepEqual(other.lines, []);
      assert.match(
        other.said,
        /localhost:\d+ .*; maybe it does not accept the client certificate in LOKI_CLIENT_CERT/,
        'Node.js hangs up without a word',
      );
    });
  }

  it('a server that says in TLS that it does not accept the client certificate', async () => {
    const loki = await lokiWith(server);
    const strict = await startStrictServer(server, ca.root.certFile);
    const stranger = newCa('Stranger').issue('orders');
    try {
      const environment = await startEnvironment(strict.url, {
        LOKI_FLUSH_TIMEOUT_MS: '500',
        LOKI_CA_CERT: ca.root.certFile,
        LOKI_CLIENT_CERT: stranger.certFile,
        LOKI_CLIENT_KEY: stranger.keyFile,
      });
      await environment.invoke(['refused']);
      await environment.close();
      assert.match(
        warnings(environment).join('\n'),
        /TLS with localhost:\d+ failed: it (does not know the issuer of|does not accept) the client certificate.*; check LOKI_CLIENT_CERT and LOKI_CLIENT_KEY/,
      );
      assertNothingLeaked(environment, loki, bodiesOf(stranger.key));
    } finally {
      await strict.stop();
    }
  });

  const unreadable = '/opt/no/such/ca.pem';
  for (const [what, settings, says] of [
    [
      'a CA file that is not there',
      () => ({ LOKI_CA_CERT: unreadable }),
      /LOKI_CA_CERT \(\/opt\/no\/such\/ca\.pem\) can't be read: there is no such file; only the public roots are trusted\n.*unknown issuer/,
    ],
    [
      'a CA file that is a folder',
      () => ({ LOKI_CA_CERT: ca.folder }),
      /LOKI_CA_CERT \(\S+\) can't be read: .*; only the public roots are trusted/,
    ],
    [
      'a CA file without a certificate',
      () => ({ LOKI_CA_CERT: client.keyFile }),
      /LOKI_CA_CERT \(\S+\.key\) has no certificate in PEM; only the public roots are trusted/,
    ],
    [
      'a CA of nonsense in PEM',
      () => ({ LOKI_CA_CERT: inPem('CERTIFICATE', 'nonsense') }),
      /LOKI_CA_CERT can't be used: .*; only the public roots are trusted/,
    ],
    [
      'a CA that is neither text nor path',
      () => ({ LOKI_CA_CERT: 'MIIBhTCCASugAwIBAgIQIRi6zePL6mKj' }),
      /LOKI_CA_CERT: is neither PEM text nor an absolute path; only the public roots are trusted/,
    ],
    [
      'a client certificate without its key',
      () => ({ LOKI_CLIENT_CERT: client.certFile }),
      /LOKI_CLIENT_KEY: is not set though LOKI_CLIENT_CERT is; no client certificate is used/,
    ],
    [
      'an encrypted key',
      () => ({ LOKI_CLIENT_CERT: client.certFile, LOKI_CLIENT_KEY: encrypted(client) }),
      /LOKI_CLIENT_KEY \(\S+\) has an encrypted private key; it has to be one without a passphrase; no client certificate is used/,
    ],
    [
      'the key of another certificate',
      () => ({ LOKI_CLIENT_CERT: client.certFile, LOKI_CLIENT_KEY: server.keyFile }),
      /LOKI_CLIENT_CERT \(\S+\) and LOKI_CLIENT_KEY \(\S+\) can't be used: .*; no client certificate is used/,
    ],
    [
      'a key of nonsense',
      () => ({ LOKI_CLIENT_CERT: client.certFile, LOKI_CLIENT_KEY: inPem('PRIVATE KEY', 'nonsense') }),
      /LOKI_CLIENT_CERT \(\S+\) and LOKI_CLIENT_KEY can't be used: .*; no client certificate is used/,
    ],
  ] as const) {
    it(`${what}: said with the variable's name and no content; the server has its say`, async () => {
      const loki = await lokiWith(server, { requestCert: true, rejectUnauthorized: true, ca: ca.root.cert });
      const own: Record<string, string> = settings();
      const { lines, said } = await run(loki, {
        ...(own.LOKI_CA_CERT === undefined ? { LOKI_CA_CERT: ca.root.certFile } : {}),
        ...own,
      });
      assert.deepEqual(lines, []);
      assert.match(said, says);
      assert.match(said, /TLS with localhost:\d+ failed|broke the connection/, 'what the server says');
      assert.ok(said.split('\n').length <= 4, said);
    });
  }

  it("material that can't be used does not stop what needs none", async (t) => {
    if (!(await extensionUnderTest()).native) return t.skip("Node.js does not say which of the settings it can't use");
    const loki = await lokiWith(server);
    const { lines, said } = await run(loki, {
      LOKI_CA_CERT: ca.root.certFile,
      LOKI_CLIENT_CERT: client.certFile,
      LOKI_CLIENT_KEY: server.keyFile,
    });
    assert.deepEqual(lines, ['over TLS'], 'the server does not ask for a client certificate');
    assert.match(said, /no client certificate is used/);
    return undefined;
  });

  function inPem(label: string, content: string): string {
    return `-----BEGIN ${label}-----\n${Buffer.from(content).toString('base64')}\n-----END ${label}-----\n`;
  }

  function encrypted({ keyFile }: Issued): string {
    const file = join(ca.folder, 'encrypted.key');
    writeFileSync(
      file,
      execFileSync('openssl', ['pkcs8', '-topk8', '-in', keyFile, '-passout', 'pass:test', '-v2', 'aes-256-cbc']),
    );
    return file;
  }
});

/** OpenSSL's own server, which verifies client certificates in the handshake, as most servers do. */
async function startStrictServer(
  { certFile, keyFile }: Issued,
  caFile: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const child = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      String(port),
      '-cert',
      certFile,
      '-key',
      keyFile,
      '-CAfile',
      caFile,
      '-Verify',
      '2',
      '-verify_return_error',
      '-www',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => chunk.includes('ACCEPT') && resolve());
    child.once('error', reject).once('exit', (code) => reject(new Error(`openssl s_server ended with ${code}`)));
  });
  return {
    url: `https://localhost:${port}/loki/api/v1/push`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
