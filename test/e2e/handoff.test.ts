import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scriptedRuntime } from '../../sandbox';
import { startTcpProxy } from '../../sandbox/loki';
import { workOf } from '../faults/work';
import { startRealLoki, type RealLoki } from '../loki/real';
import { withRealLoki } from '../loki/with-real';
import { environmentWithLayer, functionLines, written } from '../support/e2e';

/** The way to Loki and back: half of it until a push is stored, and half until its answer is there. */
const WAY_MS = 1200;

/** How many lines of the function a query counts, which reads chunks in memory and in storage. */
async function counted(loki: RealLoki): Promise<number> {
  const query = 'sum(count_over_time({service_name=~".+"} |= "of a trial" [1h]))';
  const response = await fetch(`${loki.baseUrl}/loki/api/v1/query?${new URLSearchParams({ query })}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

const CASES = (['metadata', 'label'] as const).flatMap((mode) => [false, true].map((flushed) => ({ mode, flushed })));

withRealLoki('pushes that are answered into a frozen process', () => {
  for (const { mode, flushed } of CASES) {
    const name = `a real Loki stores once what is sent again after the freeze, request ids as ${mode}${flushed ? ', over a chunk flush' : ''}`;
    it(name, { timeout: 180_000 }, async () => {
      // A flushed chunk stays in the ingester's memory until the next sweep, and until then its lines are shown from
      // there, too. With target `all` queries find it in storage at once.
      const loki = await startRealLoki({ config: { target: 'all', ingester: { flush_check_period: '1s' } } });
      const proxy = await startTcpProxy({ target: loki.pushUrl });
      const environment = await environmentWithLayer(
        { pushUrl: proxy.through(loki.pushUrl) },
        {
          runtime: scriptedRuntime(workOf),
          environment: {
            LOKI_FLUSH_STRATEGY: 'handoff',
            LOKI_REQUEST_ID_AS: mode,
            // As a label REPORT is a push of its own, and what takes two is waited for.
            LOKI_PLATFORM_LINES: 'timeout',
            LOKI_FLUSH_INTERVAL_MS: '60000',
          },
        },
      );
      try {
        await environment.invoke();
        await environment.invoke();
        proxy.latencyMs = WAY_MS;
        const { extensionOverheadMs } = await environment.invoke();
        assert.ok(extensionOverheadMs < WAY_MS, `held ${extensionOverheadMs} ms, so it was not handed off`);
        assert.ok(environment.isFrozen());
        await loki.waitForLines(written(environment).length, 20_000);
        const connections = proxy.opened;
        // The answer is on its way, and gets lost.
        proxy.setOpenConnections('reset');
        proxy.latencyMs = 0;
        if (flushed) {
          assert.ok((await fetch(`${loki.baseUrl}/flush`, { method: 'POST' })).ok);
          await sleep(2000);
        }
        await environment.invoke();
        assert.ok(proxy.opened > connections, 'the push was sent again, on a connection of its own');
        await environment.shutdown();

        const count = written(environment).length;
        const lines = await loki.waitFor((all) => functionLines(all).length === count, 20_000);
        assert.deepEqual(
          functionLines(lines).map(({ line }) => line),
          written(environment),
        );
        assert.equal(await counted(loki), count);
      } finally {
        await environment.close();
        await proxy.stop();
        await loki.stop();
      }
    });
  }
});
