import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcknowledgedRecord, Environment, WrittenLine } from '../../sandbox';
import { account, lossesIn } from './oracle';

const ID = '0f5c6c9e-57a4-4d3a-9d0b-000000000001';

function environment(written: readonly string[], acknowledged: readonly string[] = written): Environment {
  const linesWritten = written.map((text): WrittenLine => ({ source: 'function', text, at: 0 }));
  const record = (type: string, value: unknown): AcknowledgedRecord => ({
    subscriber: 'x',
    type,
    time: '',
    record: value,
    recordJson: JSON.stringify(value),
  });
  const records = [
    record('platform.start', { requestId: ID }),
    ...acknowledged.map((text) => record('function', `${text}\n`)),
  ];
  return { linesWritten, linesAcknowledged: () => records } as unknown as Environment;
}

const stored = (...lines: string[]): Parameters<typeof account>[1] => ({
  stored: lines.map((line, i) => ({ labels: {}, timestamp: String(i), line, metadata: {} })),
  pushes: [],
});

const START = `START RequestId: ${ID} Version: $LATEST`;

test('all is there: nothing is missing, and a number told would be one too many', () => {
  const all = account([environment(['a', 'b', 'c'])], stored(START, 'a', 'b', 'c'), '');
  assert.deepEqual([all.lost, all.missing, all.duplicated, all.disordered, all.reconciled], [0, 0, 0, 0, true]);
  assert.equal(account([environment(['a'])], stored(START, 'a'), 'dropped 9 of the oldest lines').reconciled, false);
});

test('what is not there is lost, and reconciled only when its number is told', () => {
  const lines = ['a', 'b', 'c', 'd', 'e', 'f'];
  const untold = account([environment(lines)], stored(START, 'a'), 'Loki refused lines');
  assert.deepEqual([untold.lost, untold.missing, untold.told, untold.reconciled], [5, 5, 0, false]);
  assert.equal(
    account([environment(lines)], stored('a'), 'Loki refused 4 lines (9 bytes)\nthe environment ends with 2 lines')
      .reconciled,
    true,
  );
});

test('a line that the extension never answered for is not its loss, unless lines count from the start', () => {
  const partly = environment(['a', 'b'], ['a']);
  assert.equal(account([partly], stored(START, 'a'), '').lost, 0);
  assert.equal(account([partly], stored(START, 'a'), '', true).lost, 1);
});

test('lines that are there twice, or before earlier ones', () => {
  assert.equal(account([environment(['a', 'b'])], stored(START, 'a', 'b', 'a'), '').duplicated, 1);
  assert.equal(account([environment(['a', 'b'])], stored(START, 'b', 'a'), '').disordered, 1);
});

test('what Loki stored may be told as lost where its answer got lost on the way, and nowhere else', () => {
  const push = { state: 'answered', receivedAt: 1, settledAt: 2, stored: 4, clientPort: 7 };
  const loki = { ...stored(START, 'a', 'b', 'c'), pushes: [push] } as unknown as Parameters<typeof account>[1];
  const said =
    'the environment ends with 4 lines that Loki did not take; they are lost, but for what Loki has of the 3 whose push was not answered';
  assert.equal(account([environment(['a', 'b', 'c'])], loki, said).reconciled, false);
  const swallowed = ({ clientPort }: { clientPort: number }): boolean => clientPort === 7;
  assert.equal(account([environment(['a', 'b', 'c'])], loki, said, false, swallowed).reconciled, true);
  const sure = 'the environment ends with 4 lines that Loki did not take; they are lost';
  assert.equal(account([environment(['a', 'b', 'c'])], loki, sure, false, swallowed).reconciled, false, 'told as sure');
  const more = said.replace('3 whose', '9 whose').replace('4 lines', '9 lines');
  assert.equal(account([environment(['a', 'b', 'c'])], loki, more, false, swallowed).reconciled, false);
});

test('numbers of lost lines in what is said', () => {
  assert.equal(
    lossesIn(
      'dropped 12 of the oldest lines (1 bytes)\nLoki refused 1 line (2 bytes)\nthe environment ends with 30 lines that Loki did not take',
    ),
    43,
  );
  assert.equal(lossesIn('13 lines could not be delivered yet; they are kept'), 0);
});
