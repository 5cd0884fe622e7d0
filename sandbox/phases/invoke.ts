import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from '../context';
import { nowMs } from '../events';
import type { Fault } from '../supervisor';
import type { FunctionError, InvokeOptions, InvokeResult, InvokeStatus } from '../types';
import { freeze, thaw } from './freeze';
import { runInit } from './init';
import { emitReport, emitRuntimeDone, origin, tracing, type Milestones } from './reports';
import { restore } from './restore';
import { endProcesses, forgetProcesses } from './shutdown';

/** With `runtimeDone: 'before-invoke'`, how long the INVOKE event waits for that record to be acknowledged. */
const BEFORE_INVOKE_MS = 2000;

/** Why an invocation ended before everybody was in `/next`. */
interface Failure extends Fault {
  readonly status: InvokeStatus;
}

/**
 * One invocation: thaw, start, wait until the runtime and the INVOKE subscribers are in `/next`, freeze, report; or
 * reset.
 */
export async function runInvoke(context: Context, payload: unknown, options: InvokeOptions): Promise<InvokeResult> {
  const { events, supervisor } = context;
  const requestId = options.requestId ?? randomUUID();
  const timeoutMs = options.timeoutMs ?? context.options.timeoutMs;
  const arrivedAt = nowMs();
  events.record('phase.start', { phase: 'invoke', requestId }, arrivedAt);
  if (supervisor.faulted || (context.state === 'ready' && !supervisor.intact)) await reset(context, 'failure');
  thaw(context);
  const restored = context.snapshotTaken ? await restore(context) : undefined;
  const restoreMs = restored?.durationMs;

  let initFailure: Failure | undefined;
  if (restored?.errorType !== undefined)
    initFailure = { status: 'error', errorType: restored.errorType, message: 'Restore failed', by: 'restore' };
  const cold = context.state === 'cold';
  if (cold) {
    const outcome = await runInit(context, 'invoke', timeoutMs);
    context.unreportedInitMs = outcome.durationMs;
    if (outcome.status === 'success') context.state = 'ready';
    else
      initFailure = {
        status: outcome.status,
        errorType: outcome.errorType ?? 'Unknown',
        message: 'Init failed',
        by: 'init',
      };
  }

  const { tenantId, traceId = newTraceId() } = options;
  const of: Milestones = { requestId, traceId, tenantId, startedAt: nowMs(), runtimeDoneSent: false };
  const initDurationMs = context.unreportedInitMs;
  context.requestId = requestId;
  context.telemetry.platform(
    'platform.start',
    { requestId, version: context.options.functionVersion, ...origin(context, of) },
    requestId,
  );
  // An Init inside the invocation takes its time out of the function's limit.
  const deadline = (cold ? arrivedAt : of.startedAt) + timeoutMs;
  const failure = initFailure ?? (await untilAllInNext(context, of, payload, deadline));

  if (failure) return fail(context, of, failure, timeoutMs, initDurationMs);
  const frozenAt = await freeze(context);
  context.requestId = undefined;
  emitReport(context, of, 'success', of.lastNextAt ?? frozenAt, { restoreMs });
  events.record('phase.end', { phase: 'invoke', requestId, status: 'success' });
  return { ...result(of, 'success', of.lastNextAt ?? frozenAt, initDurationMs), frozenAt, reset: false };
}

/** Runs the invocation. Returns what kept it from its end, if anything. */
async function untilAllInNext(
  context: Context,
  of: Milestones,
  payload: unknown,
  deadline: number,
): Promise<Failure | undefined> {
  const { runtime, extensions, supervisor, options, telemetry } = context;
  const { requestId } = of;
  const invokeEvent = {
    eventType: 'INVOKE' as const,
    deadlineMs: Math.floor(deadline),
    requestId,
    invokedFunctionArn: options.functionArn,
    ...tracing(context, of.traceId),
  };
  const early = options.telemetry.runtimeDone === 'before-invoke';
  const running = runtime.dispatch({
    requestId,
    deadlineMs: invokeEvent.deadlineMs,
    functionArn: options.functionArn,
    traceId: of.traceId,
    tenantId: of.tenantId,
    payload: JSON.stringify(payload ?? null),
  });
  if (!early) extensions.dispatch(invokeEvent);

  const allInNext = (async (): Promise<undefined> => {
    of.outcome = await running.responded;
    of.respondedAt = nowMs();
    await running.done;
    of.runtimeDoneAt = nowMs();
    await supervisor.drainRuntime();
    emitRuntimeDone(context, of, 'success');
    if (early) {
      for (const deliverer of telemetry.deliverers) deliverer.flush();
      await context.events
        .waitFor(
          'telemetry.post',
          (post) => post.status === 200 && post.types.includes('platform.runtimeDone') && post.at >= of.startedAt,
          BEFORE_INVOKE_MS,
        )
        .catch(() => undefined);
      extensions.dispatch(invokeEvent);
    }
    await extensions.invokeSubscribersReady();
    of.lastNextAt = nowMs();
    return undefined;
  })();

  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Failure>((resolve) => {
    const seconds = ((deadline - of.startedAt) / 1000).toFixed(2);
    const late: Failure = {
      status: 'timeout',
      errorType: 'Sandbox.Timedout',
      message: `Task timed out after ${seconds} seconds`,
      by: 'deadline',
    };
    timer = setTimeout(() => resolve(late), Math.max(0, deadline - nowMs()));
  });
  const fault = supervisor.fault.then((raised): Failure => ({ ...raised, status: 'error' }));
  try {
    return await Promise.race([allInNext, fault, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The end of an invocation that failed: runtimeDone, reset, report. */
async function fail(
  context: Context,
  of: Milestones,
  failure: Failure,
  timeoutMs: number,
  initDurationMs: number | undefined,
): Promise<InvokeResult> {
  const { telemetry, options, events } = context;
  const { requestId } = of;
  const timedOut = failure.status === 'timeout';
  const endedAt = nowMs();
  const errorType = timedOut ? undefined : failure.errorType;
  if (failure.errorType === 'Runtime.ExitError') {
    telemetry.platform(
      'platform.fault',
      `RequestId: ${requestId} Error: ${failure.message}\n${failure.errorType}\n`,
      requestId,
    );
  }
  emitRuntimeDone(context, of, failure.status, errorType);
  const report = (): void => emitReport(context, of, failure.status, endedAt, { errorType });
  if (options.telemetry.reportOnReset === 'during') report();
  context.requestId = undefined;
  await reset(context, timedOut ? 'timeout' : 'failure');
  if (options.telemetry.reportOnReset === 'after') report();
  events.record('phase.end', { phase: 'invoke', requestId, status: failure.status });
  const message = timedOut ? `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds` : failure.message;
  const error: FunctionError = {
    errorType: failure.errorType,
    errorMessage: `RequestId: ${requestId} Error: ${message}`,
  };
  return { ...result(of, failure.status, endedAt, initDurationMs), error, reset: true };
}

/** Ends all processes; the next invocation starts new ones in the same place. */
export async function reset(context: Context, reason: 'timeout' | 'failure'): Promise<void> {
  await endProcesses(context, reason, 'reset');
  forgetProcesses(context);
}

export function result(
  of: Milestones,
  status: InvokeStatus,
  endedAt: number,
  initDurationMs: number | undefined,
): Omit<InvokeResult, 'reset'> {
  const overhead =
    of.lastNextAt !== undefined && of.runtimeDoneAt !== undefined ? Math.max(0, of.lastNextAt - of.runtimeDoneAt) : 0;
  return {
    requestId: of.requestId,
    status,
    ...(of.outcome?.body === undefined ? {} : { response: parsed(of.outcome.body) }),
    ...(of.outcome?.error ? { error: of.outcome.error } : {}),
    ...(of.outcome?.streamed ? { streamed: of.outcome.streamed } : {}),
    durationMs: endedAt - of.startedAt,
    ...(of.respondedAt === undefined ? {} : { responseMs: of.respondedAt - of.startedAt }),
    ...(initDurationMs === undefined ? {} : { initDurationMs }),
    extensionOverheadMs: overhead,
    startedAt: of.startedAt,
    runtimeDoneAt: of.runtimeDoneAt,
    lastNextAt: of.lastNextAt,
  };
}

export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=1`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
