import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSecretRef, type SecretRef } from '../../../../extension/config/secret-ref';
import { credentialIn, textIn } from '../../../../extension/secrets/aws/content';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf';
const PARAMETER = 'arn:aws:ssm:eu-west-1:111122223333:parameter/loki/token';

const refOf = (arn: string): SecretRef => parseSecretRef('LOKI_API_KEY_SECRET', arn).ref!;

test('the text of a secret and of a parameter is where their service puts it', () => {
  assert.deepEqual(textIn(refOf(SECRET), { SecretString: 'pw', Parameter: { Value: 'other' } }), { value: 'pw' });
  assert.deepEqual(textIn(refOf(PARAMETER), { Parameter: { Value: 'pw' }, SecretString: 'other' }), { value: 'pw' });
});

test('an answer without text says what is there instead', () => {
  for (const [answer, problem] of [
    [{}, 'has no value'],
    [{ SecretString: 7 }, 'has no value'],
    [{ SecretBinary: 'cHc=' }, 'is a binary secret; only text can be used'],
  ] as const) {
    assert.deepEqual(textIn(refOf(SECRET), answer), { problem, kind: 'unusable' });
  }
  assert.deepEqual(textIn(refOf(PARAMETER), {}), { problem: 'has no value', kind: 'unusable' });
});

for (const [arn, text, outcome] of [
  [SECRET, 'pw', 'pw'],
  [SECRET, 'pw\r\n', 'pw'],
  [SECRET, ' pw ', ' pw '],
  [SECRET, '{"token":"pw"}', '{"token":"pw"}'],
  [`${SECRET}#token`, '{"token":"pw","other":"x"}', 'pw'],
  [`${SECRET}#token`, '{"token":"pw\\n"}', 'pw'],
  [`${SECRET}#my token`, '{"my token":"pw"}', 'pw'],
] as const) {
  test(`${arn.replace(/.*secret:/, '')} of ${JSON.stringify(text)} is the credential ${JSON.stringify(outcome)}`, () => {
    assert.deepEqual(credentialIn(refOf(arn), text), { value: outcome });
  });
}

for (const [arn, text, problem] of [
  [SECRET, '', 'is empty'],
  [SECRET, '\n', 'is empty'],
  [SECRET, 'p\nw', 'has a line break or another control character inside'],
  [`${SECRET}#token`, 'pw', 'is not JSON, so that it has no field "token"'],
  [`${SECRET}#token`, '"pw"', 'is not a JSON object, so that it has no field "token"'],
  [`${SECRET}#token`, 'null', 'is not a JSON object, so that it has no field "token"'],
  [`${SECRET}#0`, '["pw"]', 'is not a JSON object, so that it has no field "0"'],
  [`${SECRET}#token`, '{"password":"pw"}', 'has no field "token"'],
  [`${SECRET}#toString`, '{"token":"pw"}', 'has no field "toString"'],
  [`${SECRET}#token`, '{"token":7}', 'has a field "token" that is no string'],
  [`${SECRET}#token`, '{"token":""}', 'is empty in its field "token"'],
  [`${SECRET}#token`, '{"token":"p\\nw"}', 'has a line break or another control character inside in its field "token"'],
] as const) {
  test(`${arn.replace(/.*secret:/, '')} of ${JSON.stringify(text)} ${problem}`, () => {
    assert.deepEqual(credentialIn(refOf(arn), text), { problem, kind: 'unusable' });
  });
}
