import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Figure } from '../../bench/figure';
import { bars } from '../../bench/report/bars';
import { flame } from '../../bench/report/flame';
import { Lookup } from '../../bench/report/lookup';
import { between, markdown, hasFigures } from '../../bench/report/markdown';
import { performanceTables } from '../../bench/report/performance';
import { difference, readProfile } from '../../bench/report/profile';
import { readmeFigures } from '../../bench/report/readme';
import type { Results } from '../../bench/results';

const FIGURES: readonly Figure[] = [
  { id: 'cpu 10', group: 'invocations', name: 'CPU', unit: 'ms', ours: [1, 3, 2], peers: [[8]], floor: [0.5] },
  { id: 'wall 10', group: 'invocations', name: 'wall', unit: 'ms', ours: [4], peers: [[16]] },
];

const RESULTS: Results = {
  date: '2026-01-02',
  command: 'npm run bench -- --readme',
  machine: { cpu: 'CPU', cores: 2, memoryBytes: 2 ** 30, kernel: 'Linux 6', architecture: 'x64', load: 0.1 },
  peers: [{ name: 'Other', version: '1.2' }],
  figures: FIGURES,
};

test('what stands between the markers is replaced, and nothing else', () => {
  const page = 'a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n';
  assert.equal(between(page, 'x', 'new\n'), 'a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n');
  assert.throws(() => between(page, 'y', 'new'), /<!-- y: begin -->/);
});

test('a row has ours, each peer with its version, and the floor; what was not measured is a dash', () => {
  const table = readmeFigures(new Lookup(RESULTS));
  assert.match(table, /\| figure \| LambdaWatch \| Other 1\.2 \| floor \|/);
  assert.match(table, /\| CPU time of an invocation of 10 lines \| 2\.00 ms \| 8\.00 ms \| 0\.50 ms \|/);
  assert.match(table, /\| layer zip \| – \| – \| – \|/);
  assert.match(table, /2026-01-02, written by `npm run bench -- --readme` on 2 × CPU/);
  assert.match(performanceTables(new Lookup(RESULTS)).limits, /\| CPU time of an invocation of 10 lines .* 4\.0 × \|/);
});

test('README and docs/performance.md have a place for every table', () => {
  const page = (name: string) => readFileSync(join(__dirname, '..', '..', name), 'utf8');
  between(page('README.md'), 'figures', '');
  for (const name of Object.keys(performanceTables(new Lookup(RESULTS)))) {
    between(page('docs/performance.md'), `bench ${name}`, '');
  }
});

test('a bar is as long as its value, and has it as text', () => {
  const drawing = bars({
    title: 'a < b',
    unit: 'ms',
    categories: ['one'],
    series: [
      { name: 'ours', values: [1] },
      { name: 'peer', values: [4] },
      { name: 'none', values: [NaN] },
    ],
  });
  const widths = [...drawing.matchAll(/<rect x="150".* width="([\d.]+)"/g)].map(([, width]) => Number(width));
  assert.deepEqual([widths[0] * 4, widths[2]], [widths[1], 0]);
  assert.match(drawing, />1\.00 ms<(.|\n)*>4\.00 ms<(.|\n)*>–</);
  assert.match(drawing, /a &lt; b/);
});

const PROFILE = `events: Ir
fn=(1) main
0 10
cfn=(2) work::h0123456789abcdef
calls=2 0
0 70
cfn=(3) <Text as Show>::show
calls=1 0
0 20
fn=(2)
+3 40
cfn=(3)
calls=1 0
* 30
fn=(3)
0 50
summary: 100
`;

test('callgrind is read: names by their numbers, own instructions and those of calls', () => {
  const { self, calls } = readProfile(PROFILE);
  assert.deepEqual(Object.fromEntries(self), { main: 10, work: 40, '<Text as Show>::show': 50 });
  assert.deepEqual(Object.fromEntries(calls.get('main')!), { work: 70, '<Text as Show>::show': 20 });
  const more = difference(readProfile(PROFILE.replace('0 50', '0 80')), readProfile(PROFILE));
  assert.deepEqual(Object.fromEntries(more.self), { main: 0, work: 0, '<Text as Show>::show': 30 });
});

test('a frame is as wide as what it costs with all that it calls', () => {
  const drawing = flame('a burst', readProfile(PROFILE));
  const shares = [...drawing.matchAll(/<title>([^<]+): ([\d.]+) %/g)].map(([, name, share]) => `${name} ${share}`);
  assert.deepEqual(shares, [
    'main 100.0',
    'work 70.0',
    '&lt;Text as Show&gt;::show 30.0',
    '&lt;Text as Show&gt;::show 20.0',
  ]);
});

test('a table without any figure is told from one that has some', () => {
  assert.equal(hasFigures(markdown(['of 10', 'ours'], [['p99', '–']])), false);
  assert.equal(
    hasFigures(
      markdown(
        ['of 10', 'ours', 'floor'],
        [
          ['p99', '–', '–'],
          ['p50', '–', '3.1 ms'],
        ],
      ),
    ),
    true,
  );
  assert.equal(hasFigures('Medians of one run.'), true);
});

test('a table of Markdown', () => {
  assert.equal(markdown(['a', 'b'], [['1', '2']]), '| a | b |\n| --- | ---: |\n| 1 | 2 |');
});
