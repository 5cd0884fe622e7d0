import * as fs from 'node:fs/promises';
import { type Figure, verdictOf } from './figure';
import type { Machine } from './machine';

/** All that was measured in a run, and on what. */
export interface Results {
  readonly date: string;
  /** The command line that makes such results. */
  readonly command: string;
  readonly machine: Machine;
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  readonly figures: readonly Figure[];
}

/** Each figure with all samples, what it must be and whether it is. */
export async function writeResults(file: string, results: Results): Promise<void> {
  const figures = results.figures.map((figure) => ({
    ...figure,
    mark: undefined,
    mustBe: figure.mark?.text,
    verdict: verdictOf(figure),
  }));
  await fs.writeFile(file, `${JSON.stringify({ ...results, figures }, undefined, 2)}\n`);
}

/** @throws Error where the file is not one of {@link writeResults} */
export async function readResults(file: string): Promise<Results> {
  const results = JSON.parse(await fs.readFile(file, 'utf8')) as Results & {
    readonly figures: readonly (Figure & { readonly mustBe?: string; readonly verdict?: string })[];
  };
  if (!Array.isArray(results.figures)) throw new Error(`${file} has no figures: it has to be written by --json`);
  // The verdict was given when they were measured.
  const figures = results.figures.map(({ mustBe, verdict, ...figure }) => ({
    ...figure,
    mark:
      mustBe === undefined
        ? undefined
        : { text: mustBe, holds: () => (verdict === 'no peer' ? undefined : verdict === 'ok') },
  }));
  return { ...results, figures };
}
