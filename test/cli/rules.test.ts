import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkSettings, settingsFromFile } from '../../cli/settings/settings';

const MASK = { type: 'mask_sequences', name: 'card', pattern: '\\d{12}(\\d{4})', replace_placeholder: '…$1' };

describe('rules on the command line', () => {
  it('may be JSON in a file of settings, as they are', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lambdawatch-rules-')), 'settings.json');
    writeFileSync(file, JSON.stringify({ rules: [MASK], 'min-level': 'info', 'keep-on-error': true }));
    const given = settingsFromFile(file);
    assert.deepEqual(given, {
      LOKI_RULES: JSON.stringify([MASK]),
      LOKI_MIN_LEVEL: 'info',
      LOKI_KEEP_ON_ERROR: 'true',
    });
    checkSettings(given);
  });

  for (const [what, rules, words] of [
    [
      'a mask that can not be compiled',
      [{ ...MASK, pattern: '(\\d' }],
      /--rules: rule 1 \("card"\) has the pattern .* \\\($/,
    ],
    ['a mask that needs backtracking', [{ ...MASK, pattern: '\\d(?!x)' }], /lookahead.*linear time$/],
    ['an unknown type', [{ ...MASK, type: 'mask' }], /has the type "mask"; it is one of exclude_at_match, .*sample$/],
    ['what is no list', { rules: [MASK] }, /--rules: is not a JSON array of rules$/],
  ] as const) {
    it(`are refused before anything is changed: ${what}`, () => {
      assert.throws(() => checkSettings({ LOKI_RULES: JSON.stringify(rules) }), words);
    });
  }
});
