import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { extensionUnderTest } from '../support/extension';
import { TEST_FLAGS } from '../support/test-flags';
import { busyMinute } from './busy-minute';
import { soak, type SoakResult } from './soak';

const HELP = `Runs the built layer through faults and prints what became of every line.

  npm run test:faults                       each fault once
  npm run test:faults -- --long             then a busy minute with an outage, and the soak: random sequences
                                            of invocations, freezes, faults and crashes
  npm run test:faults -- --readme           and puts the table into README.md

  --seeds N         soak: how many sequences (default 20)
  --invocations N   soak: invocations in each (default 1000)
  --seed S          soak: only the sequence of this seed, to repeat one
  --help
`;

const ROOT = join(__dirname, '..', '..');
const MARKS = ['<!-- faults: begin -->', '<!-- faults: end -->'] as const;

/** Sequences at a time: most of their time is waiting. */
const CONCURRENCY = 6;

/** How far the resident memory may grow from the first to the last quarter of the whole soak. */
const MOST_GROWTH = 1.1;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      long: { type: 'boolean' }, readme: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
      seeds: { type: 'string', default: '20' }, invocations: { type: 'string', default: '1000' }, seed: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  await extensionUnderTest();
  if (values.seed === undefined) {
    const code = await eachOnce();
    if (code !== 0) return code;
    if (values.readme) writeTable();
    if (!values.long) return 0;
    await busyMinute();
  }
  const first = values.seed === undefined ? Date.now() % 1_000_000 : whole('--seed', values.seed, 2 ** 31);
  const count = values.seed === undefined ? whole('--seeds', values.seeds, 1000) : 1;
  return soakAll(Array.from({ length: count }, (_, i) => first + i), whole('--invocations', values.invocations, 1_000_000));
}

function eachOnce(): Promise<number> {
  const tests = spawn(process.execPath, ['--import', 'tsx', ...TEST_FLAGS, '--test-reporter=spec', 'test/faults/faults.test.ts'], { cwd: ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    tests.on('error', reject);
    tests.on('exit', (code) => resolve(code ?? 1));
  });
}

async function soakAll(seeds: readonly number[], invocations: number): Promise<number> {
  const started = Date.now();
  const results: SoakResult[] = [];
  const left = [...seeds];
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const result = await soak(seed, invocations, () => undefined);
      results.push(result);
      const { lines, lost, duplicated, failure, firstQuarterBytes, lastQuarterBytes } = result;
      console.log(`seed ${seed}: ${result.invocations} invocations, ${lines} lines, ${lost} lost, ${duplicated} duplicated, `
        + `resident ${(firstQuarterBytes / 2 ** 20).toFixed(2)} -> ${(lastQuarterBytes / 2 ** 20).toFixed(2)} MiB, ${Math.round((Date.now() - started) / 1000)} s`);
      if (failure) console.error(`seed ${seed} failed: ${failure}\nIts last events:\n${result.story.slice(-12).join('\n')}\nTo repeat: npm run test:faults -- --seed ${seed} --invocations ${invocations}`);
    }
  }));
  const sum = (of: (result: SoakResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  const growth = sum(({ lastQuarterBytes }) => lastQuarterBytes) / sum(({ firstQuarterBytes }) => firstQuarterBytes);
  const failed = results.filter(({ failure }) => failure).length;
  console.log(`${seeds.length} seeds, ${sum((one) => one.invocations)} invocations, ${sum(({ lines }) => lines)} lines: ${sum(({ lost }) => lost)} lost, `
    + `${sum(({ duplicated }) => duplicated)} duplicated, ${failed} sequences failed; resident memory of the last quarter ${(growth * 100).toFixed(1)} % of the first`);
  return failed === 0 && growth <= MOST_GROWTH ? 0 : 1;
}

function writeTable(): void {
  const readme = join(ROOT, 'README.md');
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = MARKS.map((mark) => text.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error(`README.md has no lines ${MARKS.join(' and ')} to put the table between`);
  const table = readFileSync(join(ROOT, 'dist', 'faults.md'), 'utf8');
  writeFileSync(readme, `${text.slice(0, begin + MARKS[0].length)}\n${table}${text.slice(end)}`);
}

function whole(option: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  throw new Error(`${option} ${JSON.stringify(text)} is not a whole number from 1 to ${max}`);
}

main().then((code) => process.exit(code), (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
