import { createServer, type Server } from 'node:net';
import { freePort } from '../../sandbox';
import { type Fault, faults } from './fault';

function untouched(
  name: string,
  story: string,
  options: Parameters<import('./trial').Trial['environmentOf']>[0],
  told: RegExp,
): Fault {
  return {
    name,
    story,
    async run(trial) {
      await trial.environmentOf(options);
      for (let i = 0; i < 2; i++) trial.expect((await trial.succeed()).extensionOverheadMs < 500, 'not held');
      await trial.shutdown();
      trial.expectSaid(told);
    },
  };
}

export const modes = faults([
  {
    name: 'Managed Instances',
    story: 'SHUTDOWN only, 24 invocations side by side, no runtimeDone, no freeze',
    async run(trial) {
      await trial.environmentOf({ mode: 'lambda-managed-instances', environment: { LOKI_FLUSH_INTERVAL_MS: '200' } });
      await Promise.all(Array.from({ length: 24 }, () => trial.succeed({ ms: 100 })));
      // As an instance lives for long, the last second is not what matters here.
      await trial.recover(1000 + 2 * trial.healthyMs);
      await trial.shutdown();
      const guessed = trial.loki.stored.filter(
        ({ line, labels }) => line.startsWith('line ') && labels.request_id !== undefined,
      ).length;
      trial.expect(guessed === 0, `${guessed} request ids are guessed`);
    },
  },
  {
    name: 'provisioned concurrency',
    story: 'frozen after Init, long before the first invocation',
    async run(trial) {
      await trial.environmentOf({ mode: 'provisioned-concurrency' });
      await trial.environment.idle(500);
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'SnapStart',
    story: 'restored from a snapshot, without an event to the extension',
    async run(trial) {
      await trial.environmentOf({ mode: 'snap-start' });
      await trial.environment.idle(500);
      for (let i = 0; i < 2; i++) await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  untouched(
    'no Telemetry API',
    'subscribing is answered 202, as emulators do',
    { telemetry: { subscribe: 'not-supported' } },
    /the Telemetry API is not available here \(status 202/,
  ),
  untouched(
    'subscription refused',
    'subscribing is answered 500',
    { telemetry: { subscribe: 'server-error' } },
    /the Telemetry API is not available here \(status 500/,
  ),
  untouched(
    'no endpoint',
    'LOKI_ENDPOINT is empty',
    { environment: { LOKI_ENDPOINT: '' } },
    /LOKI_ENDPOINT:? is not set, so no logs are shipped/,
  ),
  {
    name: 'older schema only',
    story: 'the newest schema version is refused',
    async run(trial) {
      await trial.environmentOf({ telemetry: { rejectSchemaVersions: ['2025-01-29'] } });
      await trial.succeed();
      await trial.recover();
      await trial.shutdown();
    },
  },
  {
    name: 'listener port taken',
    story: 'another process listens where telemetry is to arrive',
    async run(trial) {
      const port = await freePort();
      const server = await new Promise<Server>((resolve) => {
        const taken: Server = createServer().listen(port, '0.0.0.0', () => resolve(taken));
      });
      try {
        await trial.environmentOf({ environment: { LOKI_TELEMETRY_PORT: String(port) } });
        await trial.succeed();
        await trial.recover();
        await trial.shutdown();
        trial.expectSaid(new RegExp(`port ${port} is taken; telemetry is received on port \\d+`));
      } finally {
        server.close();
      }
    },
  },
]);
