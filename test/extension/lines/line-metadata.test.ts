import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { parseMetadata } from '../../../extension/config/metadata-fields';
import { InvocationFacts } from '../../../extension/lines/invocation-facts';
import { LineMetadata } from '../../../extension/lines/line-metadata';
import { ID_1, ID_2 } from '../support/builders';
import { FakePlatform } from '../support/fake-platform';

const ROOT = '67891233-abcdef012345678912345678';
const TRACE = '67891233abcdef012345678912345678';
const OTHER_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const tracing = (sampled: 0 | 1): string => `Root=1-${ROOT};Parent=0123456789abcdef;Sampled=${sampled}`;
const EXECUTION = 'arn:aws:lambda:eu-west-1:111122223333:function:orders:7/durable-execution/order-17/0a1b2c3d';
const INFO = '2026-01-02T03:04:05.006Z\t8f507cfc-1111-4222-8333-0123456789ab\tINFO\tx';

let facts: InvocationFacts;
let byDefault: LineMetadata;
const metadataFor = (list: string, on = true): LineMetadata =>
  new LineMetadata({
    platform: new FakePlatform(),
    byDefault: on,
    fields: parseMetadata(list).fields,
    facts,
  });

beforeEach(() => {
  facts = new InvocationFacts(true, false);
  byDefault = metadataFor('');
});

describe('what lines get by themselves', () => {
  it('is their level, in one object for all lines that have the same', () => {
    assert.deepEqual(byDefault.of('[ERROR] boom', undefined), { level: 'error' });
    assert.equal(byDefault.of(INFO, undefined), byDefault.of('{"level":30}', undefined));
    assert.equal(byDefault.of('nothing said', undefined), undefined);
  });

  it('is cold_start on the lines of the first invocation, and on no others', () => {
    facts.invoked(ID_1, undefined);
    facts.invoked(ID_1, undefined);
    facts.invoked(ID_2, undefined);
    assert.deepEqual(byDefault.of('x', ID_1), { cold_start: 'true' });
    assert.deepEqual(byDefault.of(INFO, ID_1), { cold_start: 'true', level: 'info' });
    assert.equal(byDefault.of('x', ID_2), undefined);
    assert.deepEqual(byDefault.of('x', ID_1), { cold_start: 'true' }, 'a late line');
  });

  it('is no cold_start where the environment was there before anybody asked for it', () => {
    const prepared = new InvocationFacts(false, false);
    prepared.invoked(ID_1, undefined);
    assert.equal(prepared.of(ID_1), undefined);
  });

  it('is the trace of the invocation when it is sampled, and one in the line before that', () => {
    facts.invoked(ID_1, undefined);
    facts.invoked(ID_2, tracing(1));
    assert.deepEqual(byDefault.of('x', ID_2), { trace_id: TRACE });
    assert.deepEqual(byDefault.of(`{"level":"warn","trace_id":"${OTHER_TRACE}"}`, ID_2), {
      trace_id: OTHER_TRACE,
      level: 'warn',
    });
    assert.deepEqual(byDefault.of('{"trace_id":"no such thing"}', ID_2), { trace_id: TRACE });
    facts.invoked('not sampled', tracing(0));
    assert.equal(byDefault.of('x', 'not sampled'), undefined);
  });

  it('is the tenant', () => {
    facts.started(ID_1, { tenantId: 'blue' });
    facts.started(ID_2, { tenantId: 17 });
    assert.equal(byDefault.of('x', ID_1)?.tenant_id, 'blue');
    assert.equal(byDefault.of('x', ID_2), undefined);
  });

  it('is the durable execution, from the first line that names it, for the rest of that invocation', () => {
    facts.invoked(ID_1, undefined);
    facts.invoked(ID_2, undefined);
    assert.equal(byDefault.of('before', ID_2), undefined);
    const execution = { execution_id: '0a1b2c3d', execution_name: 'order-17' };
    assert.deepEqual(byDefault.of(`{"executionArn":"${EXECUTION}","level":"INFO"}`, ID_2), {
      ...execution,
      level: 'info',
    });
    assert.deepEqual(byDefault.of('after', ID_2), execution);
    assert.equal(byDefault.ofPlatform(ID_2), facts.of(ID_2), 'one object for all lines that have the same');
    assert.deepEqual(byDefault.ofPlatform(ID_2, { duration_ms: '1' }), { ...execution, duration_ms: '1' });
    assert.equal(byDefault.of('after', ID_1)?.execution_id, undefined);
    const steps = 'arn:aws:states:eu-west-1:111122223333:execution:machine:name';
    assert.equal(byDefault.of(`{"executionArn":"${steps}"}`, 'steps'), undefined);
  });

  it('is known from the beginning of a text line that has its level there, and from no other', () => {
    assert.deepEqual(byDefault.headOf(INFO.slice(0, -1)), { level: 'info' });
    assert.equal(byDefault.headOf(INFO.slice(0, 62)), undefined);
    assert.deepEqual(metadataFor('', false).headOf(INFO.slice(0, 62)), {});
  });

  it('is nothing where that is switched off', () => {
    const off = metadataFor('', false);
    facts.started(ID_1, { tracing: { value: tracing(1) }, tenantId: 'blue' });
    assert.equal(off.of('[ERROR] boom', ID_1), undefined);
    assert.equal(off.of('{"level":"error"}', ID_1), undefined);
    assert.equal(off.ofPlatform(ID_1, { duration_ms: '1' }), undefined);
  });
});

describe('the fields that were asked for', () => {
  it('are on JSON lines that have them, beside the rest', () => {
    const both = metadataFor('userId:user_id,http.status:status,missing');
    assert.deepEqual(both.of('{"level":"info","userId":17,"http":{"status":200}}', undefined), {
      level: 'info',
      user_id: '17',
      status: '200',
    });
    assert.equal(both.of('userId=17', undefined), undefined);
    assert.equal(both.of('{"userId":""}', undefined), undefined, 'Loki leaves out what is empty');
    assert.deepEqual(metadataFor('userId:user_id', false).of('{"level":"info","userId":17}', undefined), {
      user_id: '17',
    });
  });

  it('take precedence; a level is in the usual words all the same', () => {
    const own = metadataFor('sev:level,dd.trace_id:trace_id');
    facts.started(ID_1, { tracing: { type: 'X-Amzn-Trace-Id', value: tracing(1) } });
    const { level, trace_id } = own.of('{"level":"info","sev":"WARNING","dd":{"trace_id":"17"}}', ID_1)!;
    assert.deepEqual([level, trace_id], ['warn', '17']);
    assert.equal(own.of('{"sev":"gold"}', undefined)?.level, 'gold');
  });

  it('are cut at 1 KiB, between characters', () => {
    const own = metadataFor('a');
    const cut = (value: string): string => own.of(JSON.stringify({ a: value }), undefined)!.a;
    assert.equal(cut('x'.repeat(1024)), 'x'.repeat(1024));
    assert.equal(cut('x'.repeat(200_000)), 'x'.repeat(1024));
    assert.equal(cut('€'.repeat(1000)), '€'.repeat(341));
    assert.equal(cut('😀'.repeat(1000)), '😀'.repeat(256));
    assert.equal(cut(`x${'😀'.repeat(1000)}`), `x${'😀'.repeat(255)}`);
  });
});
