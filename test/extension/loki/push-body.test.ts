import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LokiValue } from '../../../extension/buffer/batch';
import { pushBody } from '../../../extension/loki/push-body';

const LABELS = { service_name: 'orders', source: 'lambda' };

test("is one stream in the form of Loki's push API", () => {
  const values: LokiValue[] = [
    ['1767323045000000000', 'a'],
    ['1767323045000000001', 'b', { part: '1' }],
  ];
  assert.deepEqual(JSON.parse(pushBody(JSON.stringify(LABELS), values).join('')), {
    streams: [{ stream: LABELS, values }],
  });
});

test('lines come out as they went in: quotes, backslashes, control characters, colours, emoji, what looks like an escape', () => {
  const lines = [
    '"a" \\ b',
    'tab\there',
    'cr\r\nlf',
    '\u0000\u0007\u007f',
    '\u001b[31mred',
    '🙂 €',
    '\\ud83d',
    '\\\\ud83d \\\\\\ude00',
    '\u2028',
    '{"a":"\\u00e9"}',
    '',
  ];
  const { streams } = JSON.parse(
    pushBody(
      JSON.stringify(LABELS),
      lines.map((line, i): LokiValue => [String(i), line]),
    ).join(''),
  ) as { streams: { values: LokiValue[] }[] };
  assert.deepEqual(
    streams[0].values.map((value) => value[1]),
    lines,
  );
});
