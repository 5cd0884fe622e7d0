import type { Context } from '../context';
import { limit } from '../deferred';
import { nowMs } from '../events';
import { roundMs } from '../records';

/** Lambda gives a restore this long. */
const RESTORE_LIMIT_MS = 10_000;

export interface RestoreOutcome {
  readonly durationMs: number;
  /** Why it failed, if it did; the processes have to be ended then. */
  readonly errorType?: string;
}

/** Restores the snapshot: only the runtime takes part, extensions get no event. */
export async function restore(context: Context): Promise<RestoreOutcome> {
  const { telemetry, options, events, runtime, supervisor } = context;
  const startedAt = nowMs();
  events.record('phase.start', { phase: 'restore' }, startedAt);
  telemetry.platform('platform.restoreStart', {
    functionName: options.functionName,
    functionVersion: options.functionVersion,
    instanceId: context.logStream,
    instanceMaxMemory: options.memoryMb * 1024 * 1024,
  });
  const errorType = await Promise.race([
    runtime.restore().then(() => undefined),
    runtime.initError.then((error) => error.errorType),
    supervisor.fault.then((fault) => fault.errorType),
    limit(RESTORE_LIMIT_MS).then(() => 'Sandbox.Timedout'),
  ]);
  const result =
    errorType === undefined
      ? { status: 'success' }
      : { status: errorType === 'Sandbox.Timedout' ? 'timeout' : 'error', errorType };
  telemetry.platform('platform.restoreRuntimeDone', result);
  const durationMs = nowMs() - startedAt;
  telemetry.platform('platform.restoreReport', { ...result, metrics: { durationMs: roundMs(durationMs) } });
  context.snapshotTaken = false;
  events.record('phase.end', { phase: 'restore', status: result.status });
  return { durationMs, errorType };
}
