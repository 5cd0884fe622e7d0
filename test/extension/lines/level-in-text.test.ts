import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Level } from '../../../extension/lines/level';
import { isLogfmt, levelInText } from '../../../extension/lines/level-in-text';

const ID = '8f507cfc-1111-4222-8333-0123456789ab';

/** Lines at the bounds of what counts as a prefix, by what the group is about. */
const BOUNDS: Readonly<Record<string, readonly (readonly [line: string, level: Level | undefined])[]>> = {
  'a word at the beginning counts before a separator, and before nothing else': [
    ['INFO', 'info'],
    ['INFO x', 'info'],
    ['INFO\tx', 'info'],
    ['INFO|x', 'info'],
    ['INFO[0001] x', 'info'],
    ['INFO:root:x', 'info'],
    ['INFO, x', undefined],
    ['INFO-x', undefined],
    ['INFORM x', undefined],
    ['INFO_x', undefined],
    ['INFO1 x', undefined],
    ['info x', undefined],
    ['info: x', 'info'],
    ['Info: x', undefined],
    ['ERR: x', undefined],
    ['err: x', undefined],
    ['PANIC x', undefined],
    ['panic: x', 'fatal'],
  ],
  'a first letter stands for a level in the formats of Ruby and klog': [
    ['E, [2026-01-02T03:04:05 #8] x', 'error'],
    ['E, x', undefined],
    ['X, [2026-01-02T03:04:05 #8] x', undefined],
    ['W0102 03:04:05.006007       8 main.go:12] x', 'warn'],
    ['W0102-03:04:05', undefined],
    ['W0102 030405', undefined],
    ['X0102 03:04:05', undefined],
    ['Ex102 03:04:05', undefined],
  ],
  'java.util.logging has the level in its second line': [
    ['Jan 02, 2026 3:04:05 AM a.Handler handle\nSEVERE: x', 'error'],
    ['Jan 02, 2026 3:04:05 AM a.Handler handle\nx SEVERE: x', undefined],
    ['Jan 02, 2026 3:04:05 AM a.Handler handle', undefined],
    ['jan 02, x\nSEVERE: x', undefined],
    ['Jan-02, x\nSEVERE: x', undefined],
  ],
  'logfmt: the first pair with a level counts, and none inside quotes': [
    ['a=1 level=error', 'error'],
    ['a=1 word level=error', 'error'],
    ['a=1 level=gold severity=warn', 'warn'],
    ['a=1 level="error" b=2', 'error'],
    ['a=1 level="error', 'error'],
    ['a=1 msg="x level=info y" level=error', 'error'],
    ['a=1 msg="say \\" level=info" level=warn', 'warn'],
    ['a=1 msg="ends \\\\" level=warn', 'warn'],
    ['level=error', undefined],
    ['level=error x', 'error'],
    ['word level=error', undefined],
    ['=1 level=error', undefined],
    ['a=1 b', undefined],
  ],
  'brackets are skipped to the one that closes them': [
    ['[main] ERROR x', 'error'],
    ['(main) ERROR x', 'error'],
    ['<main> ERROR x', 'error'],
    ['(ma]in) ERROR x', 'error'],
    ['<ma)in> ERROR x', 'error'],
    ['[ma>in] ERROR x', 'error'],
    ['[main]: ERROR x', 'error'],
    ['[main]; ERROR x', undefined],
    ['[main ERROR x', undefined],
    ['[ERROR] x', 'error'],
    ['(ERROR) x', 'error'],
    ['<ERROR> x', 'error'],
    ['[error  ] x', 'error'],
    ['[ERROR x] y', undefined],
    ['[03:04:05 ERROR] x', 'error'],
    ['[03:04:05 error] x', undefined],
    ['[03:04:05 a ERROR] x', 'error'],
    ['[03:04:05 a b ERROR] x', 'error'],
    ['[03:04:05 a b c ERROR] x', undefined],
    ['[03:04:05] ERROR x', 'error'],
    ['[03:04:05] x ERROR y', undefined],
    ['[17 a ERROR] x', undefined],
  ],
  'a date, a time or seconds begin a prefix, and other numbers do not': [
    ['2026-01-02 ERROR x', 'error'],
    ['2026/01/02 ERROR x', 'error'],
    ['02-01-2026 ERROR x', 'error'],
    ['02/01/2026 ERROR x', 'error'],
    ['3:04:05 ERROR x', 'error'],
    ['03:04:05 ERROR x', 'error'],
    ['20260102 03:04:05 ERROR x', 'error'],
    ['1767323045 ERROR x', 'error'],
    ['1767323045.006 ERROR x', 'error'],
    ['1.767323045e+09 ERROR x', 'error'],
    ['1.767323045e+08 ERROR x', undefined],
    ['1.5 ERROR x', undefined],
    ['12345678 ERROR x', undefined],
    ['1234567 0 ERROR x', undefined],
    ['17 ERROR x', undefined],
    ['2026 ERROR x', undefined],
  ],
  'what stands between the time and the level is a part of a prefix, or it is the message': [
    [`03:04:05 ${ID} ERROR x`, 'error'],
    [`03:04:05 ${'x'.repeat(36)} ERROR y`, undefined],
    [`03:04:05 ${'x'.repeat(8)}-${'x'.repeat(27)} ERROR y`, undefined],
    [`03:04:05 ${'x'.repeat(13)}-${'x'.repeat(22)} ERROR y`, undefined],
    [`03:04:05 a${ID.slice(1)} ERROR x`, 'error'],
    [`03:04:05 a${ID.slice(1)}0 ERROR y`, undefined],
    ['03:04:05 xxxxxxxx-xxxx-x ERROR y', undefined],
    ['03:04:05 +0100 ERROR x', 'error'],
    ['03:04:05 -0100 ERROR x', 'error'],
    ['03:04:05 +x ERROR y', undefined],
    ['03:04:05 PM UTC ERROR x', 'error'],
    ['03:04:05 a.Handler ERROR x', 'error'],
    ['03:04:05 .x ERROR y', undefined],
    ['03:04:05 x. ERROR y', undefined],
    ['03:04:05 orders - ERROR x', 'error'],
    ['03:04:05 orders | ERROR x', 'error'],
    ['03:04:05 orders|ERROR x', 'error'],
    ['03:04:05 orders ERROR x', undefined],
    ['03:04:05\torders.x\tERROR\tx', 'error'],
    ['03:04:05 a.b a.b a.b a.b a.b a.b ERROR x', 'error'],
    ['03:04:05 a.b a.b a.b a.b a.b a.b a.b ERROR x', undefined],
  ],
  'the word for the level is in capitals, or has a separator behind it': [
    ['03:04:05 ERROR', 'error'],
    ['03:04:05 ERROR/x y', 'error'],
    ['03:04:05 ERROR, x', 'error'],
    ['03:04:05 ERROR; x', undefined],
    ['03:04:05 error x', undefined],
    ['03:04:05 error/x', undefined],
    ['03:04:05 error: x', 'error'],
    ['03:04:05 error\tx', 'error'],
    ['03:04:05 error|x', 'error'],
    ['03:04:05 Error: x', undefined],
    ['03:04:05 app.ERROR: x', 'error'],
    ['03:04:05 app.error: x', undefined],
    ['03:04:05 app.ERROR x', undefined],
    ['03:04:05 app.ERRORS: x', undefined],
  ],
  'blanks and escapes before it are of loggers that pad or colour': [
    [' INFO x', 'info'],
    ['  INFO x', 'info'],
    ['   INFO x', undefined],
    [' 03:04:05 ERROR x', 'error'],
    ['\x1b[31mERROR\x1b[0m x', 'error'],
    ['\x1bERROR x', undefined],
    ['~ERROR x', undefined],
  ],
};

describe('the level in the prefix of a text line', () => {
  for (const [what, lines] of Object.entries(BOUNDS)) {
    it(what, () => {
      assert.deepEqual(
        lines.map(([line]) => [line, levelInText(line)]),
        lines.map(([line, level]) => [line, level]),
      );
    });
  }

  it("is at the places of Lambda's own format for Node.js and .NET, and at no others", () => {
    const at = (...parts: string[]): Level | undefined => levelInText(parts.join('\t'));
    const time = '2026-01-02T03:04:05.006Z';
    assert.equal(at(time, ID, 'info', 'x'), 'info');
    assert.equal(at(time, ID, 'Info', 'x'), 'info');
    assert.equal(levelInText(`${time}\t${ID}\tInfo x`), undefined);
    assert.equal(levelInText(`${time} ${ID}\tInfo\tx`), undefined);
  });

  it('is looked for in the first 256 characters', () => {
    const line = (length: number): string => `[${'x'.repeat(length - 9)}] ERROR x`;
    assert.equal(levelInText(line(256)), 'error');
    assert.equal(levelInText(line(265)), undefined);
    assert.equal(isLogfmt(`${'x'.repeat(253)}=1 a=b`), true);
    assert.equal(isLogfmt(`${'x'.repeat(255)}=1 a=b`), false);
  });
});
