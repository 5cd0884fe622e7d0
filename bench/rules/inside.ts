import { readRules } from '../../extension/config/rules/read-rules';
import { createNativePlatform } from '../../extension/platform/native';
import type { Platform } from '../../extension/platform/types';
import { RuleEngine } from '../../extension/rules/engine';
import { Tally } from '../../extension/rules/tally';
import { CASES, type Case, type Outcome } from './cases';

/** Runs inside the native host: one line of JSON on stderr for each case, then the end. */

/** A case is repeated for so long, and the best of its turns counts, as other programs only make them longer. */
const TURNS_MS = 400;

function measure(platform: Platform, { rules, line }: Case): Outcome {
  const read = readRules(JSON.stringify(rules));
  if (read.problems.length > 0) throw new Error(read.problems.join('; '));
  const before = platform.monotonic();
  const engine = new RuleEngine(platform, read.rules, new Tally());
  const compileMs = platform.monotonic() - before;
  // What is to be found is there from the start; the first turn makes the states of the automaton.
  const lines = Array.from({ length: line.length > 10_000 ? 1 : 200 }, (_, i) => line.replace('%', String(i)));
  const turn = (): number => {
    const start = platform.monotonic();
    for (const one of lines) apply(engine, one);
    return (platform.monotonic() - start) / lines.length;
  };
  const first = turn();
  let best = first;
  for (const end = platform.monotonic() + TURNS_MS; platform.monotonic() < end; ) best = Math.min(best, turn());
  return { compileMs, firstMs: first, bestMs: best };
}

/** A line that is too large for the patterns is refused before anything is done. */
function apply(engine: RuleEngine, line: string): void {
  try {
    engine.apply(line, 'function', 'id');
  } catch {
    // That, too, is measured.
  }
}

const platform = createNativePlatform();
for (const one of CASES) platform.stderr(JSON.stringify({ name: one.name, ...measure(platform, one) }));
platform.exit(0);
