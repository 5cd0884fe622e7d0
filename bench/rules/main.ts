import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { attachBundle, bundleFor } from '../../build/bundle';
import { ensureCompiler, ensureHost } from '../../build/host';
import { describe, loadWarning, machine } from '../machine';
import { between, markdown } from '../report/markdown';
import { burstTable } from './burst';
import { CASES, type Outcome } from './cases';

const PAGE = path.join(__dirname, '..', '..', 'docs', 'rules.md');

/**
 * Prints what rules cost: the whole extension in bursts, and rules alone inside the native host, for ordinary lines and
 * for the worst ones: `npx tsx bench/rules/main.ts`. With `--write` docs/rules.md gets the tables.
 */
async function main(): Promise<void> {
  const progress = (text: string): void => console.error(text);
  const facts = machine();
  const when = `${new Date().toISOString().slice(0, 10)}, on ${describe(facts)}. ${loadWarning(facts) ?? ''}`.trim();
  const tables = {
    'rules in bursts': `Medians of one run of ${when}\n\n${await burstTable(progress)}`,
    'rules alone': `The best of repeated turns, ${when}\n\n${await tableInside(progress)}`,
  };
  for (const table of Object.values(tables)) console.log(`${table}\n`);
  if (!process.argv.includes('--write')) return;
  const page = Object.entries(tables).reduce(
    (text, [name, table]) => between(text, name, table),
    readFileSync(PAGE, 'utf8'),
  );
  writeFileSync(PAGE, page);
}

async function tableInside(progress: (text: string) => void): Promise<string> {
  const host = await ensureHost(process.arch === 'arm64' ? 'arm64' : 'x86_64', progress);
  const executable = path.join(mkdtempSync(path.join(tmpdir(), 'lambdawatch-rules-')), 'rules');
  const bundle = await bundleFor(path.join(__dirname, 'inside.ts'));
  await attachBundle(host, await ensureCompiler(progress), bundle, executable);
  const { stderr, status } = spawnSync(executable, { encoding: 'utf8', maxBuffer: 1 << 24, timeout: 600_000 });
  const outcomes = new Map<string, Outcome>();
  for (const line of stderr.split('\n').filter((one) => one.startsWith('{'))) {
    const { name, ...outcome } = JSON.parse(line) as Outcome & { name: string };
    outcomes.set(name, outcome);
  }
  if (status !== 0 || outcomes.size !== CASES.length)
    throw new Error(`the measurement ended with ${status}:\n${stderr}`);
  const rows = [...outcomes].map(([name, { bestMs, firstMs, compileMs }]) => [
    name.replaceAll('|', '\\|'),
    ...[bestMs, firstMs, compileMs].map(time),
  ]);
  return markdown(['rules and line', 'a line', 'the first ones', 'compiling'], rows);
}

function time(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

void main();
