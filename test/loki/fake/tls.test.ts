import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as https from 'node:https';
import * as os from 'node:os';
import * as path from 'node:path';
import { it } from 'node:test';
import { pushOf } from './client';
import { startFakeLoki } from '../../../sandbox/loki';

/** A key and a certificate for 127.0.0.1 that signs itself; nothing when there is no openssl to make them with. */
function selfSigned(): { key: string; cert: string } | undefined {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lambdawatch-tls-'));
  try {
    const [key, cert] = [path.join(dir, 'key.pem'), path.join(dir, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'pipe' },
    );
    return { key: fs.readFileSync(key, 'utf8'), cert: fs.readFileSync(cert, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function post(url: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    https
      .request(url, { method: 'POST', ca, headers: { 'content-type': 'application/json' } }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode!));
      })
      .once('error', reject)
      .end(pushOf('a'));
  });
}

it('a fake Loki speaks TLS, and fails under it as well', async (t) => {
  const tls = selfSigned();
  if (!tls) {
    t.skip('openssl is not on the PATH, and the test needs it for a certificate');
    return;
  }
  const fake = await startFakeLoki({ tls });
  try {
    assert.match(fake.pushUrl, /^https:/);
    fake.script({ fault: { kind: 'reset', at: 'body' }, times: 1 });
    await assert.rejects(post(fake.pushUrl, tls.cert), { code: 'ECONNRESET' });
    assert.equal(await post(fake.pushUrl, tls.cert), 204);
    assert.equal(fake.connections.opened, 2);
    assert.deepEqual(
      fake.stored.map(({ line }) => line),
      ['a'],
    );
  } finally {
    await fake.stop();
  }
});
