import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSecretRef, type SecretRef } from '../../../../extension/config/secret-ref';
import { AwsError } from '../../../../extension/secrets/aws/call';
import { explain } from '../../../../extension/secrets/aws/failure';

const SECRET = parseSecretRef('X', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf').ref!;
const PARAMETER = parseSecretRef('X', 'arn:aws:ssm:eu-west-1:111122223333:parameter/loki').ref!;
const KMS_ROLE = "can't be decrypted: the function's role needs kms:Decrypt for the key";

const explained = (error: unknown, ref: SecretRef = SECRET): string[] => {
  const { kind, problem } = explain(ref, error, (text) => text.replace('s3cret', '***'));
  return [kind, problem];
};

for (const [code, message, status, kind, problem, ref] of [
  [
    'AccessDeniedException',
    'no',
    400,
    'lasting',
    "can't be read: the function's role needs secretsmanager:GetSecretValue for it (AccessDeniedException: no)",
  ],
  [
    'AccessDeniedException',
    'no',
    400,
    'lasting',
    "can't be read: the function's role needs ssm:GetParameter for it (AccessDeniedException: no)",
    PARAMETER,
  ],
  [
    'AccessDeniedException',
    'Access to KMS is not allowed',
    400,
    'lasting',
    `${KMS_ROLE} (AccessDeniedException: Access to KMS is not allowed)`,
  ],
  [
    'AccessDeniedException',
    'not authorized to perform: kms:Decrypt',
    400,
    'lasting',
    `${KMS_ROLE} (AccessDeniedException: not authorized to perform: kms:Decrypt)`,
  ],
  ['DecryptionFailure', '', 400, 'lasting', `${KMS_ROLE} (DecryptionFailure)`],
  ['InvalidKeyId', 'the ciphertext', 400, 'lasting', `${KMS_ROLE} (InvalidKeyId: the ciphertext)`, PARAMETER],
  ['OtherException', 'about KMS', 400, 'lasting', "can't be read: OtherException: about KMS"],
  [
    'ResourceNotFoundException',
    'no such secret',
    400,
    'lasting',
    'does not exist or has no value: ResourceNotFoundException: no such secret',
  ],
  ['ParameterNotFound', '', 400, 'lasting', 'does not exist or has no value: ParameterNotFound', PARAMETER],
  [
    'ParameterVersionNotFound',
    '',
    400,
    'lasting',
    'does not exist or has no value: ParameterVersionNotFound',
    PARAMETER,
  ],
  [
    'ExpiredTokenException',
    'old',
    400,
    'lasting',
    "can't be read: AWS does not accept the credentials of the function's role (ExpiredTokenException: old)",
  ],
  [
    'InvalidSignatureException',
    '',
    403,
    'lasting',
    "can't be read: AWS does not accept the credentials of the function's role (InvalidSignatureException)",
  ],
  [
    'ThrottlingException',
    'slow down',
    400,
    'passing',
    "can't be read at the moment, AWS is throttling: ThrottlingException: slow down",
  ],
  ['Unknown', '', 429, 'passing', "can't be read at the moment, AWS is throttling: Unknown"],
  ['InternalFailure', '', 500, 'passing', "can't be read at the moment: InternalFailure"],
  ['ServiceUnavailable', 's3cret', 503, 'passing', "can't be read at the moment: ServiceUnavailable: ***"],
  ['ETLS', 'unknown issuer', undefined, 'lasting', "can't be read: unknown issuer"],
  ['EPROXY', 'refused', undefined, 'lasting', "can't be read: refused"],
  ['EINVAL', 'bad', undefined, 'lasting', "can't be read: bad"],
  [
    'ETIMEDOUT',
    'no answer',
    undefined,
    'passing',
    "can't be read, because AWS can't be reached: no answer (a function in a VPC needs a NAT gateway, a proxy or a VPC endpoint for secretsmanager)",
  ],
] as const) {
  test(`${code} ${message}${status === undefined ? '' : `, status ${status}`}: ${kind}, ${problem}`, () => {
    assert.deepEqual(explained(new AwsError(code, message, status), ref), [kind, problem]);
  });
}

test("what AWS says is cut where it gets long, and other errors are the operator's to see", () => {
  const [, problem] = explained(new AwsError('InternalFailure', 'x'.repeat(400), 500));
  assert.equal(problem, `can't be read at the moment: ${`InternalFailure: ${'x'.repeat(400)}`.slice(0, 300)}…`);
  const [, whole] = explained(new AwsError('X', 'y'.repeat(297), 500));
  assert.equal(whole, `can't be read at the moment: X: ${'y'.repeat(297)}`);
  const [, cut] = explained(new AwsError('X', 'y'.repeat(298), 500));
  assert.equal(cut, `can't be read at the moment: X: ${'y'.repeat(297)}…`);
  assert.deepEqual(explained(new Error('no credentials')), ['lasting', "can't be read: no credentials"]);
  assert.deepEqual(explained('odd'), ['lasting', "can't be read: odd"]);
});
