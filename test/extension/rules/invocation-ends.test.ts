import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvocationEnds, PHASE } from '../../../extension/rules/invocation-ends';

describe('how invocations have ended', () => {
  it('is remembered for the latest 128, and for 2048 where they run side by side', () => {
    for (const [concurrent, most] of [
      [false, 128],
      [true, 2048],
    ] as const) {
      const ends = new InvocationEnds(concurrent);
      for (let i = 0; i < most; i++) ends.ended(`${i}`, 'badly');
      assert.equal(ends.of('0'), 'badly');
      ends.ended(`${most}`, 'well');
      assert.deepEqual([ends.of('0'), ends.of('1'), ends.of(`${most}`)], [undefined, 'badly', 'well']);
    }
  });

  it('is badly once it has been so, and each news is told once', () => {
    const ends = new InvocationEnds(false);
    assert.deepEqual(
      [ends.ended('a', 'well'), ends.ended('a', 'well'), ends.ended('a', 'badly'), ends.ended('a', 'well')],
      [true, false, true, false],
    );
    assert.equal(ends.of('a'), 'badly');
  });

  it('is forgotten for the Init when another phase begins, and for nothing else', () => {
    const ends = new InvocationEnds(false);
    ends.ended(PHASE, 'badly');
    ends.ended('a', 'badly');
    assert.equal(ends.of(PHASE), 'badly');
    ends.phaseBegan();
    assert.deepEqual([ends.of(PHASE), ends.of('a')], [undefined, 'badly']);
  });

  it('is in the events about an end, as far as they are whole', () => {
    for (const [type, record, read] of [
      ['platform.runtimeDone', { requestId: 'a', status: 'success' }, { id: 'a', end: 'well' }],
      ['platform.runtimeDone', { requestId: 'a', status: 'timeout' }, { id: 'a', end: 'badly' }],
      ['platform.report', { requestId: 'a', status: 'error' }, { id: 'a', end: 'badly' }],
      ['platform.initRuntimeDone', { status: 'success' }, { id: PHASE, end: 'well' }],
      ['platform.restoreRuntimeDone', { status: 'failure' }, { id: PHASE, end: 'badly' }],
      ['platform.start', { requestId: 'a', status: 'success' }, undefined],
      ['platform.runtimeDone', { requestId: 'a' }, undefined],
      ['platform.runtimeDone', { requestId: '', status: 'error' }, undefined],
      ['platform.runtimeDone', { requestId: 7, status: 'error' }, undefined],
      ['platform.runtimeDone', null, undefined],
      ['platform.runtimeDone', undefined, undefined],
      ['platform.runtimeDone', 'text', undefined],
    ] as const) {
      assert.deepEqual(InvocationEnds.read(type, record), read, `${type} ${JSON.stringify(record)}`);
    }
  });
});
