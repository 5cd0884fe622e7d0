import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { endings } from './endings';
import type { Fault } from './fault';
import { freezes } from './freezes';
import { modes } from './modes';
import { outages } from './outages';
import { refusals } from './refusals';
import { markdown, type Row } from './table';
import { timing } from './timing';
import { Trial } from './trial';

const ALL: readonly Fault[] = [...outages, ...refusals, ...timing, ...freezes, ...endings, ...modes];

/** Trials at a time: most of their time is waiting. */
const CONCURRENCY = 3;

describe('faults', { concurrency: CONCURRENCY }, () => {
  const rows = new Map<Fault, Row>();

  for (const fault of ALL) {
    it(`${fault.name}: ${fault.story}`, { timeout: 120_000 }, async () => {
      const trial = await Trial.start(fault.loki);
      try {
        await fault.run(trial);
        const figures = trial.figures();
        rows.set(fault, { fault, figures });
        assert.equal(figures.duplicated, 0, 'lines that Loki shows twice');
        if (!fault.unavoidable) assert.equal(figures.lost, 0, `lines lost of ${figures.acknowledged}; the extension said:\n${trial.said}`);
        assert.equal(figures.disordered, 0, 'lines out of order');
        assert.equal(trial.loki.silentlyLost, 0);
      } finally {
        await trial.stop();
      }
    });
  }

  after(() => {
    const table = markdown(ALL.flatMap((fault) => rows.get(fault) ?? []));
    const folder = join(__dirname, '..', '..', 'dist');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'faults.md'), `${table}\n`);
    console.log(table);
  });
});
