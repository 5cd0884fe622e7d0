import type { Context } from '../context';
import { delay } from '../deferred';
import { nowMs } from '../events';

/**
 * Stops all process groups, deliveries and timers, unless the environment is one that isn't frozen. Returns the time of
 * the freeze, in epoch milliseconds.
 */
export async function freeze(context: Context): Promise<number> {
  const { options, supervisor, timers, events } = context;
  if (options.lifecycle.freezeDelayMs > 0) await delay(options.lifecycle.freezeDelayMs);
  if (!options.lifecycle.freezes) return nowMs();
  timers.pause();
  const pids = supervisor.stopAll();
  const at = nowMs();
  await supervisor.allStopped();
  const stoppedAt = nowMs();
  // So that what was printed before the freeze is there to be looked at.
  await supervisor.drainAll();
  context.frozenAt = at;
  events.record('freeze', { pids, stoppedAt }, at);
  return at;
}

/** Lets everything run again. Events are sent after it. */
export function thaw(context: Context): void {
  if (context.frozenAt === undefined) return;
  const pids = context.supervisor.continueAll();
  context.events.record('thaw', { pids, frozenForMs: nowMs() - context.frozenAt });
  context.frozenAt = undefined;
  context.timers.resume();
  for (const deliverer of context.telemetry.deliverers) deliverer.thawed();
}
