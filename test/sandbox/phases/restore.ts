import type { Context } from '../context';
import { nowMs } from '../events';
import { roundMs } from '../records';

/** Restores the snapshot: only the runtime takes part, extensions get no event. Returns its duration in milliseconds. */
export async function restore(context: Context): Promise<number> {
  const { telemetry, options, events, runtime } = context;
  const startedAt = nowMs();
  events.record('phase.start', { phase: 'restore' }, startedAt);
  telemetry.platform('platform.restoreStart', {
    functionName: options.functionName, functionVersion: options.functionVersion, instanceId: context.logStream,
    instanceMaxMemory: options.memoryMb * 1024 * 1024,
  });
  await runtime.restore();
  telemetry.platform('platform.restoreRuntimeDone', { status: 'success' });
  const durationMs = nowMs() - startedAt;
  telemetry.platform('platform.restoreReport', { status: 'success', metrics: { durationMs: roundMs(durationMs) } });
  context.snapshotTaken = false;
  events.record('phase.end', { phase: 'restore', status: 'success' });
  return durationMs;
}
