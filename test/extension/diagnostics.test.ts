import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakePlatform } from './support/fake-platform';
import { Diagnostics, LOG_LEVELS, messageOf } from '../../extension/diagnostics';

test('each level shows itself and what is worse', () => {
  for (const [i, level] of LOG_LEVELS.entries()) {
    const platform = new FakePlatform();
    const diagnostics = new Diagnostics(platform, level);
    for (const word of LOG_LEVELS) diagnostics[word](`a ${word}`);
    assert.deepEqual(platform.stderrLines, LOG_LEVELS.slice(0, i + 1).map((word) => `[lambdawatch] ${word}: a ${word}`));
  }
});

test('the level can be changed', () => {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform);
  diagnostics.info('not shown');
  diagnostics.level = 'info';
  diagnostics.info('shown');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] info: shown']);
});

test('a topic is told once until it is settled', () => {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform);
  for (let i = 0; i < 3; i++) diagnostics.warnOnce('a', `a ${i}`);
  diagnostics.warnOnce('b', 'b');
  diagnostics.settled('a');
  diagnostics.warnOnce('a', 'a again');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] warn: a 0', '[lambdawatch] warn: b', '[lambdawatch] warn: a again']);
});

test('a message is one line, whatever a server put into its answer', () => {
  const platform = new FakePlatform();
  new Diagnostics(platform).error('first \r\n\n  second\rthird');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] error: first second third']);
});

test('anything thrown has a message', () => {
  for (const [thrown, message] of [[new Error('x'), 'x'], [new TypeError(), 'TypeError'], ['text', 'text'], [undefined, 'undefined'], [{ toString: () => 'odd' }, 'odd']] as const) {
    assert.equal(messageOf(thrown), message);
  }
});

test('a secret is masked in all its forms, and where an answer that repeats it was cut', () => {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform);
  diagnostics.conceal(() => ['s3cr"t-value', 'abc']);
  for (const message of ['s3cr"t-value', '{"key":"s3cr\\"t-value"}', '?key=s3cr%22t-value', 'bad key s3cr"t-val…; kept', 'bad key s3cr…', 's3c… is too short', 'abc']) {
    diagnostics.error(message);
  }
  assert.deepEqual(platform.stderrLines.map((line) => line.replace('[lambdawatch] error: ', '')),
    ['***', '{"key":"***"}', '?key=***', 'bad key ***…; kept', 'bad key ***…', 's3c… is too short', 'abc']);
});
