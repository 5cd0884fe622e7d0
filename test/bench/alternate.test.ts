import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternate, type Bench, pick } from '../../bench/bench-context';
import type { Figure } from '../../bench/figure';
import type { Subject } from '../../bench/subjects';
import { Lookup } from '../../bench/report/lookup';
import { table } from '../../bench/table';

const KILLED = 'floor, in group burst: Invocation 1: ended by itself, signal: 9\n    its last words';

function bench(...peers: string[]): Bench {
  const subject = (name: string) => ({ name }) as Subject;
  return {
    ours: subject('ours'),
    peers: peers.map(subject),
    floor: subject('floor'),
    progress: () => undefined,
  } as unknown as Bench;
}

test('a subject that fails costs its own figures, and is not run again', async () => {
  const runs: string[] = [];
  const measured = await alternate(
    bench('well', 'ill'),
    { name: 'x', runs: 3, withFloor: true, warmUp: false },
    ({ name }) => {
      runs.push(name);
      if (name === 'floor') return Promise.reject(new Error(KILLED));
      const ill = name === 'ill' && runs.filter((one) => one === 'ill').length === 2;
      return ill ? Promise.reject(new Error('no /next')) : Promise.resolve(runs.length);
    },
  );
  assert.deepEqual(runs, ['ours', 'well', 'ill', 'floor', 'ours', 'well', 'ill', 'ours', 'well']);
  const figure: Figure = { id: 'rate', group: 'burst', name: 'rate', unit: 'lines', ...pick(measured, (one) => one) };
  assert.deepEqual(figure.ours, [1, 5, 8]);
  assert.deepEqual(figure.peers, [[2, 6, 9], []]);

  const [, , row] = table([figure], ['well', 'ill']);
  assert.match(row, /failed: no \/next .*failed: floor, in group burst: Invocation 1: ended by itself, signal: 9$/);
  const peers = [
    { name: 'well', version: '1' },
    { name: 'ill', version: '2' },
  ];
  // As it comes back from a file.
  const figures = JSON.parse(JSON.stringify([figure])) as Figure[];
  const machine = { cpu: '', cores: 2, memoryBytes: 1, kernel: '', architecture: 'x64', load: 0 };
  const lookup = new Lookup({ date: '', command: '', machine, peers, figures });
  const [, well, ill, floor] = lookup.cells('burst', 'rate');
  assert.deepEqual([well, ill], ['6', 'failed: no /next']);
  assert.match(floor, /^failed: floor, in group burst/);
});
