import type { Context } from '../context';
import { limit } from '../deferred';
import { nowMs } from '../events';
import type { ShutdownReason, ShutdownResult } from '../types';
import { thaw } from './freeze';

/** On Managed Instances the telemetry is sent before the SHUTDOWN event, within this many milliseconds. */
const MANAGED_FLUSH_MS = 1000;

/**
 * Ends all processes as Lambda does, within one absolute deadline: SIGTERM and soon SIGKILL to the runtime, the
 * SHUTDOWN event to the extensions that asked for it, SIGKILL at once to the others, SIGKILL to whoever is left at the
 * deadline.
 */
export async function endProcesses(
  context: Context,
  reason: ShutdownReason,
  kind: 'shutdown' | 'reset',
): Promise<ShutdownResult> {
  const { events, extensions, supervisor, telemetry, options } = context;
  const { shutdownMs, runtimeShutdownMs, upperCaseShutdownReason } = options.lifecycle;
  const managed = options.mode === 'lambda-managed-instances';
  const startedAt = nowMs();
  const deadline = startedAt + shutdownMs;
  const left = (): number => Math.max(0, deadline - nowMs());
  events.record('phase.start', { phase: kind }, startedAt);
  supervisor.expectExits();
  // What is held back by the platform at a spindown comes after the event; in a reset nothing was frozen, and it comes
  // at once.
  for (const deliverer of telemetry.deliverers) {
    if (kind === 'shutdown' && !managed) deliverer.hold();
    else deliverer.flush();
  }
  thaw(context);

  await endRuntime(context, supervisor.extensions.length === 0 ? 0 : Math.min(runtimeShutdownMs, shutdownMs));
  await supervisor.drainRuntime();
  if (managed) await Promise.race([Promise.all(flushed(context)), limit(MANAGED_FLUSH_MS)]);

  const subscribed = new Set(
    extensions.agents.filter((agent) => agent.subscribed.includes('SHUTDOWN')).map(({ name }) => name),
  );
  for (const { process, name } of supervisor.extensions) {
    if (!subscribed.has(name)) process.signal('SIGKILL');
  }
  const shutdownReason = upperCaseShutdownReason ? reason.toUpperCase() : reason;
  extensions.dispatch({ eventType: 'SHUTDOWN', deadlineMs: Math.floor(deadline), shutdownReason });
  const flush = setTimeout(() => flushed(context), kind === 'shutdown' ? options.telemetry.afterShutdownMs : 0);

  const exits = supervisor.extensions.map(async ({ process, name }) => ({ name, ...(await process.exit) }));
  const inTime = await Promise.race([Promise.all(exits).then(() => true), limit(left()).then(() => false)]);
  const killed = inTime ? [] : supervisor.extensions.filter(({ process }) => process.running).map(({ name }) => name);
  for (const { process } of supervisor.extensions) process.signal('SIGKILL');
  const statuses = await Promise.all(exits);
  clearTimeout(flush);
  events.record('phase.end', { phase: kind, status: reason });
  return {
    extensionExitCodes: Object.fromEntries(
      statuses.map(({ name, code, signal }) => [name, code ?? signal ?? 'unknown']),
    ),
    durationMs: nowMs() - startedAt,
    killed,
  };
}

/** Forgets all that belonged to the ended processes. */
export function forgetProcesses(context: Context): void {
  context.telemetry.reset();
  context.extensions.reset([]);
  context.runtime.reset();
  context.supervisor.reset();
  context.state = 'cold';
}

async function endRuntime(context: Context, graceMs: number): Promise<void> {
  const { supervisor } = context;
  if (!supervisor.runtimeStarted) return;
  if (graceMs > 0) {
    supervisor.signalRuntime('SIGTERM');
    await Promise.race([supervisor.runtimeExit, limit(graceMs)]);
  }
  if (supervisor.runtimeRunning) supervisor.signalRuntime('SIGKILL');
  await supervisor.runtimeExit;
}

function flushed(context: Context): Promise<void>[] {
  return context.telemetry.deliverers.map((deliverer) => {
    deliverer.flush();
    return deliverer.whenIdle();
  });
}
