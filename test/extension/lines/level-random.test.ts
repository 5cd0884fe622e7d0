import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEVEL_FIELDS, levelOf } from '../../../extension/lines/level';
import { traceIdInText } from '../../../extension/lines/trace-id';
import { fieldReader } from '../../../extension/platform/node/json-fields';
import { randomFrom } from '../support/builders';
import { FORMATS } from './formats';

// Random lines around those of real loggers. A failure names the seed; LEVEL_SEED runs it again.

const seed = Number(process.env.LEVEL_SEED ?? Date.now() % 1_000_000_000);
const random = randomFrom(seed);
const pick = <T>(of: readonly T[]): T => of[random(of.length)];
const read = fieldReader(LEVEL_FIELDS);
const of = (line: string) => levelOf(line, read);

const WORDS = [
  ...[
    'ERROR',
    'WARN',
    'INFO',
    'DEBUG',
    'FATAL',
    'error',
    'Error',
    'warning',
    'info',
    'fail',
    'crit',
    'I',
    'E,',
    'TRACE:',
  ],
  ...['order', 'the', 'größe', '🙂', '17', '2026-01-02', '03:04:05,006', '8f507cfc-1111-4222-8333-0123456789ab', 'UTC'],
  ...[
    'level=error',
    'lvl=debug',
    'a=b',
    '[main]',
    '[ERROR]',
    '(8)',
    '<x>',
    'app.ERROR:',
    '{"level":"error"}',
    '"x"',
    '-',
  ],
];
const GAPS = [' ', ' ', '\t', ' - ', ' | ', '  ', '|', '\n', ': ', '\u001b[31m', ''];

function words(most: number): string {
  let text = '';
  for (let i = random(most); i >= 0; i--) text += pick(WORDS) + pick(GAPS);
  return text;
}

test('what follows the level in a line has no say in it', () => {
  const stated = FORMATS.flatMap(({ lines }) => lines).filter(
    ([line, level]) => level !== undefined && line[0] !== '{',
  );
  assert.equal(stated.length > 100, true);
  for (const [line, level] of stated)
    for (let i = 0; i < 20; i++) {
      const longer = `${line} ${words(20)}`;
      assert.equal(of(longer), level, `LEVEL_SEED=${seed}: ${JSON.stringify(longer)}`);
    }
});

test('a sentence states no level, whatever words are in it', () => {
  const first = [
    'The',
    'an',
    'order',
    'größe',
    '"',
    '»',
    'processing',
    'Starting',
    '5x',
    '_',
    '*',
    '#',
    'http://x',
    '17',
  ];
  const sentence = [
    'ERROR',
    'error',
    'WARN',
    'Fatal',
    'INFO',
    'debug',
    'level',
    'is',
    'at',
    'of',
    'order',
    'Error:',
    '17',
  ];
  for (let i = 0; i < 20_000; i++) {
    const line = [pick(first), ...Array.from({ length: 1 + random(8) }, () => pick(sentence))].join(' ');
    assert.equal(of(line), undefined, `LEVEL_SEED=${seed}: ${JSON.stringify(line)}`);
  }
});

test('random lines are looked at without harm, and no further than their head', () => {
  for (let i = 0; i < 20_000; i++) {
    const line = words(12);
    const level = of(line);
    assert.equal(level === undefined || /trace|debug|info|warn|err|fatal|crit|fail|\b[IE]\b/i.test(line), true, line);
    assert.equal(of(line), level);
    traceIdInText(line);
    if (line[0] === '{') continue;
    const long = line.padEnd(256, ' x');
    assert.equal(of(long + words(5)), of(`${long}y`), `LEVEL_SEED=${seed}: ${JSON.stringify(long)}`);
  }
});
