import { randomUUID } from 'node:crypto';
import type { Context } from '../context';
import { nowMs } from '../events';
import type { InvokeOptions, InvokeResult } from '../types';
import { runInit } from './init';
import { newTraceId, reset, result } from './invoke';
import { emitReport, origin, type Milestones } from './reports';

/**
 * One of several invocations at a time on a Managed Instance: no event to the extensions, no runtimeDone, no freeze. A
 * time-out ends the invocation for its caller only; the end of a process ends the environment.
 */
export async function runManagedInvoke(
  context: Context,
  payload: unknown,
  options: InvokeOptions,
): Promise<InvokeResult> {
  const { telemetry, supervisor, runtime, events } = context;
  const requestId = options.requestId ?? randomUUID();
  const timeoutMs = options.timeoutMs ?? context.options.timeoutMs;
  if (context.state === 'cold') {
    const outcome = await runInit(context, 'init', context.options.initTimeoutMs);
    if (outcome.status !== 'success') throw new Error(`Init failed again: ${outcome.errorType ?? outcome.status}`);
    context.state = 'ready';
  }
  const { tenantId, traceId = newTraceId() } = options;
  const of: Milestones = { requestId, traceId, tenantId, startedAt: nowMs(), runtimeDoneSent: true };
  events.record('phase.start', { phase: 'invoke', requestId }, of.startedAt);
  telemetry.platform(
    'platform.start',
    {
      requestId,
      version: context.options.functionVersion,
      functionArn: context.options.functionArn,
      ...origin(context, of),
    },
    requestId,
  );
  const running = runtime.dispatch({
    requestId,
    deadlineMs: Math.floor(of.startedAt + timeoutMs),
    functionArn: context.options.functionArn,
    traceId: of.traceId,
    tenantId: of.tenantId,
    payload: JSON.stringify(payload ?? null),
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  const end = await Promise.race([running.responded, supervisor.fault, timeout]);
  clearTimeout(timer);
  const endedAt = nowMs();
  if (end === 'timeout') {
    emitReport(context, of, 'timeout', endedAt);
    const error = {
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
    };
    events.record('phase.end', { phase: 'invoke', requestId, status: 'timeout' });
    return { ...result(of, 'timeout', endedAt, undefined), error, reset: false };
  }
  if ('by' in end) {
    emitReport(context, of, 'error', endedAt, { errorType: end.errorType });
    await replace(context);
    events.record('phase.end', { phase: 'invoke', requestId, status: 'error' });
    return {
      ...result(of, 'error', endedAt, undefined),
      error: { errorType: end.errorType, errorMessage: `RequestId: ${requestId} Error: ${end.message}` },
      reset: true,
    };
  }
  of.outcome = end;
  of.respondedAt = endedAt;
  await supervisor.drainRuntime();
  emitReport(context, of, 'success', endedAt);
  events.record('phase.end', { phase: 'invoke', requestId, status: 'success' });
  return { ...result(of, 'success', endedAt, undefined), reset: false };
}

const replacements = new WeakMap<Context, Promise<void>>();

/** All invocations that a crash has ended share one reset. */
function replace(context: Context): Promise<void> {
  let running = replacements.get(context);
  if (!running) {
    running = reset(context, 'failure').finally(() => replacements.delete(context));
    replacements.set(context, running);
  }
  return running;
}
