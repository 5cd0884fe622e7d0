import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitLine } from '../../../extension/telemetry/split-line';
import { randomFrom } from '../support/builders';

const bytes = (text: string): number => Buffer.byteLength(text);

function check(line: string, maxBytes: number): string[] {
  const parts = splitLine(line, maxBytes);
  assert.equal(parts.join(''), line, 'joined, the parts give the line');
  for (const [i, part] of parts.entries()) {
    assert.ok(bytes(part) <= maxBytes, `part ${i + 1} has ${bytes(part)} bytes`);
    // A part is only closed when the next character would not have fitted.
    const next = parts[i + 1];
    if (next !== undefined)
      assert.ok(
        bytes(part) + bytes(String.fromCodePoint(next.codePointAt(0)!)) > maxBytes,
        `part ${i + 1} is as long as it may be`,
      );
  }
  return parts;
}

test('a line that just fits is one part, a byte more makes two', () => {
  assert.deepEqual(check('x'.repeat(100), 100), ['x'.repeat(100)]);
  assert.deepEqual(check('x'.repeat(101), 100), ['x'.repeat(100), 'x']);
});

test('a line of 300 KiB gives two parts of at most 204 800 bytes', () => {
  assert.deepEqual(check('0123456789abcdef'.repeat(19_200), 204_800).map(bytes), [204_800, 102_400]);
});

test('an emoji across the cut goes whole into the next part', () => {
  for (const before of [97, 98, 99]) {
    const [first, second] = check(`${'x'.repeat(before)}🙂y`, 100);
    assert.equal(first, 'x'.repeat(before));
    assert.equal(second, '🙂y');
  }
  assert.deepEqual(check(`${'x'.repeat(96)}🙂y`, 100), [`${'x'.repeat(96)}🙂`, 'y']);
});

test('characters of two and three bytes are not cut either', () => {
  assert.deepEqual(check('äää', 5), ['ää', 'ä']);
  assert.deepEqual(check('€€€', 8), ['€€', '€']);
  assert.deepEqual(check('\u007f\u007f\u007f\u007f\u007f', 4), ['\u007f'.repeat(4), '\u007f']);
  assert.deepEqual(check('\u0080\u0080\u0080', 5), ['\u0080\u0080', '\u0080']);
  assert.deepEqual(check('\u07ff\u07ff\u07ff', 5), ['\u07ff\u07ff', '\u07ff']);
  assert.deepEqual(check('\u0800\u0800\u0800', 8), ['\u0800\u0800', '\u0800']);
  assert.deepEqual(check('\u{10ffff}\u{10000}', 7), ['\u{10ffff}', '\u{10000}']);
});

test('lone surrogates, which take three bytes, get through', () => {
  assert.deepEqual(check('\ud83dx\ude00\ud83d', 4), ['\ud83dx', '\ude00', '\ud83d']);
  check('\ud83d'.repeat(50), 64);
});

test('any text: the parts fit, are as long as they may be, and join to the line', () => {
  const seed = Date.now() % 1_000_000;
  const random = randomFrom(seed);
  const alphabet = ['a', 'ß', '€', '🙂', '\ud800', '\udc00', '\n', '\u0000'];
  for (let round = 0; round < 300; round++) {
    const line = Array.from({ length: random(200) }, () => alphabet[random(alphabet.length)]).join('');
    const maxBytes = 4 + random(60);
    try {
      check(line, maxBytes);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}, maxBytes ${maxBytes}, line ${JSON.stringify(line)}`, {
        cause: error,
      });
    }
  }
});
