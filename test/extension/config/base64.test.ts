import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64 } from '../../../extension/config/base64';

test('gives what other implementations give, for every length of the last group and beyond ASCII', () => {
  for (const text of [
    '',
    'a',
    'ab',
    'abc',
    'abcd',
    'user:pass',
    '123456:glc_eyJrIjoi',
    'grüße:pässwörd',
    '🙂:🔑',
    '\u0000\u007f\u0080\u07ff\uffff',
    '?>?>~~~',
  ]) {
    assert.equal(base64(text), Buffer.from(text).toString('base64'), JSON.stringify(text));
  }
});
