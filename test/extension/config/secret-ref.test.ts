import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSecretRef } from '../../../extension/config/secret-ref';

const GOOD: [text: string, service: string, partition: string, region: string, field?: string][] = [
  ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf', 'secretsmanager', 'aws', 'eu-west-1'],
  [
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:team/a_b+c=d.e@f-1-AbCdEf#password',
    'secretsmanager',
    'aws',
    'eu-west-1',
    'password',
  ],
  [
    'arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:x#a field with spaces',
    'secretsmanager',
    'aws-cn',
    'cn-north-1',
    'a field with spaces',
  ],
  ['arn:aws-us-gov:ssm:us-gov-west-1:111122223333:parameter/team/loki', 'ssm', 'aws-us-gov', 'us-gov-west-1'],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/loki:3', 'ssm', 'aws', 'eu-west-1'],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/loki#api#key', 'ssm', 'aws', 'eu-west-1', 'api#key'],
];
for (const [text, service, partition, region, field] of GOOD) {
  test(`${text} is taken`, () => {
    const expected = {
      variable: 'V',
      arn: text.split('#', 1)[0],
      service,
      partition,
      region,
      ...(field === undefined ? {} : { field }),
    };
    assert.deepEqual(parseSecretRef('V', text), { ref: expected });
  });
}

const BAD: [text: string, problem: RegExp][] = [
  ['hunter2', /^is not an ARN/],
  ['loki#password', /^is not an ARN/],
  ['arn:aws:s3:::bucket', /is not the ARN of a secret of Secrets Manager or of a parameter/],
  ['arn:aws:secretsmanager:eu-west-1:1111:secret:x', /is not the ARN/],
  ['arn:aws:secretsmanager::111122223333:secret:x', /is not the ARN/],
  ['arn:aws:secretsmanager:eu-west-1:111122223333:loki', /does not end in secret:<name>/],
  [
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf:password::',
    /a member of a JSON secret is named by #<field>/,
  ],
  ['arn:aws:ssm:eu-west-1:111122223333:document/x', /does not end in parameter\/<name>/],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/x#', /has no field after #/],
];
for (const [text, problem] of BAD) {
  test(`${text} is not taken`, () => {
    const { ref, problem: said } = parseSecretRef('V', text);
    assert.equal(ref, undefined);
    assert.match(said!, problem);
    if (!text.startsWith('arn:')) assert.ok(!said!.includes(text), 'it may be the secret itself');
  });
}
