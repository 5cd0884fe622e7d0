import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesFromCatalogue } from '../../../build/settings';
import { CATALOGUE, flagOf } from '../../../extension/config/catalogue';
import { checkEnvironment } from '../../../extension/config/check-environment';
import { amount, range, values } from '../../../extension/config/describe';
import { readOutboundSettings } from '../../../extension/config/outbound-settings';
import { readSettings } from '../../../extension/config/read-settings';
import type { Settings } from '../../../extension/config/settings';
import { ENDPOINT } from '../support/builders';

const ROOT = join(__dirname, '..', '..', '..');
const names = CATALOGUE.flatMap(({ variable, alias }) => (alias === undefined ? [variable] : [variable, alias]));

test('what is written from the catalogue is fresh: run `npx tsx build/settings.ts`', async () => {
  for (const [file, text] of await filesFromCatalogue())
    assert.equal(await readFile(join(ROOT, file), 'utf8'), text, file);
});

test('no variable, field or flag occurs twice', () => {
  for (const list of [
    names,
    CATALOGUE.flatMap(({ field }) => field ?? []),
    CATALOGUE.flatMap((setting) => flagOf(setting) ?? []),
  ]) {
    assert.deepEqual(
      list.filter((name, i) => list.indexOf(name) !== i),
      [],
    );
  }
});

test('each default is the one that the extension uses', () => {
  const { settings } = readSettings({ LOKI_ENDPOINT: ENDPOINT }, (text) => text.length);
  const withField = CATALOGUE.filter(({ field }) => field !== undefined);
  assert.ok(withField.length > 15);
  for (const { field, variable, default: value } of withField) {
    const used = settings[field as keyof Settings];
    assert.equal(used instanceof Set ? [...used].join(',') : used, value, variable);
  }
});

test('the catalogue has each variable that the extension reads as a setting, and no other', async () => {
  const read = new Set<string>();
  const env = new Proxy<Record<string, string>>(
    { LOKI_API_KEY_SECRET: 'x', http_proxy: 'proxy:1' },
    {
      get: (target, name) => (read.add(String(name)), target[String(name)]),
    },
  );
  readSettings(env, (text) => text.length);
  readOutboundSettings(env, undefined);
  // What is AWS's own is read where secrets are fetched.
  const elsewhere = names.filter((name) => name.startsWith('AWS_'));
  const sources = (
    await Promise.all(
      ['index', 'endpoint'].map((name) => readFile(join(ROOT, 'extension/secrets/aws', `${name}.ts`), 'utf8')),
    )
  ).join();
  for (const name of elsewhere)
    assert.match(sources, new RegExp(`\\b${name.replace(/_(SECRETS_MANAGER|SSM)$/, '')}\\b`));
  assert.deepEqual(
    [...read].filter((name) => name !== '').sort(),
    names.filter((name) => !elsewhere.includes(name)).sort(),
  );
});

test('flags follow from variables, and plain secrets have none', () => {
  const flags = Object.fromEntries(CATALOGUE.map((setting) => [setting.variable, flagOf(setting)]));
  assert.equal(flags.LOKI_BATCH_SIZE, '--batch-size');
  assert.equal(flags.LOKI_PASSWORD_SECRET, '--password-secret');
  assert.equal(flags.HTTPS_PROXY, '--https-proxy');
  assert.equal(flags.LOKI_ENABLE_GZIP, '--gzip');
  for (const { kind, variable } of CATALOGUE) if (kind === 'secret') assert.equal(flags[variable], undefined);
});

test('numbers are shown as readers like them', () => {
  assert.deepEqual(
    [
      amount(10_000_000, 'count'),
      amount(65_535, 'port'),
      amount(204_800, 'bytes'),
      amount(64, 'bytes'),
      amount(0, 'bytes'),
    ],
    ['10,000,000', '65535', '200 KiB', '64 bytes', '0'],
  );
  assert.deepEqual(
    [10, 1000, 1500, 60_000, 900_000, 3_600_000].map((ms) => amount(ms, 'ms')),
    ['10 ms', '1 s', '1500 ms', '1 minute', '15 minutes', '1 hour'],
  );
  const setting = (variable: string): (typeof CATALOGUE)[number] => CATALOGUE.find((one) => one.variable === variable)!;
  assert.equal(range(setting('LOKI_MAX_BATCH_SIZE_BYTES')), '1 KiB to 50 MiB');
  assert.equal(range(setting('LOKI_LABELS')), undefined);
  assert.equal(values(setting('LOKI_FLUSH_TIMEOUT_MS')), 'milliseconds, 50 ms to 15 minutes');
  assert.equal(values(setting('LOKI_LOG_LEVEL')), '`error`, `warn`, `info` or `debug`');
});

test('an environment is checked as a whole, the variables about the way to Loki included', () => {
  const env = {
    LOKI_ENDPOINT: ENDPOINT,
    LOKI_SERVICE_NAME: 'ä'.repeat(1025),
    HTTPS_PROXY: 'https://proxy:1',
    LOKI_CA_CERT: 'x',
  };
  assert.deepEqual(
    checkEnvironment(env).map(({ variable }) => variable),
    ['LOKI_SERVICE_NAME', 'LOKI_CA_CERT', 'HTTPS_PROXY'],
  );
  assert.deepEqual(checkEnvironment({ LOKI_ENDPOINT: ENDPOINT, LOKI_SERVICE_NAME: 'ä'.repeat(1024) }), []);
  assert.deepEqual(
    checkEnvironment({ LOKI_SERVICE_NAME: '😀'.repeat(512) }).map(({ variable, fatal }) => [variable, fatal]),
    [['LOKI_ENDPOINT', true]],
  );
});
