import type { Context } from '../context';
import { nowMs } from '../events';
import { roundMs } from '../records';
import type { Fault } from '../supervisor';
import type { InitOutcome } from '../types';

/** A wait that a fault or the time limit has ended. */
class InitFailure extends Error {
  readonly status: 'error' | 'timeout';
  readonly errorType: string;
  readonly runtimeStarted: boolean;

  constructor(status: 'error' | 'timeout', errorType: string, runtimeStarted: boolean) {
    super(errorType);
    this.status = status;
    this.errorType = errorType;
    this.runtimeStarted = runtimeStarted;
  }
}

/**
 * Starts extensions, then the runtime, in Lambda's order: the runtime only after every extension has registered;
 * registration is open until the runtime is ready, and subscription to telemetry until every extension has called
 * `/next`. After a failure the caller has to end the processes.
 *
 * @param limitMs time limit of the phase
 */
export async function runInit(context: Context, phase: 'init' | 'invoke', limitMs: number): Promise<InitOutcome> {
  const { events, options, supervisor, extensions, runtime, telemetry } = context;
  const startedAt = nowMs();
  events.record('phase.start', { phase: 'init' }, startedAt);
  const about = { initializationType: options.mode, phase };
  telemetry.platform('platform.initStart', {
    ...about,
    functionName: options.functionName,
    functionVersion: options.functionVersion,
    instanceId: context.logStream,
    instanceMaxMemory: options.memoryMb * 1024 * 1024,
    runtimeVersion: `${options.runtime.name.replace(/^([a-z]+)(\d)/, '$1:$2')}.v1`,
    runtimeVersionArn: `arn:aws:lambda:${options.region}::runtime:${'0'.repeat(64)}`,
  });

  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), limitMs);
  });
  const initError = (): Promise<Fault> =>
    runtime.initError.then((error) => ({ errorType: error.errorType, message: error.errorMessage, by: 'runtime' }));
  let runtimeStarted = false;
  const within = async (wanted: Promise<void>): Promise<void> => {
    const winner = await Promise.race([wanted, supervisor.fault, initError(), timeout]);
    if (winner === 'timeout') throw new InitFailure('timeout', 'Sandbox.Timedout', runtimeStarted);
    if (winner !== undefined) throw new InitFailure('error', winner.errorType, runtimeStarted);
  };

  let outcome: InitOutcome;
  try {
    supervisor.startExtensions();
    await within(extensions.allRegistered());
    supervisor.startRuntime();
    runtimeStarted = true;
    await within(runtime.ready);
    await supervisor.drainRuntime();
    extensions.closeRegistration();
    telemetry.platform('platform.initRuntimeDone', { ...about, status: 'success' });
    await within(extensions.allReady());
    outcome = { status: 'success', durationMs: nowMs() - startedAt };
  } catch (error) {
    if (!(error instanceof InitFailure)) throw error;
    outcome = { status: error.status, errorType: error.errorType, durationMs: nowMs() - startedAt };
    if (error.runtimeStarted)
      telemetry.platform('platform.initRuntimeDone', { ...about, status: error.status, errorType: error.errorType });
  } finally {
    clearTimeout(timer);
  }
  for (const { name, state, subscribed, errorType } of extensions.agents) {
    telemetry.platform('platform.extension', { name, state, events: subscribed, ...(errorType ? { errorType } : {}) });
  }
  telemetry.close();
  const { status, errorType } = outcome;
  telemetry.platform('platform.initReport', {
    ...about,
    status,
    ...(errorType ? { errorType } : {}),
    metrics: { durationMs: roundMs(outcome.durationMs) },
  });
  events.record('phase.end', { phase: 'init', status });
  return outcome;
}
