import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePattern } from '../../../../extension/config/rules/parse';
import { programOf } from '../../../../extension/config/rules/program';
import { compilePatterns } from '../../../../extension/platform/node/patterns';

test('what is repeated matches as often as in the expressions of JavaScript', () => {
  const bodies = ['a', 'ab', '(?:a|b)', '(?:a|)', '(?:a*)', '(?:a?b?)', '(?:a{2})'];
  const counts = ['*', '+', '?', '{0}', '{1}', '{2}', '{0,2}', '{1,3}', '{2,}', '{0,}', '*?', '+?', '{1,2}?'];
  const texts = ['', 'a', 'b', 'aa', 'ab', 'aaa', 'aaaa', 'abab', 'aabb', 'bbb', 'c', 'aac'];
  for (const body of bodies) {
    for (const count of counts) {
      const pattern = `^${body}${count}c?$`;
      const patterns = compilePatterns([{ program: programOf(parsePattern(pattern)) }]);
      const expression = new RegExp(pattern);
      for (const text of texts) {
        assert.equal(patterns.matching(text) !== undefined, expression.test(text), `${pattern} in ${text}`);
      }
    }
  }
});
