import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import {
  assertNothingLeaked,
  AwsEndpoint,
  type AwsAnswer,
  awsError,
  PARAMETER_ARN,
  SECRET_ARN,
  secretAnswer,
  startEnvironment,
  stored,
  warnings,
} from './support';

const PASSWORD = 'hunter2-hunter2';
const ROLE = 'arn:aws:sts::111122223333:assumed-role/orders-role/orders';

interface Fault {
  readonly name: string;
  readonly arn: string;
  readonly answer: AwsAnswer;
  /** Of the line on stderr, after the ARN. */
  readonly says: RegExp;
  /** It may pass by itself, so that the end of the invocation is a time to try again. */
  readonly passes?: boolean;
  /** Milliseconds that a flush may take. */
  readonly flushMs?: number;
}

const denied = (action: string, arn: string): AwsAnswer =>
  awsError(
    'AccessDeniedException',
    `User: ${ROLE} is not authorized to perform: ${action} on resource: ${arn} because no identity-based policy allows the ${action} action`,
  );

// The texts are AWS's own.
const FAULTS: readonly Fault[] = [
  {
    name: 'no permission to read the secret',
    arn: SECRET_ARN,
    answer: denied('secretsmanager:GetSecretValue', SECRET_ARN),
    says: /the function's role needs secretsmanager:GetSecretValue for it \(AccessDenied/,
  },
  {
    name: 'no permission to read the parameter',
    arn: PARAMETER_ARN,
    answer: denied('ssm:GetParameter', PARAMETER_ARN),
    says: /the function's role needs ssm:GetParameter for it/,
  },
  {
    name: 'no permission for the key of the secret',
    arn: SECRET_ARN,
    answer: awsError('AccessDeniedException', 'Access to KMS is not allowed'),
    says: /the function's role needs kms:Decrypt for the key/,
  },
  {
    name: 'no permission for the key of the parameter',
    arn: PARAMETER_ARN,
    answer: awsError(
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    ),
    says: /kms:Decrypt/,
  },
  {
    name: 'no permission for the key, named',
    arn: PARAMETER_ARN,
    answer: denied('kms:Decrypt', 'arn:aws:kms:eu-west-1:111122223333:key/0'),
    says: /kms:Decrypt for the key/,
  },
  {
    name: 'no such secret',
    arn: SECRET_ARN,
    answer: awsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    says: /does not exist or has no value: ResourceNotFoundException: Secrets Manager can't find/,
  },
  {
    name: 'no such parameter',
    arn: PARAMETER_ARN,
    answer: { status: 400, body: '{"__type":"ParameterNotFound"}' },
    says: /does not exist or has no value: ParameterNotFound/,
  },
  {
    name: 'a secret that is to be deleted',
    arn: SECRET_ARN,
    answer: awsError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    ),
    says: /can't be read: InvalidRequestException: .* marked for deletion/,
  },
  {
    name: 'expired credentials',
    arn: SECRET_ARN,
    answer: awsError('ExpiredTokenException', 'The security token included in the request is expired'),
    says: /AWS does not accept the credentials of the function's role/,
  },
  {
    name: 'throttling',
    arn: PARAMETER_ARN,
    answer: awsError('ThrottlingException', 'Rate exceeded'),
    says: /AWS is throttling: ThrottlingException: Rate exceeded/,
    passes: true,
  },
  {
    name: 'trouble at AWS',
    arn: SECRET_ARN,
    answer: awsError('com.amazonaws.secretsmanager#InternalServiceError', 'An error occurred on the server side.', 500),
    says: /at the moment: InternalServiceError: An error/,
    passes: true,
  },
  {
    name: 'a page of a proxy',
    arn: SECRET_ARN,
    answer: { status: 503, body: '<html>Service Unavailable</html>' },
    says: /at the moment: status 503/,
    passes: true,
  },
  {
    name: 'a broken connection',
    arn: SECRET_ARN,
    answer: 'reset',
    says: /AWS can't be reached: .* a NAT gateway, a proxy or a VPC endpoint for secretsmanager/,
    passes: true,
  },
  {
    name: 'silence',
    arn: PARAMETER_ARN,
    answer: 'hang',
    says: /AWS can't be reached: .*3000 ms.* VPC endpoint for ssm/,
    passes: true,
    flushMs: 4000,
  },
  {
    name: 'an answer without a value',
    arn: SECRET_ARN,
    answer: { status: 200, body: '{}' },
    says: /has no value; lines are kept/,
  },
];

describe('secrets that AWS does not give', () => {
  let loki: FakeLoki;
  let aws: AwsEndpoint;
  before(async () => {
    loki = await startFakeLoki({ credentials: { username: 'grafana', password: PASSWORD } });
    aws = await new AwsEndpoint(() => 'reset').start();
  });
  after(async () => {
    await aws.stop();
    await loki.stop();
  });

  for (const { name, arn, answer, says, passes = false, flushMs = 1000 } of FAULTS) {
    it(`${name}: said once, with the ARN; the function is fine, and the lines are delivered when it is mended`, async () => {
      aws.answer = () => answer;
      const environment = await startEnvironment(loki.pushUrl, {
        AWS_ENDPOINT_URL: aws.url,
        LOKI_USERNAME: 'grafana',
        LOKI_PASSWORD_SECRET: arn,
        LOKI_FLUSH_TIMEOUT_MS: String(flushMs),
      });
      try {
        const first = await environment.invoke([`${name}: first`]);
        assert.equal(first.status, 'success');
        assert.ok(
          first.extensionOverheadMs < (passes ? flushMs + 500 : 500),
          `held for ${first.extensionOverheadMs} ms`,
        );
        const said = warnings(environment).filter((line) => line.includes('_SECRET'));
        assert.equal(said.length, 1, environment.extensionStderr);
        assert.ok(said[0].startsWith(`[lambdawatch] warn: LOKI_PASSWORD_SECRET: ${arn} `), said[0]);
        assert.match(said[0], says);
        assert.match(said[0], /; lines are kept, and it is tried again$/);

        aws.answer = (request) => secretAnswer(request, PASSWORD);
        // As long as the pause between two tries can be by now; while the environment is frozen, time goes on.
        await environment.idle(passes ? 2050 : 550);
        assert.equal((await environment.invoke([`${name}: second`])).status, 'success');
        assert.deepEqual((await environment.shutdown()).extensionExitCodes, { lambdawatch: 0 });
        assert.deepEqual(stored(loki).slice(-2), [`${name}: first`, `${name}: second`], environment.extensionStderr);
        assertNothingLeaked(environment, loki, [
          PASSWORD,
          'sandbox/secret/access/key/not/to/be/logged',
          'sandbox-session-token-not-to-be-logged',
        ]);
      } finally {
        await environment.close();
      }
    });
  }

  it('never any: the function is never held for long, the pauses grow, and shutdown is in time', async () => {
    aws.answer = () => denied('secretsmanager:GetSecretValue', SECRET_ARN);
    aws.requests.length = 0;
    const environment = await startEnvironment(loki.pushUrl, {
      AWS_ENDPOINT_URL: aws.url,
      LOKI_USERNAME: 'grafana',
      LOKI_PASSWORD_SECRET: SECRET_ARN,
    });
    try {
      const began = Date.now();
      for (let i = 0; i < 20; i++) {
        const { status, extensionOverheadMs } = await environment.invoke([`lost ${i}`]);
        assert.equal(status, 'success');
        assert.ok(extensionOverheadMs < 300, `held for ${extensionOverheadMs} ms`);
        await environment.idle(50);
      }
      const seconds = (Date.now() - began) / 1000;
      // With the shortest pauses, 250 and 500 ms, there are three attempts, and each asks twice: by the ARN, which
      // looks complete, and by the name.
      assert.equal(
        aws.requests.length >= 2 && aws.requests.length <= 4 + 2 * seconds,
        true,
        `${aws.requests.length} requests in ${seconds} s`,
      );
      const ended = await environment.shutdown();
      assert.deepEqual(ended.extensionExitCodes, { lambdawatch: 0 });
      assert.equal(warnings(environment).filter((line) => line.includes(SECRET_ARN)).length, 1);
      assert.match(environment.extensionStderr, /ends with \d+ lines that Loki did not take/);
    } finally {
      await environment.close();
    }
  });

  it('asks once for several fields of one secret, in the region of its ARN, with the session token', async () => {
    aws.answer = (request) => secretAnswer(request, JSON.stringify({ user: 'grafana', pass: PASSWORD }));
    aws.requests.length = 0;
    const arn = SECRET_ARN.replace('eu-west-1', 'us-gov-west-1').replace('arn:aws:', 'arn:aws-us-gov:');
    const environment = await startEnvironment(loki.pushUrl, {
      AWS_ENDPOINT_URL: aws.url,
      LOKI_USERNAME_SECRET: `${arn}#user`,
      LOKI_PASSWORD_SECRET: `${arn}#pass`,
    });
    try {
      await environment.invoke(['fields']);
      assert.equal(stored(loki).at(-1), 'fields');
      assert.equal(aws.requests.length, 1);
      const [{ target, parameters, headers }] = aws.requests;
      assert.deepEqual([target, parameters], ['secretsmanager.GetSecretValue', { SecretId: arn }]);
      assert.match(
        headers.authorization ?? '',
        /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLEEXAMPLE00\/\d{8}\/us-gov-west-1\/secretsmanager\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
      );
      assert.equal(headers['x-amz-security-token'], 'sandbox-session-token-not-to-be-logged');
    } finally {
      await environment.close();
    }
  });

  it('is not waited for: a slow AWS delays neither Init nor the function', async () => {
    aws.answer = (request) => ({ ...(secretAnswer(request, PASSWORD) as Exclude<AwsAnswer, string>), afterMs: 1500 });
    const started = Date.now();
    const environment = await startEnvironment(loki.pushUrl, {
      AWS_ENDPOINT_URL: aws.url,
      LOKI_USERNAME: 'grafana',
      LOKI_PASSWORD_SECRET: SECRET_ARN,
    });
    try {
      assert.ok(environment.initOutcome.durationMs < 1000, `Init took ${environment.initOutcome.durationMs} ms`);
      const { status, responseMs } = await environment.invoke(['slow secret']);
      assert.equal(status, 'success');
      assert.ok(responseMs! < 500, `the response took ${responseMs} ms`);
      assert.ok(Date.now() - started >= 1500, 'the lines waited for the secret');
      assert.equal(stored(loki).at(-1), 'slow secret');
    } finally {
      await environment.close();
    }
  });

  for (const [what, secret, field, says] of [
    ['no JSON', 'plain text with hunter2-hunter2', 'password', /is not JSON, so that it has no field "password"/],
    ['a list', '["hunter2-hunter2"]', 'password', /is not a JSON object/],
    ['no such field', '{"pass":"hunter2-hunter2"}', 'password', /has no field "password"/],
    [
      'a field that is no string',
      '{"password":{"value":"hunter2-hunter2"}}',
      'password',
      /has a field "password" that is no string/,
    ],
    ['an empty field', '{"password":""}', 'password', /is empty in its field "password"/],
    ['a line break inside', 'hunter2\nhunter2', undefined, /has a line break or another control character inside/],
    ['an inherited name', '{}', 'constructor', /has no field "constructor"/],
  ] as const) {
    it(`a secret that is of no use, ${what}: said, and the plain variable is used`, async () => {
      aws.answer = (request) => secretAnswer(request, secret);
      const arn = field === undefined ? SECRET_ARN : `${SECRET_ARN}#${field}`;
      const environment = await startEnvironment(loki.pushUrl, {
        AWS_ENDPOINT_URL: aws.url,
        LOKI_USERNAME: 'grafana',
        LOKI_PASSWORD: PASSWORD,
        LOKI_PASSWORD_SECRET: arn,
      });
      try {
        await environment.invoke([`of no use: ${what}`]);
        assert.equal(stored(loki).at(-1), `of no use: ${what}`);
        const said = warnings(environment);
        assert.equal(said.length, 1, environment.extensionStderr);
        assert.ok(said[0].startsWith(`[lambdawatch] warn: LOKI_PASSWORD_SECRET: ${SECRET_ARN} `), said[0]);
        assert.match(said[0], says);
        assert.match(said[0], /; LOKI_PASSWORD is used$/);
        assertNothingLeaked(environment, loki, [PASSWORD, 'hunter2-hunter2', 'hunter2 hunter2']);
      } finally {
        await environment.close();
      }
    });
  }

  it('a gateway that answers 403 and repeats the credentials: they are not shown, and the secret is read again once', async () => {
    aws.answer = (request) => secretAnswer(request, PASSWORD);
    aws.requests.length = 0;
    const basic = Buffer.from(`grafana:${PASSWORD}`).toString('base64');
    loki.script({
      fault: {
        kind: 'answer',
        status: 403,
        body: JSON.stringify({ error: 'forbidden', headers: { authorization: `Basic ${basic}` }, password: PASSWORD }),
      },
    });
    const environment = await startEnvironment(loki.pushUrl, {
      AWS_ENDPOINT_URL: aws.url,
      LOKI_USERNAME: 'grafana',
      LOKI_PASSWORD_SECRET: SECRET_ARN,
    });
    try {
      for (let i = 0; i < 3; i++) await environment.invoke([`forbidden ${i}`]);
      assert.equal(aws.requests.length, 2, 'at the start, and after the first refusal; then not for 30 s');
      await environment.shutdown();
      assert.match(
        warnings(environment).join('\n'),
        /Loki does not take logs as LambdaWatch is set up: status 403.*"authorization":"Basic \*\*\*"/,
      );
      assertNothingLeaked(environment, loki, [PASSWORD, basic]);
    } finally {
      loki.script();
      await environment.close();
    }
  });

  it('an ARN that is none is said, without showing what may be a secret itself', async () => {
    loki.script();
    const environment = await startEnvironment(loki.pushUrl, {
      LOKI_USERNAME: 'grafana',
      LOKI_PASSWORD: PASSWORD,
      LOKI_PASSWORD_SECRET: 'a-password-in-the-wrong-place',
      LOKI_API_KEY_SECRET: 'arn:aws:s3:::bucket/key',
    });
    try {
      await environment.invoke(['malformed']);
      assert.equal(stored(loki).at(-1), 'malformed');
      assert.deepEqual(warnings(environment), [
        '[lambdawatch] warn: LOKI_API_KEY_SECRET: "arn:aws:s3:::bucket/key" is not the ARN of a secret of Secrets Manager or of a parameter of Systems Manager; it is not used',
        '[lambdawatch] warn: LOKI_PASSWORD_SECRET: is not an ARN (arn:aws:secretsmanager:… or arn:aws:ssm:…); LOKI_PASSWORD is used',
      ]);
      assertNothingLeaked(environment, loki, [PASSWORD, 'a-password-in-the-wrong-place']);
    } finally {
      await environment.close();
    }
  });
});
