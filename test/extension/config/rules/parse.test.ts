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
