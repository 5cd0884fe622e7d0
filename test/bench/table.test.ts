import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeastOfPeer, atMost, atMostOfPeer, type Figure, format, verdictOf } from '../../bench/figure';
import { spread, table } from '../../bench/table';

test("a mark against the peer can't be told without one", () => {
  const figure: Figure = { id: 'x', group: 'start', name: 'start', unit: 'ms', ours: [1], mark: atMostOfPeer(0.5) };
  assert.equal(verdictOf(figure), 'no peer');
  assert.equal(verdictOf({ ...figure, peers: [[2]] }), 'ok');
  assert.equal(verdictOf({ ...figure, peers: [[1.9]] }), 'not');
  assert.equal(verdictOf({ ...figure, peers: [[0.5]], mark: atLeastOfPeer(2) }), 'ok');
});

test('the verdict goes by the median', () => {
  assert.equal(verdictOf({ ours: [1, 2, 900], mark: atMost(3, 'ms') }), 'ok');
  assert.equal(verdictOf({ ours: [1, 4, 900], mark: atMost(3, 'ms') }), 'not');
});

test('a number that looks good is not ok where the work was not done', () => {
  const figure: Figure = {
    id: 'x',
    group: 'start',
    name: 'held',
    unit: 'ms',
    ours: [0.7],
    mark: atMost(23, 'ms'),
    spoiled: 'lines were not in Loki',
  };
  assert.equal(verdictOf(figure), 'not');
  assert.match(table([figure], []).join('\n'), /held: lines were not in Loki/);
});

test('what was skipped has neither number nor verdict, but its reason', () => {
  const lines = table(
    [{ id: 'x', group: 'start', name: 'cold', unit: 'ms', ours: [], mark: atMost(3, 'ms'), note: 'skipped: no disk' }],
    [],
  );
  assert.match(lines[2], /^cold +– +≤ 3\.00 ms$/);
  assert.match(lines[lines.length - 1], /skipped: no disk/);
});

test('what could not be measured of ours misses what it must be', () => {
  const figure: Figure = { id: 'x', group: 'start', name: 'start', unit: 'ms', ours: [], failed: { ours: 'killed' } };
  assert.equal(verdictOf(figure), 'not');
  assert.match(table([figure], [])[2], /^start +failed: killed +not$/);
});

test('numbers carry their unit, and a range only where there is one', () => {
  assert.equal(format(3_027_220, 'bytes'), '3.03 MB');
  assert.equal(format(123_456, 'lines'), '123 456');
  assert.equal(spread([2, 1, 3], 'ms'), '2.00 ms (1.00 ms – 3.00 ms)');
  assert.equal(spread([2, 2], 'ms'), '2.00 ms');
});

test("the peer's columns are there only with a peer", () => {
  const figure: Figure = { id: 'x', group: 'start', name: 'start', unit: 'ms', ours: [1], peers: [[4]] };
  assert.match(table([figure], ['other'])[0], /other +ratio/);
  assert.match(table([figure], ['other'])[2], /0\.25 ×/);
  assert.doesNotMatch(table([{ ...figure, peers: undefined }], [])[0], /ratio/);
});
