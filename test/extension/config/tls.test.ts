import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePemSource, pemOf } from '../../../extension/config/tls';

const BODY = 'QUJD'.repeat(30);
const block = (label: string, body = BODY): string =>
  `-----BEGIN ${label}-----\n${body.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
const CERT = block('CERTIFICATE');

test('PEM text is brought into its usual form, however its line breaks are written', () => {
  for (const text of [
    CERT,
    CERT.replace(/\n/g, '\r\n'),
    CERT.replace(/\n/g, '\\n'),
    CERT.replace(/\n/g, ' '),
    CERT.replace(/\n/g, '\\r\\n'),
    `\n\n${CERT.trim()}`,
    `Subject: x\n${CERT}`,
  ]) {
    assert.deepEqual(parsePemSource('V', 'certificate', text), { source: { variable: 'V', text: CERT } });
  }
  assert.deepEqual(pemOf('certificate', `${CERT}junk\n${CERT}`), { pem: CERT + CERT });
});

test('a certificate whose end is missing does not take the next one along', () => {
  assert.deepEqual(pemOf('certificate', `${CERT.slice(0, 90)}\n${CERT}`), { pem: CERT });
});

test('only the wanted kind is taken', () => {
  for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']) {
    assert.deepEqual(pemOf('private key', CERT + block(label)), { pem: block(label) });
    assert.deepEqual(pemOf('certificate', CERT + block(label)), { pem: CERT });
    assert.deepEqual(pemOf('certificate', block(label)), { problem: 'has no certificate in PEM' });
  }
  assert.deepEqual(pemOf('private key', CERT), { problem: 'has no private key in PEM' });
});

test('encrypted keys, old and new, are said to be so', () => {
  const old = block('RSA PRIVATE KEY').replace(
    '-----\n',
    '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n',
  );
  for (const text of [block('ENCRYPTED PRIVATE KEY'), old]) {
    assert.deepEqual(pemOf('private key', text), {
      problem: 'has an encrypted private key; it has to be one without a passphrase',
    });
  }
});

test('what is neither text nor an absolute path is not taken, and not shown', () => {
  assert.deepEqual(parsePemSource('V', 'certificate', '/opt/ca.pem'), {
    source: { variable: 'V', path: '/opt/ca.pem' },
  });
  for (const text of ['ca.pem', BODY, './ca.pem', '/a\nb'])
    assert.deepEqual(parsePemSource('V', 'certificate', text), { problem: 'is neither PEM text nor an absolute path' });
});
