import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakePlatform } from './support/fake-platform';
import { Diagnostics, LOG_LEVELS } from '../../extension/diagnostics';
import { messageOf } from '../../extension/platform/errors';
import { redacted } from '../../extension/redaction';

test('each level shows itself and what is worse', () => {
  for (const [i, level] of LOG_LEVELS.entries()) {
    const platform = new FakePlatform();
    const diagnostics = new Diagnostics(platform, level);
    for (const word of LOG_LEVELS) diagnostics[word](`a ${word}`);
    assert.deepEqual(
      platform.stderrLines,
      LOG_LEVELS.slice(0, i + 1).map((word) => `[lambdawatch] ${word}: a ${word}`),
    );
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
  assert.deepEqual(platform.stderrLines, [
    '[lambdawatch] warn: a 0',
    '[lambdawatch] warn: b',
    '[lambdawatch] warn: a again',
  ]);
});

test('a message is one line, whatever a server put into its answer', () => {
  const platform = new FakePlatform();
  new Diagnostics(platform).error('first \r\n\n  second\rthird');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] error: first second third']);
});

test('anything thrown has a message', () => {
  for (const [thrown, message] of [
    [new Error('x'), 'x'],
    [new TypeError(), 'TypeError'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [{ toString: () => 'odd' }, 'odd'],
  ] as const) {
    assert.equal(messageOf(thrown), message);
  }
});

test('what is to be concealed goes through the redactor, all of it, in every message', () => {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform);
  const secrets = ['first-secret'];
  diagnostics.redactor = redacted;
  diagnostics.conceal(() => secrets);
  diagnostics.conceal(() => ['other-secret']);
  diagnostics.error('first-secret, other-secret');
  secrets[0] = 'rotated';
  diagnostics.error('rotated');
  assert.deepEqual(
    platform.stderrLines.map((line) => line.replace('[lambdawatch] error: ', '')),
    ['***, ***', '***'],
  );
  assert.equal(diagnostics.redact('is other-secret'), 'is ***');
});

test('finding 26: a secret with a line break is masked before messages become one line', () => {
  const platform = new FakePlatform();
  const diagnostics = new Diagnostics(platform);
  diagnostics.redactor = redacted;
  diagnostics.conceal(() => ['first\n  second']);
  diagnostics.error('bad key first\n  second');
  assert.deepEqual(platform.stderrLines, ['[lambdawatch] error: bad key ***']);
});

test('a listener hears warnings and errors, also those from before it was there, redacted', () => {
  const diagnostics = new Diagnostics(new FakePlatform(), 'debug');
  diagnostics.warn('the token is hunter2');
  diagnostics.redactor = redacted;
  diagnostics.conceal(() => ['hunter2']);
  const heard: string[] = [];
  diagnostics.listener = (line) => heard.push(line);
  for (const word of LOG_LEVELS) diagnostics[word](`a ${word}`);
  assert.deepEqual(heard, [
    '[lambdawatch] warn: the token is ***',
    '[lambdawatch] error: a error',
    '[lambdawatch] warn: a warn',
  ]);
});
