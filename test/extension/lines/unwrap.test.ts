import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FROM_LINE } from '../../../extension/buffer/batch';
import { InvocationFacts } from '../../../extension/lines/invocation-facts';
import { LineMetadata } from '../../../extension/lines/line-metadata';
import { Unwrapper } from '../../../extension/lines/unwrap';
import { ID_1, ID_2 } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

const platform = new FakePlatform();
const unwrapper = new Unwrapper(platform);
const AT = '2026-01-02T03:04:05.006Z';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const recordOf = (fields: object): string =>
  JSON.stringify({ timestamp: AT, level: 'INFO', requestId: ID_1, ...fields });

describe('a record of the JSON log format', () => {
  it('has its message as the line, and the rest as metadata', () => {
    assert.deepEqual(unwrapper.unwrap(recordOf({ message: 'accepted', logger: 'root', tenantId: 'blue' }), ID_1), {
      message: 'accepted',
      level: 'info',
      metadata: { timestamp: AT, level: 'info', logger: 'root', tenant_id: 'blue' },
    });
  });

  it('has values as they were written', () => {
    const json = '{"level":"WARN","message":{"n": 12345678901234567890},"a.b":1.0,"ok":true,"none":null,"list":[ 1 ]}';
    assert.deepEqual(unwrapper.unwrap(json, undefined), {
      message: '{"n":12345678901234567890}',
      level: 'warn',
      metadata: { level: 'warn', a_b: '1.0', ok: 'true', none: 'null', list: '[1]' },
    });
  });

  it('keeps a request id that is not that of its invocation', () => {
    assert.equal(unwrapper.unwrap(recordOf({ message: '' }), ID_2)?.metadata.requestId, ID_1);
  });

  it('stays as it is where something of it would be lost', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, i]));
    for (const fields of [
      { message: 'x', stackTrace: ['y'.repeat(2000)] },
      { message: 'x', ...many },
      { message: 'x', 日本: 1 },
      { message: 'x', part: 1 },
      { message: 'x', 'a.b': 1, a_b: 2 },
    ]) {
      assert.equal(unwrapper.unwrap(recordOf(fields), ID_1), undefined, JSON.stringify(fields).slice(0, 60));
    }
  });

  it('of Java has no newline at the end, and no level where the logger was told none', () => {
    assert.deepEqual(unwrapper.unwrap(recordOf({ level: 'UNDEFINED', message: 'a\nb\n\n' }), ID_1), {
      message: 'a\nb\n',
      level: undefined,
      metadata: { timestamp: AT },
    });
    assert.deepEqual(unwrapper.unwrap(recordOf({ level: 'gold', message: '\n' }), ID_1)?.metadata.level, 'gold');
  });

  it('is none without a level and a message', () => {
    for (const json of ['{"level":"INFO"}', '{"message":"x"}', '{"level":30,"message":"x"}', '[]', 'null', '17', '']) {
      assert.equal(unwrapper.unwrap(json, undefined), undefined, json);
    }
  });

  it('inside another one counts more than the one around it', () => {
    const lineMetadata = new LineMetadata({
      platform,
      byDefault: true,
      fields: [{ field: 'order', name: 'order_id' }],
      facts: new InvocationFacts(false, false),
    });
    const message = `{"level":50,"msg":"declined","order":17,"trace_id":"${TRACE}"}`;
    const json = recordOf({ message });
    const unwrapped = unwrapper.unwrap(json, ID_1)!;
    assert.equal(unwrapped.message, message);
    assert.deepEqual(lineMetadata.ofUnwrapped(unwrapped, json, ID_1), {
      [FROM_LINE]: true,
      timestamp: AT,
      level: 'error',
      order_id: '17',
      trace_id: TRACE,
    });
    const plain = recordOf({ message: 'no level in here' });
    assert.equal(lineMetadata.ofUnwrapped(unwrapper.unwrap(plain, ID_1)!, plain, ID_1).level, 'info');
  });
});
