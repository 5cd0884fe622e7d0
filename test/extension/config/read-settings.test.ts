import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOGUE } from '../../../extension/config/catalogue';
import { readSettings } from '../../../extension/config/read-settings';
import type { Settings } from '../../../extension/config/settings';
import { ENDPOINT } from '../support/builders';

type Env = Record<string, string | undefined>;
const read = (env: Env): ReturnType<typeof readSettings> =>
  readSettings({ LOKI_ENDPOINT: ENDPOINT, ...env }, (text) => Buffer.byteLength(text));

const NUMBERS = CATALOGUE.filter(({ kind }) => kind === 'number');

/** Everything but the settings that have a test file of their own. */
const DEFAULTS: Partial<Settings> = {
  endpoint: { url: ENDPOINT },
  authorization: undefined,
  tenantId: undefined,
  serviceName: undefined,
  labels: {},
  extractRequestId: true,
  requestIdAs: 'label',
  logTypes: new Set(['function', 'platform'] as const),
  maxLineBytes: 204_800,
  batchLines: 100,
  batchBytes: 5_242_880,
  gzip: true,
  compressionThreshold: 1024,
  flushIntervalMs: 1000,
  idleFlushMultiplier: 3,
  retries: 3,
  criticalRetries: 5,
  requestTimeoutMs: 3000,
  flushTimeoutMs: 4000,
  bufferLines: 10_000,
  bufferBytes: 16_777_216,
  telemetryPort: 4327,
  logLevel: 'warn',
};

function assertSettings(actual: Settings, expected: Partial<Settings>): void {
  assert.deepEqual(
    Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, actual[name as keyof Settings]])),
    expected,
  );
}

test('with nothing but an endpoint, each setting has its documented default and there is nothing to complain of', () => {
  const { settings, problems } = read({});
  assertSettings(settings, DEFAULTS);
  assert.deepEqual(problems, []);
});

test('blank values count as absent, as CloudFormation leaves them', () => {
  const blank: Env = {
    LOKI_USERNAME: '',
    LOKI_PASSWORD: ' ',
    LOKI_API_KEY: '',
    LOKI_TENANT_ID: '',
    LOKI_LABELS: '',
    SERVICE_NAME: '',
    LOKI_SERVICE_NAME: '',
    LOKI_LOG_TYPES: ' ',
    LOKI_URL: '',
    DEBUG_MODE: ' ',
  };
  for (const { variable, alias } of NUMBERS) for (const name of [variable, alias ?? variable]) blank[name] = '';
  for (const variable of ['LOKI_ENABLE_GZIP', 'LOKI_EXTRACT_REQUEST_ID', 'LOKI_REQUEST_ID_AS', 'LOKI_LOG_LEVEL'])
    blank[variable] = '  ';
  const { settings, problems } = read(blank);
  assertSettings(settings, DEFAULTS);
  assert.deepEqual(problems, []);
});

const GOOD: [variable: string, value: string, setting: keyof Settings, effective: unknown][] = [
  ['LOKI_TENANT_ID', "team-1_a.b*('x')!", 'tenantId', "team-1_a.b*('x')!"],
  ['LOKI_BATCH_SIZE', '1', 'batchLines', 1],
  ['LOKI_BATCH_SIZE', ' 250 ', 'batchLines', 250],
  ['LOKI_MAX_BATCH_SIZE_BYTES', '1048576', 'batchBytes', 1_048_576],
  ['LOKI_FLUSH_INTERVAL_MS', '500', 'flushIntervalMs', 500],
  ['LOKI_IDLE_FLUSH_MULTIPLIER', '10', 'idleFlushMultiplier', 10],
  ['LOKI_MAX_RETRIES', '0', 'retries', 0],
  ['LOKI_CRITICAL_FLUSH_RETRIES', '0', 'criticalRetries', 0],
  ['LOKI_ENABLE_GZIP', 'false', 'gzip', false],
  ['LOKI_ENABLE_GZIP', 'NO', 'gzip', false],
  ['LOKI_ENABLE_GZIP', '0', 'gzip', false],
  ['LOKI_ENABLE_GZIP', 'True', 'gzip', true],
  ['LOKI_COMPRESSION_THRESHOLD', '0', 'compressionThreshold', 0],
  ['LOKI_EXTRACT_REQUEST_ID', 'false', 'extractRequestId', false],
  ['LOKI_MAX_LINE_SIZE', '1000', 'maxLineBytes', 1000],
  ['BUFFER_SIZE', '1', 'bufferLines', 1],
  ['LOKI_BUFFER_SIZE', '1', 'bufferLines', 1],
  ['SERVICE_NAME', 'checkout', 'serviceName', 'checkout'],
  ['LOKI_SERVICE_NAME', 'checkout', 'serviceName', 'checkout'],
  ['DEBUG_MODE', 'true', 'logLevel', 'debug'],
  ['DEBUG_MODE', 'false', 'logLevel', 'warn'],
  ['LOKI_REQUEST_ID_AS', 'Metadata', 'requestIdAs', 'metadata'],
  ['LOKI_LOG_TYPES', 'function', 'logTypes', new Set(['function'])],
  ['LOKI_LOG_TYPES', 'Extension, platform function', 'logTypes', new Set(['extension', 'platform', 'function'])],
  ['LOKI_BUFFER_MAX_BYTES', '67108864', 'bufferBytes', 67_108_864],
  ['LOKI_REQUEST_TIMEOUT_MS', '1500', 'requestTimeoutMs', 1500],
  ['LOKI_FLUSH_TIMEOUT_MS', '250', 'flushTimeoutMs', 250],
  ['LOKI_TELEMETRY_PORT', '1024', 'telemetryPort', 1024],
  ['LOKI_TELEMETRY_PORT', '65535', 'telemetryPort', 65_535],
  ['LOKI_LOG_LEVEL', 'DEBUG', 'logLevel', 'debug'],
  ['LOKI_LABELS', '{"env":"prod"}', 'labels', { env: 'prod' }],
];

for (const [variable, value, setting, effective] of GOOD) {
  test(`${variable}=${JSON.stringify(value)} is taken`, () => {
    const { settings, problems } = read({ [variable]: value });
    assert.deepEqual(problems, []);
    assertSettings(settings, { ...DEFAULTS, [setting]: effective });
  });
}

/** Each number: not a number, a fraction, an exponent, one below and one above the range. */
const BAD_NUMBERS = NUMBERS.flatMap(({ variable, min, max }) =>
  [
    'many',
    '10.5',
    '1e3',
    '0x10',
    '1 000',
    'NaN',
    'Infinity',
    '-1',
    String(min! - 1),
    String(max! + 1),
    '9'.repeat(30),
  ].map((value): [string, string] => [variable, value]),
);

for (const [variable, value] of BAD_NUMBERS) {
  test(`${variable}=${value} leaves the default and says what would be right`, () => {
    const { settings, problems } = read({ [variable]: value });
    assertSettings(settings, DEFAULTS);
    assert.equal(problems.length, 1);
    assert.equal(problems[0].variable, variable);
    const { min, max, default: fallback } = NUMBERS.find((number) => number.variable === variable)!;
    assert.equal(
      problems[0].message,
      `${JSON.stringify(value)} is not a whole number from ${min} to ${max}; using ${fallback}`,
    );
  });
}

test('the smallest and the largest number of each range are taken', () => {
  for (const { variable, field, min, max } of NUMBERS) {
    for (const value of [min, max]) {
      const { settings, problems } = read({ [variable]: String(value) });
      assert.deepEqual(problems, [], variable);
      assert.equal(settings[field as keyof Settings], value, variable);
    }
  }
});

const BAD_WORDS: [variable: string, value: string, message: string, changed?: Partial<Settings>][] = [
  ['LOKI_ENABLE_GZIP', 'maybe', '"maybe" is neither true nor false; using true'],
  ['LOKI_EXTRACT_REQUEST_ID', '2', '"2" is neither true nor false; using true'],
  ['LOKI_REQUEST_ID_AS', 'header', '"header" is none of label, metadata; using label'],
  ['LOKI_LOG_LEVEL', 'trace', '"trace" is none of error, warn, info, debug; using warn'],
  [
    'LOKI_LOG_TYPES',
    'function,runtime',
    '"runtime" is none of function, platform, extension; it is left out',
    { logTypes: new Set(['function'] as const) },
  ],
  ['LOKI_TELEMETRY_PORT', '9001', '9001 is reserved by Lambda; using 4327'],
  ['SERVICE_NAME', 'x'.repeat(2049), 'is longer than 2048 bytes; using the function name'],
  ['LOKI_SERVICE_NAME', 'x'.repeat(2049), 'is longer than 2048 bytes; using the function name'],
  ['BUFFER_SIZE', '0', '"0" is not a whole number from 1 to 10000000; using 10000'],
  ['LOKI_LABELS', '{bad', 'is not valid JSON; no custom labels are used'],
  [
    'LOKI_LABELS',
    '{"a-b":"x","env":"prod"}',
    'label "a-b" is not a label name (letters, digits and _, not starting with a digit); it is left out',
    { labels: { env: 'prod' } },
  ],
  ...['a|b', 'a/b', 'a b', 'x'.repeat(151), '.', '..', 'ä'].map((value): [string, string, string] => [
    'LOKI_TENANT_ID',
    value,
    `${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)} is not a tenant ID (at most 150 letters, digits and !-_.*'(), and not . or ..); none is sent`,
  ]),
];

for (const [variable, value, message, changed] of BAD_WORDS) {
  test(`${variable}=${value.slice(0, 30)} is said and mended`, () => {
    const { settings, problems } = read({ [variable]: value });
    assert.deepEqual(problems, [{ variable, message }]);
    assertSettings(settings, { ...DEFAULTS, ...changed });
  });
}

test('log types of which none is known fall back to the default', () => {
  const { settings, problems } = read({ LOKI_LOG_TYPES: 'all' });
  assert.deepEqual(settings.logTypes, DEFAULTS.logTypes);
  assert.match(
    problems.map((problem) => problem.message).join('\n'),
    /"all" is none of[^\n]*\nnames none; using function,platform/,
  );
});

test('without an endpoint nothing is shipped, and the message says what to set', () => {
  for (const value of [undefined, '', '  ']) {
    const { settings, problems } = read({ LOKI_ENDPOINT: value });
    assert.equal(settings.endpoint, undefined);
    assert.equal(problems.length, 1);
    assert.equal(problems[0].variable, 'LOKI_ENDPOINT');
    assert.match(problems[0].message, /no logs are shipped.*https:\/\/logs\.example\.com\/loki\/api\/v1\/push/);
  }
});

test('LOKI_URL, BUFFER_SIZE, SERVICE_NAME and DEBUG_MODE count only where the newer variable is not set', () => {
  const older = {
    LOKI_URL: 'https://older/loki/api/v1/push',
    BUFFER_SIZE: '8',
    SERVICE_NAME: 'older',
    DEBUG_MODE: 'true',
  };
  const newer = { LOKI_ENDPOINT: ENDPOINT, LOKI_BUFFER_SIZE: '9', LOKI_SERVICE_NAME: 'newer', LOKI_LOG_LEVEL: 'error' };
  const values = ({ settings, problems }: ReturnType<typeof readSettings>): unknown[] => [
    settings.endpoint?.url,
    settings.bufferLines,
    settings.serviceName,
    settings.logLevel,
    problems,
  ];
  assert.deepEqual(values(read({ LOKI_ENDPOINT: ' ', ...older })), [older.LOKI_URL, 8, 'older', 'debug', []]);
  assert.deepEqual(values(read({ ...older, ...newer })), [ENDPOINT, 9, 'newer', 'error', []]);
  assert.equal(read({ ...older, LOKI_BUFFER_SIZE: 'x' }).settings.bufferLines, 10_000, 'a bad value gives the default');
});

test('a problem with LOKI_URL names that variable, and is fatal as one with LOKI_ENDPOINT is', () => {
  const { problems } = read({ LOKI_ENDPOINT: '', LOKI_URL: 'logs.example.com' });
  assert.deepEqual(
    problems.map(({ variable, fatal }) => [variable, fatal]),
    [['LOKI_URL', true]],
  );
  assert.equal(read({ LOKI_ENDPOINT: '' }).problems[0].fatal, true);
  const others = read({ LOKI_BATCH_SIZE: 'x', LOKI_ENDPOINT: `${ENDPOINT}/` }).problems;
  assert.deepEqual(
    others.map(({ fatal }) => fatal),
    [undefined, undefined],
  );
});

test('an endpoint that is no URL ships nothing, and the message has the value', () => {
  const { settings, problems } = read({ LOKI_ENDPOINT: 'logs.example.com:3100' });
  assert.equal(settings.endpoint, undefined);
  assert.deepEqual(
    problems.map((problem) => problem.variable),
    ['LOKI_ENDPOINT'],
  );
  assert.match(problems[0].message, /^"logs\.example\.com:3100" is not a URL like https.*no logs are shipped$/);
});

test('a mended endpoint is used, and said', () => {
  const { settings, problems } = read({ LOKI_ENDPOINT: 'https://logs.example.com/' });
  assert.equal(settings.endpoint?.url, ENDPOINT);
  assert.match(problems[0].message, /no path; using \/loki\/api\/v1\/push/);
});

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

const AUTHORIZATION: [env: Env, header: string | undefined, problem?: RegExp][] = [
  [{ LOKI_USERNAME: 'u', LOKI_PASSWORD: 'p' }, basic('u:p')],
  [{ LOKI_USERNAME: 'ü', LOKI_PASSWORD: 'p:ä' }, basic('ü:p:ä')],
  [{ LOKI_API_KEY: 'k' }, 'Bearer k'],
  [{ LOKI_API_KEY: 'k\n' }, 'Bearer k'],
  [{ LOKI_API_KEY: 'k', LOKI_USERNAME: 'u', LOKI_PASSWORD: 'p' }, 'Bearer k', /^LOKI_API_KEY .*takes precedence/],
  [{ LOKI_API_KEY: 'k', LOKI_USERNAME: 'u' }, 'Bearer k', /^LOKI_API_KEY .*takes precedence/],
  [{ LOKI_API_KEY: 'k', LOKI_ENDPOINT: 'https://u:p@logs.example.com/push' }, 'Bearer k', /^LOKI_API_KEY .*precedence/],
  [{ LOKI_USERNAME: 'u' }, basic('u:'), /^LOKI_PASSWORD .*empty password/],
  [{ LOKI_PASSWORD: 'p' }, basic(':p'), /^LOKI_USERNAME .*empty user name/],
  [{ LOKI_ENDPOINT: 'https://u:p%40@logs.example.com/push' }, basic('u:p@')],
  [{ LOKI_ENDPOINT: 'https://u:p@logs.example.com/push', LOKI_USERNAME: 'v', LOKI_PASSWORD: 'q' }, basic('v:q')],
];

for (const [env, header, problem] of AUTHORIZATION) {
  test(`authorization of ${JSON.stringify(env)}`, () => {
    const { settings, problems } = read(env);
    assert.equal(settings.authorization, header);
    const said = problems.map(({ variable, message }) => `${variable} ${message}`);
    assert.equal(said.length, problem ? 1 : 0, said.join('\n'));
    if (problem) assert.match(said[0], problem);
  });
}

test('a credential with a line break inside is not used, because the header would be refused each time', () => {
  const { settings, problems } = read({ LOKI_API_KEY: 'glc_1\nglc_2', LOKI_USERNAME: 'u', LOKI_PASSWORD: 'p' });
  assert.equal(settings.authorization, basic('u:p'));
  assert.deepEqual(
    problems.map((problem) => problem.variable),
    ['LOKI_API_KEY'],
  );
});

test('no message ever contains a secret', () => {
  const SECRET = 'S3cr3t';
  const envs: Env[] = [
    { LOKI_API_KEY: `${SECRET}\u0000x` },
    { LOKI_PASSWORD: `${SECRET}\r\nx` },
    { LOKI_PASSWORD: SECRET },
    { LOKI_USERNAME: `${SECRET}\tx` },
    { LOKI_ENDPOINT: `ftp://user:${SECRET}@logs.example.com/push` },
    { LOKI_ENDPOINT: `https://user:${SECRET}@logs.example.com:99999/push` },
    { LOKI_ENDPOINT: `https://user:${SECRET}@logs.example.com` },
    { LOKI_ENDPOINT: `https://user:a@${SECRET}@logs.example.com/` },
    { LOKI_ENDPOINT: `user:${SECRET}@logs.example.com` },
    { LOKI_ENDPOINT: '', LOKI_URL: `user:${SECRET}@logs.example.com` },
  ];
  for (const env of envs) {
    const { problems } = read(env);
    assert.ok(problems.length > 0, JSON.stringify(env));
    for (const { message } of problems) assert.ok(!message.includes(SECRET), message);
  }
});

test('many mistakes at once are each told, and none keeps another from its default', () => {
  const env: Env = { LOKI_LABELS: 'nope', LOKI_ENABLE_GZIP: '?', LOKI_TENANT_ID: '/' };
  for (const { variable } of NUMBERS) env[variable] = 'x';
  const { settings, problems } = read(env);
  assertSettings(settings, DEFAULTS);
  assert.deepEqual(problems.map((problem) => problem.variable).sort(), Object.keys(env).sort());
});
