import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LEVEL_FIELDS, levelOf } from '../../../extension/lines/level';
import { TRACE_FIELDS, traceIdInText, traceIdOf } from '../../../extension/lines/trace-id';
import { fieldReader } from '../../../extension/platform/node/json-fields';
import { FORMATS } from './formats';
import { currentPage, formatsPage } from './formats/page';

const readLevel = fieldReader(LEVEL_FIELDS);
const readTrace = fieldReader([TRACE_FIELDS]);

const traceId = (line: string): string | undefined =>
  line.startsWith('{') ? traceIdOf(readTrace(line)?.[0] ?? '') : traceIdInText(line);

describe('what lines of real loggers say of themselves', () => {
  it('are two hundred lines or more', () => {
    assert.ok(FORMATS.flatMap(({ lines }) => lines).length >= 200);
  });

  it('stand in docs/log-formats.md as they are here', () => assert.equal(currentPage(), formatsPage()));

  for (const { name, lines } of FORMATS) {
    it(name, () => {
      const found = lines.map(([line]) => [line, levelOf(line, readLevel), traceId(line)]);
      assert.deepEqual(
        found,
        lines.map(([line, level, trace]) => [line, level, trace]),
      );
    });
  }
});

describe('a hostile line', () => {
  const long = 200 * 1024;
  for (const [what, line] of [
    ['of spaces', ' '.repeat(long)],
    ['of digits', '2026-01-02 '.repeat(long / 11)],
    ['of brackets', '['.repeat(long)],
    ['of dashes', `2026-01-02 ${'- '.repeat(long / 2)}`],
    ['of escapes', '\x1b['.repeat(long / 2)],
    ['of escapes that are whole', '\x1b[1m'.repeat(long / 4)],
    ['of pairs', 'a=b '.repeat(long / 4)],
    ['without a space', 'x'.repeat(long)],
    ['of JSON that never ends', '{"a":'.repeat(long / 5)],
    ['of one JSON string', `{"a":"${'\\"'.repeat(long / 2)}`],
  ] as const) {
    it(`${what} is looked at in a moment, and states nothing`, () => {
      const began = process.hrtime.bigint();
      const level = levelOf(line, readLevel);
      const took = Number(process.hrtime.bigint() - began) / 1e6;
      assert.equal(level, undefined);
      assert.equal(traceId(line), undefined);
      // Generous, because of whatever else this machine does; anything worse than linear takes seconds.
      assert.ok(took < 200, `${took} ms`);
    });
  }
});
