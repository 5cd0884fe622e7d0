import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError, variablesOf } from '../../bench/options';

test("a peer is told Loki's address by the usual variables unless its own is named", () => {
  assert.deepEqual(variablesOf(parseOptions(['--peer', 'x']).peerEnv, 'start'), {
    LOKI_URL: '{endpoint}',
    LOKI_ENDPOINT: '{endpoint}',
  });
  const named = parseOptions(['--peer', 'x', '--peer-env', 'TARGET={endpoint}?a=b']);
  assert.deepEqual(variablesOf(named.peerEnv, 'start'), { TARGET: '{endpoint}?a=b' });
});

test('a variable may belong to one group of figures', () => {
  const { oursEnv } = parseOptions(['--ours-env', 'A=1', '--ours-env', 'burst:A=2']);
  assert.deepEqual(variablesOf(oursEnv, 'burst'), { A: '2' });
  assert.deepEqual(variablesOf(oursEnv, 'memory'), { A: '1' });
});

test('the peer is called by its file name unless it is given another', () => {
  assert.equal(parseOptions(['--peer', '/opt/extensions/other']).peerName, 'other');
  assert.equal(parseOptions(['--peer', '/opt/extensions/other', '--peer-name', 'the Go one']).peerName, 'the Go one');
});

for (const args of [
  ['--runs', '0'],
  ['--runs', 'many'],
  ['--only', 'speed'],
  ['--ours-env', 'novalue'],
  ['--peer-env', 'A=1'],
  ['--what'],
  ['stray'],
  ['--ours-env', 'speed:A=1'],
]) {
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => parseOptions(args), UsageError);
  });
}
