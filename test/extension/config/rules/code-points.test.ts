import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIGIT, namedClass, SPACE, WORD } from '../../../../extension/config/rules/classes';
import { anyCase, negated, normalized, type Ranges } from '../../../../extension/config/rules/code-points';
import { sequencesOf } from '../../../../extension/config/rules/utf8';
import { randomFrom } from '../../support/builders';

const LAST = 0x10ffff;

function has(ranges: Ranges, code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (code >= ranges[i] && code <= ranges[i + 1]) return true;
  return false;
}

describe('sets of code points', () => {
  it('are in order, and what overlaps or adjoins is one range', () => {
    assert.deepEqual(normalized([7, 9, 1, 2]), [1, 2, 7, 9]);
    assert.deepEqual(normalized([1, 2, 3, 4]), [1, 4]);
    assert.deepEqual(normalized([1, 2, 4, 5]), [1, 2, 4, 5]);
    assert.deepEqual(normalized([1, 9, 2, 3, 8, 10]), [1, 10]);
    assert.deepEqual(normalized([0, 0, 1, 1]), [0, 1]);
  });

  it('have an opposite', () => {
    assert.deepEqual(negated([]), [0, LAST]);
    assert.deepEqual(negated([0, LAST]), []);
    assert.deepEqual(negated([0, 5]), [6, LAST]);
    assert.deepEqual(negated([1, 5, 7, 7]), [0, 0, 6, 6, 8, LAST]);
    assert.deepEqual(negated([5, LAST]), [0, 4]);
    assert.deepEqual(negated([5, LAST - 1]), [0, 4, LAST, LAST]);
  });

  it('have both cases of a letter, where one is in ASCII as the other, and where each is one character', () => {
    assert.deepEqual(anyCase([0x41, 0x42]), [0x41, 0x42, 0x61, 0x62]);
    assert.deepEqual(anyCase([0xe4, 0xe4]), [0xc4, 0xc4, 0xe4, 0xe4]);
    assert.deepEqual(anyCase([0x6b, 0x6b]), [0x4b, 0x4b, 0x6b, 0x6b], 'no Kelvin sign');
    assert.deepEqual(anyCase([0x212a, 0x212a]), [0x212a, 0x212a]);
    assert.deepEqual(anyCase([0xdf, 0xdf]), [0xdf, 0xdf], 'the capital of ß is two letters');
    assert.deepEqual(anyCase([0xd7ff, 0xe000]), [0xd7ff, 0xe000]);
  });

  it('have both cases of no more than 1024 letters beyond ASCII, which costs little', () => {
    const upper = 0x23a;
    const lower = 0x2c65;
    assert.equal(has(anyCase([lower - 1023, lower]), upper), true);
    assert.equal(has(anyCase([lower - 1024, lower]), upper), false);
    assert.equal(has(anyCase([0x400, 0x7ff, lower, lower]), upper), false, 'together');
    assert.equal(has(anyCase([0x61, 0x61, lower - 1023, lower]), upper), true, 'ASCII does not count');
  });
});

describe('classes', () => {
  const NAMED: Readonly<Record<string, RegExp>> = {
    alnum: /[0-9A-Za-z]/,
    alpha: /[A-Za-z]/,
    // eslint-disable-next-line no-control-regex
    ascii: /[\x00-\x7f]/,
    blank: /[ \t]/,
    // eslint-disable-next-line no-control-regex
    cntrl: /[\x00-\x1f\x7f]/,
    digit: /[0-9]/,
    graph: /[!-~]/,
    lower: /[a-z]/,
    print: /[ -~]/,
    punct: /[!-/:-@[-`{-~]/,
    space: /[ \t\n\v\f\r]/,
    upper: /[A-Z]/,
    word: /\w/,
    xdigit: /[0-9A-Fa-f]/,
  };
  const members = (ranges: Ranges): string =>
    Array.from({ length: 256 }, (_, code) => (has(ranges, code) ? String.fromCharCode(code) : '')).join('');
  const matching = (expression: RegExp): string =>
    Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
      .filter((one) => expression.test(one))
      .join('');

  for (const [name, expression] of Object.entries(NAMED)) {
    it(`[[:${name}:]] is ${String(expression)}`, () => {
      assert.equal(members(namedClass(name)!), matching(expression));
    });
  }

  it('of one letter are about ASCII', () => {
    assert.equal(members(DIGIT), matching(/[0-9]/));
    assert.equal(members(WORD), matching(/[0-9A-Za-z_]/));
    assert.equal(members(SPACE), matching(/[ \t\n\v\f\r]/));
    assert.equal(namedClass('toString'), undefined);
  });
});

describe('a set as bytes of UTF-8', () => {
  /** Where the number of bytes changes, or the first byte, or a surrogate would be. */
  const EDGES = [0, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0x7ff, 0x800, 0xfff, 0x1000, 0x1fff, 0xd7ff, 0xe000, 0xffff].concat([
    0x10000,
    0x10040,
    0x3ffff,
    0x40000,
    0x7ffff,
    LAST - 1,
    LAST,
  ]);
  const seed = Number(process.env.UTF8_SEED ?? Date.now() % 1_000_000_000);
  const random = randomFrom(seed);
  const near = (): number => {
    const code = Math.min(LAST, Math.max(0, EDGES[random(EDGES.length)] + random(5) - 2));
    return code >= 0xd800 && code <= 0xdfff ? 0xe000 : code;
  };

  it('has the bytes of its characters and no others, in order and without overlaps', () => {
    const codes = EDGES.flatMap((edge) => [edge - 1, edge, edge + 1]).filter(
      (code) => code >= 0 && code <= LAST && !(code >= 0xd800 && code <= 0xdfff),
    );
    for (let round = 0; round < 2000; round++) {
      const pairs = Array.from({ length: 1 + random(3) }, () => [near(), near()].sort((a, b) => a - b)).flat();
      const ranges = normalized(pairs);
      const sequences = sequencesOf(ranges);
      const what = `UTF8_SEED=${seed}: ${ranges.map((code) => code.toString(16)).join(' ')}`;
      for (const code of [...codes, ...ranges, near(), near()]) {
        const bytes = Buffer.from(String.fromCodePoint(code));
        const found = sequences.filter(
          (sequence) =>
            sequence.length === bytes.length &&
            sequence.every(([first, last], i) => bytes[i] >= first && bytes[i] <= last),
        );
        assert.equal(found.length, has(ranges, code) ? 1 : 0, `${what}: ${code.toString(16)}`);
      }
      assert.equal(
        sequences.flat().every(([first, last]) => first <= last),
        true,
        what,
      );
      for (let i = 1; i < sequences.length; i++) {
        const [[before, [next]], [first]] = [[sequences[i - 1][0], sequences[i][0]], [sequences[i][0]]];
        assert.equal(first[0] === before[0] ? first[1] === before[1] : next > before[1], true, what);
      }
    }
  });
});
