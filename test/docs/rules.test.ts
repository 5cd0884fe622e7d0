import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRules } from '../../extension/config/rules/read-rules';
import { compilePatterns } from '../../extension/platform/node/patterns';
import { RuleEngine } from '../../extension/rules/engine';
import { Tally } from '../../extension/rules/tally';
import { blocksIn } from './pages';

const recipes = blocksIn('json')
  .filter(({ page }) => page === 'docs/rules.md')
  .map(({ text }) => text);

/** A line, and what the recipe that has this name in it makes of it; `undefined` where it is dropped. */
const LINES: readonly (readonly [string, string, string | undefined])[] = [
  ['health', 'GET /health 200', undefined],
  ['health', 'GET /healing 200', 'GET /healing 200'],
  ['trouble', 'request timeout', 'request timeout'],
  ['trouble', 'all is well', undefined],
  ['card', 'paid with 4111 1111 1111 1234 today', 'paid with [card …1234] today'],
  ['card', 'order 123456789012345678901234567890', 'order 123456789012345678901234567890'],
  ['card', 'to jane.doe+x@mail.example.com!', 'to …@mail.example.com!'],
  ['card', 'authorization: Bearer eyJh.eyJz-_x', 'authorization: Bearer [token]'],
  ['card', 'key AKIAIOSFODNN7EXAMPLE', 'key [key]'],
  ['password', '{"user":"x","Password":"a\\"b","token":"t"}', '{"user":"x","Password":"[masked]","token":"[masked]"}'],
];

describe('the recipes of docs/rules.md', () => {
  it('are there, and can be used as they stand', () => {
    assert.equal(recipes.length >= 5, true, String(recipes.length));
    for (const text of recipes) assert.deepEqual(readRules(text).problems, []);
  });

  for (const [name, line, expected] of LINES) {
    it(`${name}: ${line}`, () => {
      const text = recipes.find((one) => one.includes(`"name": "${name}"`));
      const engine = new RuleEngine({ compilePatterns }, readRules(text ?? '').rules, new Tally());
      assert.equal(engine.apply(line, 'function', undefined)?.line, expected);
    });
  }
});
