import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkEnvironment } from '../../../../extension/config/check-environment';
import { readRules } from '../../../../extension/config/rules/read-rules';
import type { Rule } from '../../../../extension/config/rules/rule';

const MASK = { type: 'mask_sequences', name: 'card', pattern: '\\d{16}', replace_placeholder: '[card]' };

function read(...rules: unknown[]): { rules: readonly Rule[]; problems: readonly string[] } {
  return readRules(JSON.stringify(rules));
}

function types(rules: readonly Rule[]): string[] {
  return rules.map(({ type, name, on }) => `${type} ${name} ${[...on].join()}`);
}

describe('LOKI_RULES', () => {
  it('takes rules as they are pasted from Datadog', () => {
    const { rules, problems } = read(
      { type: 'exclude_at_match', name: 'health', pattern: 'GET /health' },
      { type: 'include_at_match', name: 'errors', pattern: '(?i)error' },
      MASK,
      { type: 'sample', rate: 0.1 },
      { type: 'sample', name: 'chatty', rate: 0.5, pattern: 'DEBUG', on: 'function' },
      { type: 'exclude_at_match', name: 'platform', pattern: '^(START|END)', on: ['platform', 'extension'] },
    );
    assert.deepEqual(problems, []);
    const all = 'function,platform,extension';
    assert.deepEqual(types(rules), [
      `exclude_at_match health ${all}`,
      `include_at_match errors ${all}`,
      `mask_sequences card ${all}`,
      `sample sample 4 ${all}`,
      'sample chatty function',
      'exclude_at_match platform platform,extension',
    ]);
  });

  it('leaves out a rule that can not be used and says why, and keeps the others', () => {
    const { rules, problems } = read(
      { type: 'exclude_at_match', name: 'a', pattern: '(' },
      { type: 'include_at_match', name: 'b' },
      { type: 'sample', name: 'c', rate: 1.5 },
      { type: 'exclude_at_macth', name: 'd', pattern: 'x' },
      'e',
      { type: 'exclude_at_match', name: 'f', pattern: 'x' },
    );
    assert.deepEqual(types(rules), ['exclude_at_match f function,platform,extension']);
    const words = [
      /rule 1 \("a"\) .*"\(", which has a \(/,
      /rule 2 \("b"\) has no pattern/,
      /rule 3 .*rate 1.5/,
      /rule 4 .*exclude_at_macth/,
      /rule 5 has no type/,
    ];
    assert.equal(problems.length, words.length);
    words.forEach((word, i) => assert.match(problems[i], word));
  });

  for (const [what, broken] of [
    ['its pattern has no end', { ...MASK, pattern: '(\\d{16}' }],
    ['its pattern has a lookahead', { ...MASK, pattern: '\\d{16}(?=x)' }],
    ['its pattern is too large', { ...MASK, pattern: '(?:\\d{1000}){1000}' }],
    ['it has no pattern', { ...MASK, pattern: undefined }],
    ['its type is mistyped', { ...MASK, type: 'mask_sequence' }],
    ['its type is of another case', { ...MASK, type: 'MASK_SEQUENCES' }],
    ['it has a placeholder, but no type', { ...MASK, type: undefined }],
  ] as const) {
    it(`withholds what a mask would cover when ${what}`, () => {
      const { rules, problems } = read({ ...broken, on: 'function' });
      assert.deepEqual(types(rules), ['withhold card function']);
      assert.equal(problems.length, 1);
      assert.match(problems[0], /using a note in place of each line/);
    });
  }

  it('names a rule without a name by its number', () => {
    const { rules, problems } = read({ pattern: 'x', replace_placeholder: '' });
    assert.deepEqual(types(rules), ['withhold rule 1 function,platform,extension']);
    assert.match(problems[0], /^rule 1 has no type/);
  });

  it('withholds everything when a mask may be in a text that can not be read', () => {
    for (const text of [JSON.stringify([MASK]).slice(0, -1), `{"rules":[${JSON.stringify(MASK)}]}`]) {
      assert.deepEqual(types(readRules(text).rules), ['withhold LOKI_RULES function,platform,extension']);
    }
    const { rules, problems } = readRules('[{"type":"exclude_at_match"');
    assert.deepEqual([rules, problems], [[], ['is not valid JSON; using no rules']]);
  });

  it('has a mask cover all streams when it does not know which', () => {
    const { rules, problems } = read({ ...MASK, on: 'functions' });
    assert.deepEqual(types(rules), ['mask_sequences card function,platform,extension']);
    assert.match(problems[0], /functions.*using all of them/);
  });

  it('reads placeholders, and names groups that there are not', () => {
    const placeholder = (pattern: string, text: unknown): unknown => {
      const { rules, problems } = read({ ...MASK, pattern, replace_placeholder: text });
      const [rule] = rules;
      return [rule.type === 'mask_sequences' && rule.replacement, problems.length];
    };
    assert.deepEqual(placeholder('(a)(?P<n>b)', '$1-${2}-$n-${n}-$$-$'), [
      [1, '-', 2, '-', 2, '-', 2, '-', '$', '-$'],
      0,
    ]);
    assert.deepEqual(placeholder('(a)', '$1x'), [[], 1]);
    assert.match(read({ ...MASK, pattern: '(a)', replace_placeholder: '$1x' }).problems[0], /\$\{1\}/);
    assert.deepEqual(placeholder('a', undefined), [[], 0]);
    assert.deepEqual(placeholder('a', 5), [[], 1]);
  });

  it('says that a member means nothing', () => {
    assert.match(read({ ...MASK, replace_with: 'x' }).problems[0], /"replace_with", which means nothing/);
  });

  it('bounds how many rules there are, and how large all of them are', () => {
    const many = Array.from({ length: 65 }, (_, i) => ({ type: 'exclude_at_match', name: `${i}`, pattern: 'x' }));
    assert.equal(read(...many).rules.length, 64);
    assert.match(read(...many).problems[0], /rule 65 .*64/);
    const large = Array.from({ length: 12 }, () => ({ type: 'exclude_at_match', pattern: 'a{990}' }));
    assert.match(read(...large).problems[0], /rule 11 .*10000 instructions/);
    const full = Array.from({ length: 10 }, () => ({ type: 'exclude_at_match', pattern: 'a{997}' }));
    assert.deepEqual(read(...full).problems, []);
    assert.match(read(...full, { type: 'exclude_at_match', pattern: 'x' }).problems[0], /rule 11 .*10000 instructions/);
  });

  it('is checked before anything is deployed', () => {
    const env = {
      LOKI_ENDPOINT: 'https://logs.example.com/loki/api/v1/push',
      LOKI_RULES: '[{"type":"mask_sequences"}]',
    };
    assert.deepEqual(
      checkEnvironment(env).map(({ variable, message }) => `${variable} ${message.slice(0, 23)}`),
      ['LOKI_RULES rule 1 has no pattern, '],
    );
  });
});
