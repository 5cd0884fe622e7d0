import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { cacheDir } from '../../build/cache';
import { ensureLayer } from '../../build/layer';
import { alternate, type Bench, pick, prepare } from '../bench-context';
import { grouped } from '../figure';
import { nativeArchitecture } from '../figures/size';
import { Harness } from '../harness';
import { KIND_NAMES, LINE_KINDS, type LineKind } from '../log-lines';
import { markdown } from '../report/markdown';
import { median } from '../statistics';
import { Subject } from '../subjects';
import { TEN } from './cases';

/** Lines of a kind in a burst. */
const LINES: Readonly<Record<LineKind, number>> = { plain: 100_000, short: 50_000, json: 20_000, long: 200 };

const RUNS = 5;

/** The columns: what it is, and the settings. The second one is what ratios are to. */
const COLUMNS: readonly (readonly [name: string, env: Readonly<Record<string, string>>])[] = [
  ['no rule, no metadata', { LOKI_METADATA_DEFAULT: 'false' }],
  ['no rule', {}],
  ['1 rule', { LOKI_RULES: JSON.stringify(TEN.slice(0, 1)) }],
  ['10 rules', { LOKI_RULES: JSON.stringify(TEN) }],
];
const BASE = 1;

/** Lines per CPU-second of the whole extension in bursts, paired: a table in Markdown. */
export async function burstTable(progress: (line: string) => void): Promise<string> {
  const folder = await fs.mkdtemp(path.join(cacheDir(), '.bench-rules-'));
  try {
    const harness = await Harness.ensure(progress);
    const { executable } = await ensureLayer(nativeArchitecture(), { progress });
    const subjects = await Promise.all(
      COLUMNS.map(([name, env], i) => {
        const all = { LOKI_ENDPOINT: '{endpoint}', ...env };
        const variables = Object.entries(all).map(([variable, value]) => ({ name: variable, value }));
        return Subject.create(name, executable, variables, path.join(folder, String(i)));
      }),
    );
    const [ours, ...peers] = subjects;
    const bench: Bench = { harness, ours, peers, floor: ours, runs: RUNS, folder, progress };
    const rows: string[][] = [];
    for (const kind of LINE_KINDS) rows.push(await row(bench, kind));
    return markdown(['lines per CPU-second', ...COLUMNS.map(([name]) => name)], rows);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

async function row(bench: Bench, kind: LineKind): Promise<string[]> {
  const lines = LINES[kind];
  const { run } = await prepare(bench, 'burst', { invocations: 1, lines, kind }, { limitMs: 180_000 });
  const turns = { name: `${grouped(lines)} lines of ${KIND_NAMES[kind]}`, runs: bench.runs };
  const measured = await alternate(bench, turns, (subject) => run(subject));
  const late = [measured.ours, ...measured.peers].flat().find((one) => one.late > 0);
  if (late !== undefined) throw new Error(`${late.late} lines of ${KIND_NAMES[kind]} were not in Loki in time`);
  const rates = pick(measured, (one) => one.linesInTime / (one.invocations[0].cpuNs / 1e9));
  const medians = [rates.ours, ...rates.peers].map(median);
  const cells = medians.map((rate, i) => {
    const ratio = i === BASE ? '' : ` (${(rate / medians[BASE]).toFixed(2)} ×)`;
    return grouped(Number(rate.toPrecision(4))) + ratio;
  });
  return [KIND_NAMES[kind], ...cells];
}
