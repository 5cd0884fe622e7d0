import assert from 'node:assert/strict';
import type { ConnectionMode } from '../loki/fake';
import { scriptedRuntime } from '../sandbox';
import { type Fault, faults } from './fault';
import type { Trial } from './trial';

/** The connection that was kept has died while the environment was frozen. */
function deadConnection(name: string, story: string, mode: ConnectionMode): Fault {
  return {
    name, story, loki: { proxied: true },
    async run(trial) {
      await trial.environmentOf();
      await trial.succeed();
      for (let i = 0; i < 2; i++) {
        for (const connection of trial.proxy!.connections) connection.setMode(mode);
        await trial.environment.idle(200);
        const { extensionOverheadMs } = await trial.succeed();
        assert.ok(extensionOverheadMs < 1600, `held ${extensionOverheadMs} ms`);
      }
      for (const connection of trial.proxy!.connections) connection.setMode(mode);
      await trial.shutdown();
      assert.equal(trial.said, '', 'a dead connection is nothing to tell');
    },
  };
}

/** Init takes long enough for a push of its lines to be in flight when the environment freezes. */
async function frozenInAPush(trial: Trial): Promise<void> {
  trial.loki.latencyMs = 600;
  const runtime = scriptedRuntime(() => 'ok', {
    async init(io) {
      for (let i = 0; i < 10; i++) io.write(`init line ${i}\n`);
      await new Promise((resolve) => setTimeout(resolve, 700));
    },
  });
  await trial.environmentOf({ mode: 'provisioned-concurrency', runtime, environment: { LOKI_FLUSH_INTERVAL_MS: '150' } });
  assert.ok(trial.loki.pushes.some(({ state }) => state !== 'answered'), 'a push is in flight at the freeze');
}

export const freezes = faults([
  deadConnection('connection closed in the freeze', 'Loki closes the idle connection', 'close'),
  deadConnection('connection reset in the freeze', 'the idle connection is reset', 'reset'),
  deadConnection('connection forgotten in the freeze', 'a NAT forgets the idle connection and resets it on use', 'reset-on-use'),
  deadConnection('connection swallowed in the freeze', 'the idle connection swallows bytes and never answers', 'black-hole'),
  {
    name: 'push cut by a freeze',
    story: 'lines of Init are being pushed when the environment freezes, for 5 s',
    async run(trial) {
      await frozenInAPush(trial);
      await trial.environment.idle(5000);
      trial.loki.latencyMs = 0;
      const { extensionOverheadMs } = await trial.succeed();
      assert.ok(extensionOverheadMs < 1000, `held ${extensionOverheadMs} ms`);
      await trial.shutdown();
      assert.equal(trial.said, '');
    },
  },
  {
    name: 'push cut by a freeze, connection dead',
    story: 'the same, and the connection of the push in flight has been swallowed',
    loki: { proxied: true },
    async run(trial) {
      await frozenInAPush(trial);
      for (const connection of trial.proxy!.connections) connection.setMode('black-hole');
      await trial.environment.idle(5000);
      trial.loki.latencyMs = 0;
      await trial.succeed();
      await trial.shutdown();
    },
  },
]);
