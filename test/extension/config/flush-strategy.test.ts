import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../../extension/config/read-settings';
import { ENDPOINT } from '../support/builders';

const read = (value?: string) =>
  readSettings({ LOKI_ENDPOINT: ENDPOINT, ...(value === undefined ? {} : { LOKI_FLUSH_STRATEGY: value }) }, (text) =>
    Buffer.byteLength(text),
  );

test('each strategy by its name, in any case; end where none is named', () => {
  assert.deepEqual(read().settings.flushStrategy, { kind: 'end' });
  assert.deepEqual(read(' ').settings.flushStrategy, { kind: 'end' });
  for (const kind of ['end', 'handoff', 'next', 'adaptive']) {
    const { settings, problems } = read(kind.toUpperCase());
    assert.deepEqual([settings.flushStrategy, problems], [{ kind }, []]);
  }
});

test('periodically with its milliseconds, as Datadog writes it', () => {
  for (const [value, everyMs] of [
    ['periodically,60000', 60_000],
    ['Periodically, 100', 100],
    ['periodically,900000', 900_000],
  ] as const) {
    const { settings, problems } = read(value);
    assert.deepEqual([settings.flushStrategy, problems], [{ kind: 'periodically', everyMs }, []]);
  }
});

test('what is none of them is end, and one problem that says what there is', () => {
  for (const value of [
    'later',
    'periodically',
    'periodically,',
    'periodically,99',
    'periodically,900001',
    'periodically,1e3',
    'periodically,-100',
    'periodically,100,200',
    'end,100',
    'continuously,5000',
    ',',
  ]) {
    const { settings, problems } = read(value);
    assert.deepEqual(settings.flushStrategy, { kind: 'end' }, value);
    assert.equal(problems.length, 1, value);
    assert.equal(problems[0].variable, 'LOKI_FLUSH_STRATEGY');
    assert.ok(problems[0].message.includes(JSON.stringify(value)), problems[0].message);
    assert.match(problems[0].message, /end, handoff, next, adaptive and periodically,<ms> with 100 to 900000/);
  }
});
