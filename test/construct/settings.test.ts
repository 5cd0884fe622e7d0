import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CfnParameter, Duration, Size, Token } from 'aws-cdk-lib';
import {
  Certificate,
  DiagnosticLevel,
  FlushStrategy,
  LambdaWatch,
  LogLevel,
  LogRule,
  LogType,
  LokiAuth,
  LokiSecret,
  PlatformLine,
  RequestIdMode,
  type LambdaWatchProps,
} from '../../src';
import { ENDPOINT, layers, newFunction, newStack, variables } from './support';

before(layers);

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

function settings(props: Partial<LambdaWatchProps>): Record<string, unknown> {
  const stack = newStack();
  const fn = newFunction(stack);
  new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, functions: [fn], ...props });
  const { LOKI_ENDPOINT, ...others } = variables(fn);
  assert.equal(LOKI_ENDPOINT, props.endpoint ?? ENDPOINT);
  return others;
}

describe('the flush strategy', () => {
  it('is written as the extension reads it', () => {
    const { END, HANDOFF, NEXT, ADAPTIVE } = FlushStrategy;
    const strategies = [END, HANDOFF, NEXT, ADAPTIVE, FlushStrategy.periodically(Duration.seconds(90))];
    assert.deepEqual(
      strategies.map((flushStrategy) => settings({ flushStrategy }).LOKI_FLUSH_STRATEGY),
      ['end', 'handoff', 'next', 'adaptive', 'periodically,90000'],
    );
  });

  it('has a period that the extension takes', () => {
    for (const [period, wrong] of [
      [Duration.millis(99), /period is 99 milliseconds; it must be a whole number from 100 to 900000 milliseconds/],
      [Duration.minutes(16), /period is 960000 milliseconds/],
      [Duration.millis(100.5), /period is 100\.5 milliseconds/],
      [Duration.seconds(Token.asNumber({ Ref: 'X' })), /only known at deployment/],
      [60_000 as unknown as Duration, /period is no Duration; give one, like Duration\.minutes\(1\)/],
    ] as const) {
      assert.throws(() => FlushStrategy.periodically(period), wrong);
    }
  });
});

describe('settings', () => {
  it("are written only when given, but for the request id's place", () => {
    assert.deepEqual(settings({}), { LOKI_REQUEST_ID_AS: 'metadata' });
    const nothing = { batching: {}, retry: {}, buffer: {}, tls: {}, proxy: {}, labels: {}, environment: {} };
    assert.deepEqual(settings(nothing), { LOKI_REQUEST_ID_AS: 'metadata' });
  });

  it('each become their variable', () => {
    assert.deepEqual(
      settings({
        tenantId: 'team-a',
        serviceName: 'shop',
        labels: { team: 'a', env: 'prod' },
        requestId: RequestIdMode.METADATA,
        logTypes: [LogType.EXTENSION, LogType.FUNCTION, LogType.FUNCTION],
        batching: {
          maxLines: 500,
          maxSize: Size.mebibytes(2),
          flushInterval: Duration.seconds(2),
          idleFlushMultiplier: 5,
          gzip: false,
          gzipThreshold: Size.kibibytes(4),
          maxLineSize: Size.kibibytes(64),
        },
        retry: {
          maxRetries: 0,
          criticalRetries: 2,
          requestTimeout: Duration.millis(1500),
          flushTimeout: Duration.minutes(1),
        },
        buffer: { maxLines: 50_000, maxSize: Size.mebibytes(32) },
        tls: {
          ca: Certificate.fromPem(`\n${PEM}\n`),
          clientCertificate: Certificate.fromPath('/opt/client.pem'),
          clientKeyPath: '/opt/client.key',
        },
        proxy: { https: 'http://proxy:3128', http: 'http://proxy:3129', bypass: ['localhost', '.internal'] },
        telemetryPort: 4400,
        diagnostics: DiagnosticLevel.DEBUG,
        environment: { LOKI_NEW_SETTING: 'x' },
      }),
      {
        LOKI_TENANT_ID: 'team-a',
        LOKI_SERVICE_NAME: 'shop',
        LOKI_LABELS: '{"env":"prod","team":"a"}',
        LOKI_REQUEST_ID_AS: 'metadata',
        LOKI_LOG_TYPES: 'function,extension',
        LOKI_BATCH_SIZE: '500',
        LOKI_MAX_BATCH_SIZE_BYTES: '2097152',
        LOKI_FLUSH_INTERVAL_MS: '2000',
        LOKI_IDLE_FLUSH_MULTIPLIER: '5',
        LOKI_ENABLE_GZIP: 'false',
        LOKI_COMPRESSION_THRESHOLD: '4096',
        LOKI_MAX_LINE_SIZE: '65536',
        LOKI_MAX_RETRIES: '0',
        LOKI_CRITICAL_FLUSH_RETRIES: '2',
        LOKI_REQUEST_TIMEOUT_MS: '1500',
        LOKI_FLUSH_TIMEOUT_MS: '60000',
        LOKI_BUFFER_SIZE: '50000',
        LOKI_BUFFER_MAX_BYTES: '33554432',
        LOKI_CA_CERT: PEM,
        LOKI_CLIENT_CERT: '/opt/client.pem',
        LOKI_CLIENT_KEY: '/opt/client.key',
        HTTPS_PROXY: 'http://proxy:3128',
        HTTP_PROXY: 'http://proxy:3129',
        NO_PROXY: 'localhost,.internal',
        LOKI_TELEMETRY_PORT: '4400',
        LOKI_LOG_LEVEL: 'debug',
        LOKI_NEW_SETTING: 'x',
      },
    );
  });

  it('turn request ids off and on', () => {
    assert.deepEqual(settings({ requestId: RequestIdMode.OFF }), { LOKI_EXTRACT_REQUEST_ID: 'false' });
    assert.deepEqual(settings({ requestId: RequestIdMode.LABEL }), { LOKI_REQUEST_ID_AS: 'label' });
  });

  it('take values that are only known at deployment everywhere', () => {
    const stack = newStack();
    const fn = newFunction(stack);
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    new LambdaWatch(stack, 'Watch', {
      endpoint: text,
      auth: LokiAuth.basic(text, LokiSecret.fromSecretArn(text, { field: text })),
      tenantId: text,
      serviceName: text,
      labels: { team: text, quoted: 'a"b' },
      batching: { maxLines: number, maxSize: Size.bytes(number), flushInterval: Duration.millis(number) },
      telemetryPort: number,
      tls: { ca: Certificate.fromPem(text), clientCertificate: Certificate.fromPath(text), clientKeyPath: text },
      proxy: { https: text, bypass: [text] },
      environment: { OWN: text },
      functions: [fn],
    });
    const ref = { Ref: 'Text' };
    const { LOKI_LABELS, LOKI_PASSWORD_SECRET, ...others } = variables(fn);
    assert.deepEqual(LOKI_LABELS, { 'Fn::Join': ['', ['{"quoted":"a\\"b","team":"', ref, '"}']] });
    assert.deepEqual(LOKI_PASSWORD_SECRET, { 'Fn::Join': ['', [ref, '#', ref]] });
    assert.deepEqual(others, {
      LOKI_ENDPOINT: ref,
      LOKI_USERNAME: ref,
      LOKI_REQUEST_ID_AS: 'metadata',
      LOKI_TENANT_ID: ref,
      LOKI_SERVICE_NAME: ref,
      LOKI_BATCH_SIZE: { Ref: 'Number' },
      LOKI_MAX_BATCH_SIZE_BYTES: { Ref: 'Number' },
      LOKI_FLUSH_INTERVAL_MS: { Ref: 'Number' },
      LOKI_TELEMETRY_PORT: { Ref: 'Number' },
      LOKI_CA_CERT: ref,
      LOKI_CLIENT_CERT: ref,
      LOKI_CLIENT_KEY: ref,
      HTTPS_PROXY: ref,
      NO_PROXY: ref,
      OWN: ref,
    });
  });
});

describe('wrong settings', () => {
  const room = (n: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`l${i}`, 'v']));
  const wrong: [Partial<LambdaWatchProps>, RegExp][] = [
    [{ endpoint: '' }, /endpoint is ""; it must be a URL that begins with https.*like https:\/\/logs/],
    [{ endpoint: 'logs.example.com/loki/api/v1/push' }, /endpoint is "logs\.example/],
    [{ endpoint: 'ftp://logs.example.com/x' }, /endpoint is "ftp:/],
    [
      { endpoint: 'https://logs.example.com' },
      /endpoint .* no path; give the full push URL, https:\/\/logs\.example\.com\/loki\/api\/v1\/push/,
    ],
    [{ endpoint: 'https://logs.example.com/loki/api/v1/push/' }, /endpoint .* ends in a slash/],
    [{ endpoint: 'https://user:hunter2@logs.example.com/push' }, /endpoint has a user or password in it.*`auth`/],
    [{ endpoint: 'user:hunter2@logs.example.com/push' }, /endpoint/],
    [{ tenantId: 'a|b' }, /tenantId is "a\|b"; a tenant is/],
    [{ tenantId: '..' }, /tenantId is "\.\."/],
    [{ tenantId: 'x'.repeat(151) }, /tenantId is "x+…/],
    [{ serviceName: ' ' }, /serviceName is " "; it must have 1 to 2048 bytes; leave it out/],
    [{ serviceName: 'é'.repeat(1025) }, /serviceName/],
    [{ labels: { 'my-label': 'x' } }, /labels has the name "my-label"; names are letters, digits and _/],
    [{ labels: { __name: 'x' } }, /labels has the name "__name"; Loki keeps/],
    [{ labels: { function_name: 'x' } }, /labels has the name "function_name", which the extension sets itself/],
    [
      { labels: { request_id: 'x' }, requestId: RequestIdMode.LABEL },
      /labels has the name "request_id", which the extension sets itself/,
    ],
    [{ labels: { service_name: 'x' } }, /use the property serviceName/],
    [{ labels: { team: '' } }, /labels\.team is ""; Loki drops/],
    [{ labels: { team: 'x'.repeat(2049) } }, /labels\.team is .*2049 bytes and Loki allows 2048/],
    [
      { labels: room(11), requestId: RequestIdMode.LABEL },
      /labels has 11 entries; Loki allows 15 labels in all.*at most 10 are left.*METADATA/,
    ],
    [{ labels: room(12) }, /at most 11 are left/],
    [{ endpoint: 'https://logs.example.com/loki/api/v1' }, /endpoint .*Loki takes pushes at \/loki\/api\/v1\/push/],
    [
      { logTypes: ['functions' as LogType] },
      /logTypes is "functions"; it must be one of "function", "platform", "extension"/,
    ],
    [{ requestId: 'labels' as RequestIdMode }, /requestId is "labels"; it must be one of "label", "metadata", "off"/],
    [{ diagnostics: 'verbose' as DiagnosticLevel }, /diagnostics is "verbose"; it must be one of "error"/],
    [
      { flushStrategy: 'handoff' as unknown as FlushStrategy },
      /flushStrategy is "handoff"; it must be a FlushStrategy/,
    ],
    [
      { flushStrategy: 17 as unknown as FlushStrategy },
      /flushStrategy is 17; it must be a FlushStrategy, like FlushStrategy\.HANDOFF\.$/,
    ],
    [
      { rules: LogRule.exclude('a', 'x') as unknown as LogRule[] },
      /rules is .*; it must be a list; put it in brackets\.$/,
    ],
    [
      { rules: [LogRule.exclude('a', 'x'), 'GET /health' as unknown as LogRule] },
      /rules\[1\] is "GET \/health"; it is no LogRule; use LogRule\.exclude, include, mask or sample\.$/,
    ],
    [{ rules: [LogRule.mask('card', '(\\d+')] }, /rules: rule 1 \("card"\) has the pattern "\(\\\\d\+".*\.$/],
    [{ rules: [LogRule.sample('tenth', NaN)] }, /rules: rule 1 \("tenth"\) has .*rate/],
    [{ rules: [LogRule.exclude('a', undefined as unknown as string)] }, /rules: rule 1 \("a"\) has no pattern/],
    [
      { rules: [LogRule.exclude('a', 'x', { on: ['functions' as LogType] })] },
      /rules: rule 1 \("a"\) has "on" \["functions"\]; it is one of function, platform, extension, or an array of them\.$/,
    ],
    [
      { minLevel: 'warning' as LogLevel },
      /minLevel is "warning"; it must be one of "trace", "debug", "info", "warn", "error", "fatal"/,
    ],
    [
      { keepOnError: 'true' as unknown as boolean },
      /keepOnError is "true"; it must be true or false, without quotes\.$/,
    ],
    [
      { metadata: ['userId'] as unknown as Record<string, string> },
      /metadata is \["userId"\]; it must be an object of names and fields, like \{ user_id: "userId" \}\.$/,
    ],
    [
      { metadata: { 'user-id': 'userId' } },
      /metadata has the name "user-id"; letters, digits and _ are possible, not beginning with a digit\.$/,
    ],
    [
      { metadata: { request_id: 'id' } },
      /metadata has the name request_id, which the extension uses itself; choose another\.$/,
    ],
    [
      { metadata: { user_id: 'user,id' } },
      /metadata\.user_id is "user,id"; give a field of JSON lines, like userId or http\.status\.$/,
    ],
    [{ metadata: { user_id: '' } }, /metadata\.user_id is ""; give a field/],
    [{ metadata: { user_id: 17 as unknown as string } }, /metadata\.user_id is 17; give a field/],
    [
      { metadata: { user_id: Token.asString({ Ref: 'X' }) } },
      /metadata\.user_id is only known at deployment; write it out\.$/,
    ],
    [{ metadata: room(17) }, /metadata has 17 fields; at most 16 are possible\.$/],
    [
      { platformLines: 'report' as unknown as PlatformLine[] },
      /platformLines is "report"; it must be a list; put it in brackets\.$/,
    ],
    [
      { platformLines: ['reports' as PlatformLine] },
      /platformLines is "reports"; it must be one of "all", "start", "end", "report", "timeout", "init"/,
    ],
    [{ platformLines: [] }, /platformLines is \[\]; name at least one; for none, leave PLATFORM out of `logTypes`\.$/],
    [{ unwrapJson: 'yes' as unknown as boolean }, /unwrapJson is "yes"; it must be true or false, without quotes\.$/],
    [{ defaultMetadata: 0 as unknown as boolean }, /defaultMetadata is 0; it must be true or false, without quotes\.$/],
    [{ logTypes: [] }, /logTypes is \[\]; nothing would be shipped/],
    [{ batching: { maxLines: 0 } }, /batching\.maxLines is 0; it must be a whole number from 1 to 10000/],
    [{ batching: { maxLines: 1.5 } }, /batching\.maxLines is 1\.5/],
    [{ batching: { maxLines: NaN } }, /batching\.maxLines is NaN/],
    [
      { batching: { maxSize: Size.bytes(1023) } },
      /batching\.maxSize is 1023 bytes; it must be a whole number from 1024 to 52428800 bytes/,
    ],
    [
      { batching: { flushInterval: Duration.days(1) } },
      /batching\.flushInterval is 86400000 milliseconds; .* to 3600000 milliseconds/,
    ],
    [{ retry: { maxRetries: -1 } }, /retry\.maxRetries is -1/],
    [
      { retry: { requestTimeout: Duration.seconds(Token.asNumber({ Ref: 'X' })) } },
      /retry\.requestTimeout is .*Duration\.millis/,
    ],
    [{ buffer: { maxSize: Size.gibibytes(9) } }, /buffer\.maxSize/],
    [{ telemetryPort: 80 }, /telemetryPort is 80; .* from 1024 to 65535/],
    [{ telemetryPort: 9001 }, /telemetryPort is 9001; Lambda uses that port itself/],
    [{ tls: { clientKeyPath: '/opt/key' } }, /tls has only one of clientCertificate and clientKeyPath/],
    [
      {
        tls: { clientCertificate: Certificate.fromPath('/opt/c'), clientKeyPath: '-----BEGIN PRIVATE KEY-----hunter2' },
      },
      /tls\.clientKeyPath is not an absolute path/,
    ],
    [{ proxy: { https: 'http://user:hunter2@proxy:3128' } }, /proxy\.https has a user or password in it/],
    [{ proxy: { http: 'proxy:3128' } }, /proxy\.http is "proxy:3128"; it must be a URL/],
    [{ proxy: { bypass: ['a,b'] } }, /proxy\.bypass/],
    [{ environment: { LOKI_PASSWORD: 'hunter2' } }, /environment has LOKI_PASSWORD; credentials go into `auth`/],
    [{ environment: { LOKI_API_KEY_SECRET: 'arn' } }, /environment has LOKI_API_KEY_SECRET; credentials/],
    [{ environment: { LOKI_BATCH_SIZE: '5' } }, /environment has LOKI_BATCH_SIZE, which has a property of its own/],
    [{ environment: { 'NOT-A-NAME': 'x' } }, /environment has the name "NOT-A-NAME"; Lambda allows/],
  ];
  for (const [props, message] of wrong) {
    it(`${JSON.stringify(props).slice(0, 80)} are refused before anything is made`, () => {
      const stack = newStack();
      const fn = newFunction(stack);
      assert.throws(
        () => new LambdaWatch(stack, 'Watch', { endpoint: ENDPOINT, functions: [fn], ...props }),
        (error: Error) => {
          assert.match(error.message, /^LambdaWatch Stack\/Watch: /);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
      assert.deepEqual(variables(fn), {});
    });
  }

  it('are all named at once', () => {
    assert.throws(
      () => settings({ endpoint: 'x', tenantId: '', batching: { maxLines: 0 } }),
      /endpoint is.*\ntenantId is.*\nbatching\.maxLines is/s,
    );
  });

  it('of certificates never show what was given, which may be a key', () => {
    assert.throws(
      () => Certificate.fromPem('-----BEGIN RSA PRIVATE ' + 'KEY-----hunter2'),
      (error: Error) => /private key/.test(error.message) && !/hunter2/.test(error.message),
    );
    assert.throws(
      () => Certificate.fromPem('hunter2'),
      (error: Error) => /fromPath/.test(error.message) && !/hunter2/.test(error.message),
    );
    assert.throws(() => Certificate.fromPath('ca.pem'), /absolute path/);
  });
});
