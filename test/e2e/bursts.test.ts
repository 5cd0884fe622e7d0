import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startFakeLoki, type FakeLoki } from '../../sandbox/loki';
import { scriptedRuntime, type ScriptedIo } from '../../sandbox';
import { assertSameLines, environmentWithLayer, functionLines, written } from '../support/e2e';

describe('bursts', () => {
  let loki: FakeLoki;
  before(async () => {
    loki = await startFakeLoki({});
  });
  after(() => loki.stop());

  it('keeps all of 20 000 lines of one invocation, twice what the buffer holds, in order', async () => {
    const runtime = scriptedRuntime((_, io: ScriptedIo) => {
      for (let i = 0; i < 20_000; i++) io.line(`line ${i} of a burst`);
    });
    const environment = await environmentWithLayer(loki, { functionName: 'burst', runtime });
    try {
      assert.equal((await environment.invoke()).status, 'success');
      await environment.shutdown();
      assertSameLines(
        functionLines(await loki.lines(), 'burst').map(({ line }) => line),
        written(environment),
      );
      assert.equal(environment.extensionStderr, '');
    } finally {
      await environment.close();
    }
  });

  it('keeps 100 equal lines of one millisecond', async () => {
    const environment = await environmentWithLayer(loki, {
      functionName: 'equal',
      runtime: scriptedRuntime(() => 'ok'),
    });
    try {
      const time = new Date().toISOString();
      const invoked = environment.invoke();
      environment.injectTelemetry(
        Array.from({ length: 100 }, () => ({ time, type: 'function', record: 'the same\n' })),
      );
      await invoked;
      await environment.shutdown();
      assert.equal(functionLines(await loki.lines(), 'equal').length, 100);
      assert.equal(loki.duplicates, 0);
    } finally {
      await environment.close();
    }
  });

  it('fills a small buffer many times over without losing a line while Loki is well', async () => {
    const runtime = scriptedRuntime((_, io: ScriptedIo) => {
      for (let i = 0; i < 3000; i++) io.line(`line ${i}`);
    });
    const environment = await environmentWithLayer(loki, {
      functionName: 'small',
      runtime,
      environment: { BUFFER_SIZE: '50', LOKI_BATCH_SIZE: '100' },
    });
    try {
      await environment.invoke();
      await environment.shutdown();
      assertSameLines(
        functionLines(await loki.lines(), 'small').map(({ line }) => line),
        written(environment),
      );
    } finally {
      await environment.close();
    }
  });
});
