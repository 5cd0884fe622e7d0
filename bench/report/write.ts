import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Results } from '../results';
import { Lookup } from './lookup';
import { between, hasFigures } from './markdown';
import { performanceTables } from './performance';
import { plots } from './plots';
import { readmeFigures } from './readme';

const ROOT = path.join(__dirname, '..', '..');

/**
 * Writes the tables of README.md and docs/performance.md, and the drawings that the latter shows. What the run has not
 * measured stays as it is.
 */
export async function writeReport(results: Results, flames: Readonly<Record<string, string>>): Promise<void> {
  const lookup = new Lookup(results);
  const figures = readmeFigures(lookup);
  if (hasFigures(figures)) await change('README.md', (text) => between(text, 'figures', figures));
  const tables = Object.entries(performanceTables(lookup)).filter(([, table]) => hasFigures(table));
  await change('docs/performance.md', (text) =>
    tables.reduce((page, [name, table]) => between(page, `bench ${name}`, table), text),
  );
  const folder = path.join(ROOT, 'docs', 'performance');
  await fs.mkdir(folder, { recursive: true });
  for (const [name, drawing] of Object.entries({ ...plots(lookup), ...flames })) {
    await fs.writeFile(path.join(folder, name), drawing);
  }
}

async function change(page: string, by: (text: string) => string): Promise<void> {
  const file = path.join(ROOT, page);
  const text = await fs.readFile(file, 'utf8');
  try {
    await fs.writeFile(file, by(text));
  } catch (error) {
    throw new Error(`${page}: ${(error as Error).message}`);
  }
}
