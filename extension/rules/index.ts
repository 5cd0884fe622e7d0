import { readRules } from '../config/rules/read-rules';
import type { Settings } from '../config/settings';
import type { Diagnostics } from '../diagnostics';
import { levelOf, LEVEL_FIELDS } from '../lines/level';
import type { Platform } from '../platform/types';
import { RuleEngine } from './engine';
import { LineRules } from './line-rules';
import { Tally } from './tally';

/** Waiting lines may take this share of the memory for lines, and no more than this. */
const PART = 4;
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Makes the part that decides which lines leave the function. It is loaded only where a setting needs it, because it
 * includes the parser of patterns.
 * @param concurrent whether invocations run side by side.
 */
export function createLineRules(
  platform: Platform,
  diagnostics: Diagnostics,
  settings: Pick<Settings, 'rules' | 'minLevel' | 'keepOnError' | 'bufferBytes'>,
  concurrent: boolean,
): LineRules {
  const { rules, problems } = settings.rules === undefined ? { rules: [], problems: [] } : readRules(settings.rules);
  for (const problem of problems) diagnostics.warn(`LOKI_RULES: ${problem}`);
  const delays = settings.minLevel !== 'trace' || rules.some(({ type }) => type === 'sample');
  if (settings.keepOnError && !delays) {
    diagnostics.warn(
      'LOKI_KEEP_ON_ERROR: has no effect, as neither LOKI_MIN_LEVEL nor a rule of type sample takes lines away',
    );
  }
  const tally = new Tally();
  const readFields = platform.fieldReader(LEVEL_FIELDS);
  return new LineRules({
    diagnostics,
    tally,
    engine: rules.length === 0 ? undefined : new RuleEngine(platform, rules, tally),
    masks: rules.some(({ type }) => type === 'mask_sequences' || type === 'withhold'),
    minLevel: settings.minLevel,
    levelOf: (line) => levelOf(line, readFields),
    waitingBytes: settings.keepOnError && delays ? Math.min(settings.bufferBytes / PART, MOST_WAITING_BYTES) : 0,
    concurrent,
    utf8Length: (text) => platform.utf8Length(text),
  });
}
