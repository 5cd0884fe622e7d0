import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceIdInText, traceIdOf } from '../../../extension/lines/trace-id';

const W3C = '4bf92f3577b34da6a3ce929d0e0e4736';
const XRAY = '1-67891233-abcdef012345678912345678';
const OF_XRAY = '67891233abcdef012345678912345678';

test('a trace id has the form of W3C or of X-Ray', () => {
  for (const [value, id] of [
    [W3C, W3C],
    [XRAY, OF_XRAY],
    [`Root=${XRAY}`, OF_XRAY],
    [`Root=${XRAY};Parent=0123456789abcdef;Sampled=1`, OF_XRAY],
    [`Self=1-2;Root=${XRAY};Sampled=1`, OF_XRAY],
    [W3C.slice(1), undefined],
    [`${W3C}0`, undefined],
    [`${W3C.slice(1)}g`, undefined],
    [W3C.toUpperCase(), W3C],
    ['0'.repeat(32), undefined],
    [`${'0'.repeat(31)}1`, `${'0'.repeat(31)}1`],
    [`${XRAY}0`, undefined],
    [XRAY.slice(0, -1), undefined],
    ['', undefined],
  ] as const) {
    assert.equal(traceIdOf(value), id, value);
  }
});

test('in text it is looked for where the line begins with a time, a blank or a field of logfmt, and in its first 512 characters', () => {
  const pair = `trace_id=${W3C}`;
  for (const [line, id] of [
    [`2026-01-02 03:04:05 INFO ${pair} x`, W3C],
    [`0${pair}`, undefined],
    [`9 ${pair}`, W3C],
    [` INFO ${pair}`, W3C],
    [`level=info ${pair}`, W3C],
    [`app=orders ${pair}`, W3C],
    [`zone=a traceID=${W3C}`, W3C],
    [`An order, ${pair}`, undefined],
    [`an order, ${pair}`, undefined],
    [`:${pair}`, undefined],
    [`2026-01-02T03:04:05.006Z\tid\tINFO\t${pair}`, undefined],
    [`2026 ${'x'.repeat(512 - 6 - pair.length)} ${pair}`, W3C],
    [`2026 ${'x'.repeat(512 - 5 - pair.length)} ${pair}`, undefined],
    [`2026 xtrace_id=${W3C}`, undefined],
  ] as const) {
    assert.equal(traceIdInText(line), id, line.slice(0, 60));
  }
});
