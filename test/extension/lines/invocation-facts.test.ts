import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { executionOf, InvocationFacts } from '../../../extension/lines/invocation-facts';

const TRACE = '67891233abcdef012345678912345678';
const SAMPLED = 'Root=1-67891233-abcdef012345678912345678;Parent=0123456789abcdef;Sampled=1';
const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:orders:7/durable-execution/order-17/0a1b2c3d';

describe('what is known about an invocation', () => {
  it('is the same object, so that lines can share their metadata, until something is added', () => {
    const facts = new InvocationFacts(false, false);
    facts.invoked('a', SAMPLED);
    const known = facts.of('a');
    assert.deepEqual(known, { trace_id: TRACE });
    facts.started('a', { tracing: { value: SAMPLED } });
    assert.equal(facts.of('a'), known);
    facts.started('a', { tenantId: 'blue' });
    assert.deepEqual(facts.of('a'), { trace_id: TRACE, tenant_id: 'blue' });
  });

  it('leaves out a value that masks withhold or empty, and a tenant that is no text', () => {
    const withheld = new InvocationFacts(false, false, (value) => (value === 'blue' ? undefined : ''));
    withheld.started('a', { tenantId: 'blue' });
    withheld.started('a', { tenantId: 'red' });
    withheld.started('a', { tenantId: 7 });
    withheld.started('a', { tenantId: '' });
    assert.equal(withheld.of('a'), undefined);
  });

  it('is remembered for 128 invocations, and for 2048 where they run side by side', () => {
    for (const [concurrent, most] of [
      [false, 128],
      [true, 2048],
    ] as const) {
      const facts = new InvocationFacts(false, concurrent);
      for (let i = 0; i < most; i++) facts.started(`${i}`, { tenantId: 'blue' });
      assert.deepEqual(facts.of('0'), { tenant_id: 'blue' });
      facts.started(`${most}`, { tenantId: 'blue' });
      assert.equal(facts.of('0'), undefined);
      assert.deepEqual([facts.of('1'), facts.of(`${most}`)], [{ tenant_id: 'blue' }, { tenant_id: 'blue' }]);
    }
  });

  it('has the first durable execution that its lines name', () => {
    const facts = new InvocationFacts(false, false);
    facts.executes('a', ARN);
    facts.executes('a', ARN.replace('order-17', 'order-18'));
    assert.deepEqual(facts.of('a'), { execution_id: '0a1b2c3d', execution_name: 'order-17' });
    assert.deepEqual(executionOf('arn:aws:states:eu-west-1:111122223333:execution:orders:17'), {});
  });
});
