import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { attachBundle, bundleFor } from '../../build/bundle';
import { ensureCompiler, ensureHost } from '../../build/host';
import { CASES, type Outcome } from './cases';

/**
 * Prints what rules cost inside the native host, for ordinary lines and for the worst ones: `npx tsx
 * bench/rules/main.ts`.
 */
async function main(): Promise<void> {
  const progress = (text: string): void => console.error(text);
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
  console.log('| rules and line | a line | the first ones | compiling |\n|---|---|---|---|');
  for (const [name, { bestMs, firstMs, compileMs }] of outcomes) {
    console.log(`| ${name.replaceAll('|', '\\|')} | ${time(bestMs)} | ${time(firstMs)} | ${time(compileMs)} |`);
  }
}

function time(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

void main();
