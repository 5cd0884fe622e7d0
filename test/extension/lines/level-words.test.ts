import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOfValue } from '../../../extension/lines/level-words';

test('a level in a field is a word in any case, a number of pino, or a word with an offset as slog has it', () => {
  for (const [value, level] of [
    ['info', 'info'],
    ['INFO', 'info'],
    ['Informational', 'info'],
    ['informational+2', 'info'],
    ['informational+22', 'info'],
    ['informational+222', undefined],
    ['INFO+2', 'info'],
    ['INFO-2', 'info'],
    ['DEBUG-4', 'trace'],
    ['DEBUG+4', 'debug'],
    ['dpanic', 'fatal'],
    ['10', 'trace'],
    ['19', 'trace'],
    ['20', 'debug'],
    ['30', 'info'],
    ['35', 'info'],
    ['40', 'warn'],
    ['50', 'error'],
    ['60', 'fatal'],
    ['69', 'fatal'],
    ['09', undefined],
    ['70', undefined],
    ['99', undefined],
    ['9', undefined],
    ['100', undefined],
    ['', undefined],
    ['gold', undefined],
    ['info ', undefined],
    ['info+', undefined],
    ['information is power', undefined],
  ] as const) {
    for (let round = 0; round < 2; round++) assert.equal(levelOfValue(value), level, value);
  }
});
