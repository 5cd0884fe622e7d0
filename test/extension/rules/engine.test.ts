import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRules } from '../../../extension/config/rules/read-rules';
import { compilePatterns } from '../../../extension/platform/node/patterns';
import type { Patterns } from '../../../extension/platform/types';
import { RuleEngine } from '../../../extension/rules/engine';
import { shareOf } from '../../../extension/rules/share';
import { Tally } from '../../../extension/rules/tally';

function engine(...rules: unknown[]): { engine: RuleEngine; tally: Tally } {
  const tally = new Tally();
  return { engine: new RuleEngine({ compilePatterns }, readRules(JSON.stringify(rules)).rules, tally), tally };
}

const exclude = (pattern: string, more = {}): object => ({
  type: 'exclude_at_match',
  name: `no ${pattern}`,
  pattern,
  ...more,
});
const include = (pattern: string, more = {}): object => ({
  type: 'include_at_match',
  name: `only ${pattern}`,
  pattern,
  ...more,
});
const mask = (pattern: string, text: string, more = {}): object => ({
  type: 'mask_sequences',
  name: `mask ${pattern}`,
  pattern,
  replace_placeholder: text,
  ...more,
});

describe('rules', () => {
  it('drop lines, and leave all others as they are', () => {
    const { engine: rules, tally } = engine(exclude('GET /health'), include('GET'));
    assert.deepEqual(rules.apply('GET /orders', 'function', undefined), { line: 'GET /orders', sampledOut: undefined });
    assert.equal(rules.apply('GET /health', 'function', undefined), undefined);
    assert.equal(rules.apply('PUT /orders', 'function', undefined), undefined);
    assert.equal(tally.text(), 'lines by rule: no GET /health: 1 dropped; only GET: 1 dropped');
  });

  it('mask each occurrence, in the order of the rules', () => {
    const { engine: rules, tally } = engine(mask('\\d+', '#'), mask('#', 'number'), exclude('\\d'), exclude('nothing'));
    assert.equal(rules.apply('1 and 22', 'function', undefined)?.line, 'number and number');
    assert.equal(tally.text(), 'lines by rule: mask \\d+: 1 masked; mask #: 1 masked');
  });

  it('see what rules before them have left', () => {
    assert.equal(
      engine(exclude('secret'), mask('secret', 'x')).engine.apply('a secret', 'function', undefined),
      undefined,
    );
    assert.equal(
      engine(mask('secret', 'x'), exclude('secret')).engine.apply('a secret', 'function', undefined)?.line,
      'a x',
    );
    assert.equal(
      engine(mask('secret', 'x'), exclude('a x')).engine.apply('a secret', 'function', undefined),
      undefined,
    );
  });

  it('are about their streams', () => {
    const { engine: rules } = engine(exclude('^START', { on: 'platform' }), mask('a', 'b', { on: ['extension'] }));
    assert.equal(rules.apply('START a', 'platform', undefined), undefined);
    assert.equal(rules.apply('START a', 'function', undefined)?.line, 'START a');
    assert.equal(rules.apply('START a', 'extension', undefined)?.line, 'START b');
  });

  it('sample whole invocations, and always the same ones', () => {
    const { engine: rules } = engine({ type: 'sample', name: 'tenth', rate: 0.1 });
    const ids = Array.from({ length: 5000 }, (_, i) => `8f5c7d2e-0000-4000-8000-${String(i).padStart(12, '0')}`);
    const isOut = (id: string): boolean => rules.apply('x', 'function', id)?.sampledOut === 'tenth';
    const stay = ids.filter((id) => !isOut(id));
    assert.equal(stay.length > 400 && stay.length < 600, true, `${stay.length} of 5000 stay`);
    for (const id of ids.slice(0, 200)) assert.equal(isOut(id), !stay.includes(id));
    assert.equal(rules.apply('x', 'function', undefined)?.sampledOut, undefined, 'a line of no invocation');
  });

  it('sample what matches alone, and nothing or all of it', () => {
    const sample = (rate: number): RuleEngine => engine({ type: 'sample', name: 's', rate, pattern: 'DEBUG' }).engine;
    assert.equal(sample(0).apply('DEBUG x', 'function', 'id')?.sampledOut, 's');
    assert.equal(sample(0).apply('INFO x', 'function', 'id')?.sampledOut, undefined);
    assert.equal(sample(1).apply('DEBUG x', 'function', 'id')?.sampledOut, undefined);
  });

  it('put a note in place of all that a broken mask would have covered, whatever comes after it', () => {
    const { engine: rules, tally } = engine(
      mask('(secret', 'x', { on: 'function' }),
      mask('secret', 'x'),
      exclude('DEBUG'),
    );
    const line = rules.apply('my secret', 'function', undefined)?.line ?? '';
    assert.match(line, /^LambdaWatch: a line was withheld.*"mask \(secret"/);
    assert.equal(line.includes('my'), false);
    assert.equal(rules.apply('DEBUG', 'function', undefined), undefined);
    assert.equal(rules.apply('my secret', 'platform', undefined)?.line, 'my x');
    assert.equal(rules.mask('anything', 'function'), undefined);
    assert.match(tally.text() ?? '', /mask \(secret: 1 withheld/);
  });

  it('withhold a line that a mask would make too long', () => {
    const { engine: rules } = engine(mask('a', 'x'.repeat(200)));
    assert.match(rules.apply('a'.repeat(100_000), 'function', undefined)?.line ?? '', /withheld/);
  });

  it('withhold a line for which a mask is too large, and apply to none for which all patterns are', () => {
    const large = '[ab]{990}c';
    const { engine: rules } = engine(mask(large, 'x'));
    assert.match(
      rules.apply(`${'a'.repeat(990)}c${'d'.repeat(100_000)}`, 'function', undefined)?.line ?? '',
      /withheld/,
    );
    assert.equal(rules.apply(`${'a'.repeat(990)}c`, 'function', undefined)?.line, 'x');
    assert.throws(() => engine(exclude(large)).engine.apply('a'.repeat(400_000), 'function', undefined), /too large/);
  });

  it('mask what goes beside a line', () => {
    const { engine: rules } = engine(exclude('x'), mask('\\d+', '#', { on: 'function' }));
    assert.equal(rules.mask('x 12', 'function'), 'x #');
    assert.equal(rules.mask('x 12', 'platform'), 'x 12');
  });

  it('look at a line once for all patterns, and again only where a mask has changed it', () => {
    let looks = 0;
    const counting = (sources: Parameters<typeof compilePatterns>[0]): Patterns => {
      const patterns = compilePatterns(sources);
      return { ...patterns, matching: (text) => (looks++, patterns.matching(text)) };
    };
    const { rules } = readRules(
      JSON.stringify([...Array.from({ length: 30 }, (_, i) => exclude(`a${i}`)), mask('b', 'c'), exclude('d')]),
    );
    const rule = new RuleEngine({ compilePatterns: counting }, rules, new Tally());
    rule.apply('nothing', 'function', undefined);
    assert.equal(looks, 1);
    rule.apply('b', 'function', undefined);
    assert.equal(looks, 3);
  });
});

it('shares are spread evenly, also those of texts that are nearly equal', () => {
  const tenths = Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) tenths[Math.floor(shareOf(`request-${i}`) * 10)]++;
  assert.equal(
    tenths.every((count) => count > 850 && count < 1150),
    true,
    tenths.join(),
  );
});
