import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError, variablesOf } from '../../bench/options';

test("a peer is told Loki's address by the usual variables unless its own is named", () => {
  assert.deepEqual(variablesOf(parseOptions(['--peer', 'x']).peers[0].env, 'start'), {
    LOKI_URL: '{endpoint}',
    LOKI_ENDPOINT: '{endpoint}',
  });
  const named = parseOptions(['--peer', 'x', '--peer-env', 'TARGET={endpoint}?a=b']);
  assert.deepEqual(variablesOf(named.peers[0].env, 'start'), { TARGET: '{endpoint}?a=b' });
});

test('a variable may belong to one group of figures', () => {
  const { oursEnv } = parseOptions(['--ours-env', 'A=1', '--ours-env', 'burst:A=2']);
  assert.deepEqual(variablesOf(oursEnv, 'burst'), { A: '2' });
  assert.deepEqual(variablesOf(oursEnv, 'memory'), { A: '1' });
});

test('a peer is called by its file name unless it is given another', () => {
  const peerOf = (text: string) => {
    const [{ name, version, path }] = parseOptions(['--peer', text]).peers;
    return { name, version, path };
  };
  const path = '/opt/extensions/other';
  assert.deepEqual(peerOf(path), { name: 'other', version: undefined, path });
  assert.deepEqual(peerOf(`the Go one=${path}`), { name: 'the Go one', version: undefined, path });
  assert.deepEqual(peerOf(`the Go one@0b88020=${path}`), { name: 'the Go one', version: '0b88020', path });
});

test('there may be several peers, each with the variables that follow it', () => {
  const { peers } = parseOptions([
    '--peer',
    'a',
    '--peer-env',
    'A={endpoint}',
    '--peer',
    'b',
    '--peer-env',
    'start:B=1',
  ]);
  assert.deepEqual(
    peers.map(({ env }) => variablesOf(env, 'start')),
    [{ A: '{endpoint}' }, { B: '1', LOKI_URL: '{endpoint}', LOKI_ENDPOINT: '{endpoint}' }],
  );
});

test('--readme needs all groups', () => {
  assert.equal(parseOptions(['--readme']).readme, true);
  assert.throws(() => parseOptions(['--readme', '--only', 'size']), UsageError);
});

for (const args of [
  ['--runs', '0'],
  ['--runs', 'many'],
  ['--only', 'speed'],
  ['--ours-env', 'novalue'],
  ['--peer-env', 'A=1'],
  ['--peer-env', 'A=1', '--peer', 'x'],
  ['--peer', 'name='],
  ['--renew'],
  ['--what'],
  ['stray'],
  ['--ours-env', 'speed:A=1'],
]) {
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => parseOptions(args), UsageError);
  });
}
