import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONDITIONS, NEAR } from './conditions';
import type { Fault } from './fault';
import type { Row } from './play';
import { strategyTables } from './strategy-table';
import type { Figures } from './trial';

const FAR = CONDITIONS[2];

function row(figures: Partial<Figures>, more: Partial<Row> & { readonly fault?: Fault } = {}): Row {
  const fault: Fault = { name: 'a fault', story: '', run: () => Promise.resolve() };
  const all = { written: 10, lost: 0, duplicated: 0, told: 0, missing: 0, heldMs: [1, 2, 9], ...figures } as Figures;
  return { fault, condition: NEAR, failures: [], seconds: 1, doubtful: false, ...more, figures: all };
}

test('a row for each strategy and distance: what was lost, shown twice, told in vain, and held', () => {
  const heldToDeadline = { ...row({}).fault, heldToDeadline: true };
  const table = strategyTables([
    { strategy: 'end', rows: [row({}), row({ lost: 3, missing: 4, told: 4 }, { unavoidable: 'the bound' })] },
    {
      strategy: 'next',
      rows: [
        row({ lost: 1, duplicated: 2, told: 7, missing: 2 }, { failures: ['no'] }),
        row({ heldMs: [9999] }, { fault: heldToDeadline }),
        row({}, { condition: FAR }),
      ],
    },
  ]);
  assert.deepEqual(table.split('\n').slice(2), [
    '| `end` | 0.04 s | 2 | 0 | 20 | 0 | 3 | 0 | 0 | 2 / 9 |',
    '| `next` | 0.04 s | 2 | 1 | 20 | 1 | 0 | 2 | 5 | 2 / 9 |',
    '| `next` | 0.9 s | 1 | 0 | 10 | 0 | 0 | 0 | 0 | 2 / 9 |',
  ]);
});

test("what is due to a strategy's nature is named with its reason", () => {
  const rows = [row({ lost: 5 }, { unavoidable: 'SHUTDOWN is short', byNature: 'SHUTDOWN is short' })];
  assert.match(
    strategyTables([{ strategy: 'next', rows }]),
    /\| `next` \| a fault \| 0\.04 s \| 5 \| SHUTDOWN is short \|$/,
  );
});
