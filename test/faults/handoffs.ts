import { type ConnectionMode, type Fault as Answer, faults as answers } from '../../sandbox/loki';
import { type Fault, faults } from './fault';
import type { Trial } from './trial';

/** Loki's time to answer while a push is handed off: long enough to be told from the way there and back. */
const SLOW_MS = 500;

/** The environment stays frozen for so long. */
const FROZEN_MS = 1500;

/** An environment that hands off, with a connection that has proved itself. */
async function warm(trial: Trial, environment: Record<string, string> = {}): Promise<void> {
  await trial.environmentOf({
    timeoutMs: 20_000,
    environment: {
      LOKI_FLUSH_STRATEGY: 'handoff',
      LOKI_REQUEST_ID_AS: 'metadata',
      // No push but those at the end.
      LOKI_FLUSH_INTERVAL_MS: '60000',
      ...environment,
    },
  });
  for (let i = 0; i < 2; i++) await trial.succeed();
  // The last one has been handed off: what happens to Loki from now on must not happen to it.
  await trial.environment.idle(trial.healthyMs + 200);
}

/** One invocation whose push is handed off: it is not held for the time that Loki takes. */
async function handOff(trial: Trial): Promise<void> {
  trial.loki.latencyMs = Math.max(SLOW_MS, trial.condition.latencyMs);
  // What was handed off before has been answered by the time that this function ends.
  const { extensionOverheadMs } = await trial.succeed({ ms: trial.healthyMs + 300 });
  const most = SLOW_MS - 150 + 3 * (trial.condition.tlsWayMs ?? 0);
  trial.expect(extensionOverheadMs < most, `held ${Math.round(extensionOverheadMs)} ms, so it was not handed off`);
}

async function end(trial: Trial): Promise<void> {
  trial.loki.latencyMs = trial.condition.latencyMs;
  // Lines that have been handed off are with Loki, and stored when it has had its time.
  await trial.recover(100, trial.healthyMs + 200);
  await trial.shutdown();
}

/** Frozen with a push that has arrived, and this happens to the connection meanwhile. */
function connectionLost(name: string, story: string, mode: ConnectionMode): Fault {
  return {
    name: `handed off, ${name}`,
    story: `frozen between the acknowledgement of a push and its answer; ${story}`,
    loki: { proxied: true },
    async run(trial) {
      await warm(trial);
      await handOff(trial);
      for (const connection of trial.proxy!.connections) connection.setMode(mode);
      await trial.environment.idle(FROZEN_MS);
      await end(trial);
    },
  };
}

/** Frozen with a push that has arrived, and Loki answers this meanwhile. */
function answered(name: string, fault: Answer, unavoidable?: string): Fault {
  return {
    name: `handed off, answer ${name}`,
    story: `frozen between the acknowledgement of a push and its answer, which is ${name}`,
    ...(unavoidable === undefined ? {} : { unavoidable }),
    async run(trial) {
      await warm(trial);
      trial.trouble({ fault, times: 1, delayMs: SLOW_MS });
      await handOff(trial);
      await trial.environment.idle(FROZEN_MS);
      trial.trouble([]);
      await end(trial);
    },
  };
}

const STAGES = faults([
  {
    name: 'handoff, stall before the write',
    story: 'the whole environment stands still for 2 s when the function has ended and nothing has been written yet',
    heldToDeadline: true,
    async run(trial) {
      await warm(trial);
      const invoked = trial.succeed({ ms: 300 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      await trial.stall(2000);
      await invoked;
      await end(trial);
    },
  },
  {
    name: 'handoff, stall half-way',
    story:
      'a push of 800 KB to a peer that stops reading; the environment stands still for 2 s; the connection is dead',
    loki: { proxied: true },
    heldToDeadline: true,
    async run(trial) {
      await warm(trial, { LOKI_ENABLE_GZIP: 'false' });
      for (const connection of trial.proxy!.connections) connection.setMode('deaf');
      const invoked = trial.succeed({ lines: 80, bytes: 10_000 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await trial.stall(2000);
      await invoked;
      await end(trial);
    },
  },
  {
    name: 'handed off, frozen before the answer',
    story: 'frozen between the acknowledgement of a push and its answer, which comes while the environment is frozen',
    async run(trial) {
      await warm(trial);
      for (let i = 0; i < 3; i++) {
        await handOff(trial);
        await trial.environment.idle(FROZEN_MS);
      }
      await end(trial);
      trial.expect(
        trial.loki.duplicates === 0,
        `${trial.loki.duplicates} lines were sent twice to a Loki that is well`,
      );
    },
  },
  {
    name: 'handed off, thawed before the answer',
    story:
      'frozen for 50 ms between the acknowledgement of a push and its answer, which comes beside the next function',
    async run(trial) {
      await warm(trial);
      for (let i = 0; i < 3; i++) {
        await handOff(trial);
        await trial.environment.idle(50);
      }
      await end(trial);
      trial.expect(
        trial.loki.duplicates === 0,
        `${trial.loki.duplicates} lines were sent twice to a Loki that is well`,
      );
    },
  },
  {
    name: 'handed off, SHUTDOWN before the answer',
    story: 'the environment ends between the acknowledgement of a push and its answer',
    async run(trial) {
      await warm(trial);
      await handOff(trial);
      trial.loki.latencyMs = trial.condition.latencyMs;
      await trial.shutdown();
    },
  },
  connectionLost('connection reset', 'its connection is reset meanwhile', 'reset'),
  connectionLost('connection closed', 'its connection is closed meanwhile', 'close'),
  connectionLost('peer gone', 'its connection goes dead meanwhile', 'black-hole'),
  answered('429', answers.ingestionRate()),
  answered('500', answers.internalError()),
  answered('503', answers.unavailable()),
  answered('413', answers.tooLarge()),
  answered('400', answers.badRequest(), 'Loki says that it will never take these lines; the number is told'),
]);

/** A freeze in each stage of a handoff. */
export const handoffs: readonly Fault[] = STAGES.map((fault) => ({ ...fault, strategy: 'handoff' }));
