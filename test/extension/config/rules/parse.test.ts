import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePatterns } from '../../../../extension/platform/node/patterns';
import { parsePattern } from '../../../../extension/config/rules/parse';
import { MOST_INSTRUCTIONS, programOf } from '../../../../extension/config/rules/program';
import { PatternError } from '../../../../extension/config/rules/syntax';

function matches(pattern: string, text: string): boolean {
  return compilePatterns([{ program: programOf(parsePattern(pattern)) }]).matching(text) !== undefined;
}

function refusal(pattern: string): string {
  try {
    programOf(parsePattern(pattern));
  } catch (error) {
    assert.equal(error instanceof PatternError, true, String(error));
    return (error as PatternError).message;
  }
  return 'accepted';
}

/** Pattern, texts that it matches, texts that it doesn't. */
const ACCEPTED: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['GET /health', ['x GET /health y'], ['GET /healt']],
  ['^(START|END) RequestId', ['START RequestId: 1', 'END RequestId'], ['x START RequestId']],
  ['(?i)password=\\S+', ['PassWord=x'], ['password= ']],
  ['a(?i)b(?-i)c', ['aBc', 'abc'], ['ABc', 'abC']],
  ['a(?i:b)c', ['aBc'], ['aBC', 'Abc']],
  ['(?U)^a+$', ['aaa'], ['']],
  ['\\b(?:\\d[ -]?){13,16}\\b', ['card 4111 1111 1111 1111.'], ['card 4111']],
  ['[\\w.+-]+@[\\w-]+\\.[a-z]{2,}', ['to a.b+c@example.com'], ['a@b']],
  ['[[:upper:]][[:^digit:]]', ['Ab'], ['A1', 'ab']],
  ['[]a-]', [']', 'a', '-'], ['b']],
  ['[^]a]', ['b'], [']', 'a']],
  ['[\\]\\[]', [']', '['], ['a']],
  ['\\{"a":1\\}', ['{"a":1}'], []],
  ['}]', ['}]'], []],
  ['\\x41\\x{1F600}\\u00e9\\U0001F600', ['A😀é😀'], []],
  ['\\t\\n\\r\\f\\v\\a', ['\t\n\r\f\v\x07'], []],
  ['\\/\\-\\:\\"\\@\\ ', ['/-:"@ '], []],
  ['\\Aab\\z', ['ab'], ['ab\n', 'xab']],
  ['', ['', 'x'], []],
  ['a||b', ['x'], []],
  ['()', [''], []],
  ['x{0}y', ['y'], ['x']],
  ['(?P<one>a)(?<two>b)', ['ab'], []],
  ['[^\\d\\s]', ['x'], ['1 ']],
  ['(?i)[^a]', ['b'], ['A']],
  ['\\s', ['\v', '\t'], ['\u00a0']],
];

/** Pattern, and what the refusal has in it. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['(?=a)', /lookahead.*linear time/],
  ['(?<!a)b', /lookbehind.*linear time/],
  ['(a)\\1', /backreference, \\1.*linear time/],
  ['(?P=a)', /backreference/],
  ['(?>a)', /atomic/],
  ['(', /\( that is not closed.*\\\(/],
  ['a)', /\) too many.*\\\)/],
  ['[a', /\[ that is not closed.*\\\[/],
  ['[]', /\[ that is not closed/],
  ['*a', /nothing to repeat.*\\\*/],
  ['a|+', /nothing to repeat/],
  ['{"a"', /\{ where there is nothing to repeat.*\\\{/],
  ['a{,3}', /no count.*\\\{/],
  ['a{x}', /no count/],
  ['a{3,2}', /second number is smaller/],
  ['a{1001}', /more than 1000 times/],
  ['a**', /group, \(\?:…\)\*/],
  ['a++', /group/],
  ['a{2}{3}', /group/],
  ['[b-a]', /backwards/],
  ['[a-\\d]', /where a character has to stand/],
  ['[a&&b]', /&& inside/],
  ['[a[b]]', /\[ inside/],
  ['[a--b]', /-- inside/],
  ['[[:letter:]]', /\[:letter:\]/],
  ['[^\\x00-\\x{10ffff}]', /no character is in/],
  ['\\p{L}', /Unicode class/],
  ['\\q', /\\q, which means nothing/],
  ['\\Z', /\\z/],
  ['\\x4', /hexadecimal/],
  ['\\x{d800}', /hexadecimal/],
  ['a\\', /ends with a \\/],
  ['(?x)a', /flags are/],
  ['(?P<a>x)(?P<a>y)', /two groups with the name a/],
  ['(?:a{100}){100}', /too large/],
  [`${'('.repeat(100)}a${')'.repeat(100)}`, /nested/],
  ['\ud800', /surrogate/],
];

describe('patterns', () => {
  for (const [pattern, some, others] of ACCEPTED) {
    it(`accepts ${JSON.stringify(pattern)}`, () => {
      for (const text of some) assert.equal(matches(pattern, text), true, text);
      for (const text of others) assert.equal(matches(pattern, text), false, text);
    });
  }

  for (const [pattern, words] of REFUSED) {
    it(`refuses ${JSON.stringify(pattern.slice(0, 40))} and says why`, () => assert.match(refusal(pattern), words));
  }

  it('have groups that keep what they matched, by number, and others that do not', () => {
    const replaced = (pattern: string, text: string): string | undefined =>
      compilePatterns([{ program: programOf(parsePattern(pattern)), replacement: [1, '-', 2] }]).replace(0, text);
    assert.equal(replaced('(a+)(?:b)(?P<n>c)', 'aabc'), 'aa-c');
    assert.equal(replaced('((a)b)', 'ab'), 'ab-a');
    assert.equal(replaced('(a|b)*(c?)', 'abc'), 'b-c');
  });

  it('prefer what comes first, and as much of it as there is, or as little', () => {
    const kept = (pattern: string, text: string): string | undefined =>
      compilePatterns([{ program: programOf(parsePattern(pattern)), replacement: ['<', 0, '>'] }]).replace(0, text);
    assert.equal(kept('a|ab', 'ab'), '<a>b');
    assert.equal(kept('a{1,3}', 'aaaa'), '<aaa><a>');
    assert.equal(kept('a{1,3}?', 'aa'), '<a><a>');
    assert.equal(kept('a+?b', 'aab'), '<aab>');
    assert.equal(kept('(?U)a+', 'aa'), '<a><a>');
    assert.equal(kept('(?U)a+?', 'aa'), '<aa>');
    assert.equal(kept('a{2}', 'aaa'), '<aa>a');
    assert.equal(kept('a{2,}', 'aaab'), '<aaa>b');
    assert.equal(kept('xa{0,1}', 'xaa'), '<xa>a');
    assert.equal(kept('(?:a|())*b', 'aab'), '<aab>');
  });

  it('may be nested 60 deep', () => {
    const nested = (deep: number): string => '(?:'.repeat(deep) + 'a' + ')'.repeat(deep);
    assert.equal(refusal(nested(60)), 'accepted');
    assert.match(refusal(nested(61)), /nested more than 60 deep/);
    assert.equal(refusal('(?:a)'.repeat(100)), 'accepted', 'beside each other');
  });

  it('may repeat 1000 times', () => {
    for (const pattern of ['a{1000}', 'a{0,1000}', 'a{1000,}']) assert.doesNotMatch(refusal(pattern), /times/, pattern);
    for (const pattern of ['a{1001}', 'a{0,1001}', 'a{1001,}']) assert.match(refusal(pattern), /more than 1000 times/);
    assert.equal(refusal('a{3,3}'), 'accepted');
  });

  it('can not have half of a surrogate pair, however it is written', () => {
    for (const pattern of ['\\x{d800}', '\\x{dfff}', '\\udfff', '\\x{110000}']) {
      assert.match(refusal(pattern), /hexadecimal/, pattern);
    }
    for (const pattern of ['\\x{d7ff}', '\\x{e000}', '\\x{10ffff}']) assert.equal(refusal(pattern), 'accepted');
  });

  it('have a size that is bounded, which is enough for what people write', () => {
    for (const pattern of [
      '.{1,300}',
      '\\S{1,300}',
      '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
      '[A-Za-z0-9+/]{1,900}',
    ]) {
      assert.equal(refusal(pattern), 'accepted', pattern);
    }
    assert.equal(programOf(parsePattern('a{1000}'))[2] <= MOST_INSTRUCTIONS, true);
    assert.match(refusal('.{1,1000}'), /too large/);
  });
});
