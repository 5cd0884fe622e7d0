import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redacted } from '../../extension/redaction';

const SECRET = 's3cr"t-<value>&\'é/';

test('a secret is masked as it stands, in JSON, in URLs and in HTML as different programs write it', () => {
  const forms = [
    SECRET,
    JSON.stringify(SECRET).slice(1, -1),
    encodeURIComponent(SECRET),
    encodeURIComponent(SECRET).replace(/%../g, (escape) => escape.toLowerCase()),
    's3cr&#34;t-&lt;value&gt;&amp;&#39;é/',
    's3cr&quot;t-&lt;value&gt;&amp;&#39;é/',
    's3cr&quot;t-&lt;value&gt;&amp;&#x27;é/',
  ];
  for (const form of forms) assert.equal(redacted(`${form} and ${form}`, [SECRET]), '*** and ***', form);
});

test('finding 26: of two secrets of which one begins with the other, nothing of the longer one stays', () => {
  for (const secrets of [
    ['secret', 'secret-and-more'],
    ['secret-and-more', 'secret'],
  ]) {
    assert.equal(redacted('secret-and-more, secret', secrets), '***, ***');
  }
});

test('the start of a secret is masked where an answer was cut', () => {
  assert.equal(redacted('bad key s3cr"t-<va…; kept', [SECRET]), 'bad key ***…; kept');
  assert.equal(redacted('bad key s3cr…', [SECRET]), 'bad key ***…');
  assert.equal(redacted('s3c… is too short to tell', [SECRET]), 's3c… is too short to tell');
});

test('texts of under four characters stay, as they stand in many words', () => {
  assert.equal(redacted('abc, abcd', ['abc', '', 'abcd']), 'abc, ***');
});

test('half a surrogate pair in a secret does no harm', () => {
  assert.equal(redacted('is \ud800-secret', ['\ud800-secret']), 'is ***');
});
