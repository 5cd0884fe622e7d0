import type { Context } from '../context';
import { isoTime, roundMs } from '../records';
import type { InvocationOutcome } from '../runtime-api';
import type { InvokeStatus } from '../types';

/** Milestones of an invocation, in epoch milliseconds. */
export interface Milestones {
  readonly requestId: string;
  readonly traceId: string;
  readonly tenantId?: string;
  readonly startedAt: number;
  respondedAt?: number;
  runtimeDoneAt?: number;
  lastNextAt?: number;
  outcome?: InvocationOutcome;
  /** `platform.runtimeDone` is out, or will never be. */
  runtimeDoneSent: boolean;
}

/** What records of an invocation say of it beside its request id. */
export function origin(context: Context, { traceId, tenantId }: Milestones): Record<string, unknown> {
  return { ...tracing(context, traceId), ...pick('tenantId', tenantId) };
}

/** The `tracing` member of records and events, if it is on. */
export function tracing(context: Context, traceId: string): Record<string, unknown> {
  return context.options.lifecycle.tracing ? { tracing: { type: 'X-Amzn-Trace-Id', value: traceId } } : {};
}

function span(name: string, start: number, durationMs: number): Record<string, unknown> {
  return { name, start: isoTime(start), durationMs: roundMs(durationMs) };
}

/** Emits `platform.runtimeDone`, at once or as the knob says. */
export function emitRuntimeDone(context: Context, of: Milestones, status: InvokeStatus, errorType?: string): void {
  if (of.runtimeDoneSent) return;
  of.runtimeDoneSent = true;
  const knob = context.options.telemetry.runtimeDone;
  if (knob === 'never') return;
  const end = of.runtimeDoneAt ?? Date.now();
  const responded = of.respondedAt ?? end;
  const record = {
    requestId: of.requestId,
    status,
    ...(errorType ? { errorType } : {}),
    metrics: { durationMs: roundMs(end - of.startedAt), producedBytes: of.outcome?.bytes ?? 0 },
    spans:
      of.respondedAt === undefined
        ? []
        : [
            span('responseLatency', of.startedAt, responded - of.startedAt),
            span('responseDuration', responded, 0),
            span('runtimeOverhead', responded, end - responded),
          ],
    ...origin(context, of),
  };
  const emit = (): void => context.telemetry.platform('platform.runtimeDone', record, of.requestId);
  if (typeof knob === 'object') context.timers.set(knob.lateMs, emit);
  else emit();
}

/** Emits `platform.report`. */
export function emitReport(
  context: Context,
  of: Milestones,
  status: InvokeStatus,
  endedAt: number,
  extra: { errorType?: string; restoreMs?: number } = {},
): void {
  const { options, supervisor } = context;
  if (options.telemetry.report === 'omit') return;
  const durationMs = endedAt - of.startedAt;
  const initMs = context.unreportedInitMs;
  context.unreportedInitMs = undefined;
  if (options.mode === 'lambda-managed-instances') {
    const respondedAt = of.respondedAt ?? endedAt;
    context.telemetry.platform(
      'platform.report',
      {
        requestId: of.requestId,
        status,
        ...pick('errorType', extra.errorType),
        metrics: { durationMs: roundMs(durationMs) },
        spans: [
          span('responseLatency', of.startedAt, respondedAt - of.startedAt),
          span('responseDuration', respondedAt, 0),
        ],
        ...pick('tenantId', of.tenantId),
      },
      of.requestId,
    );
    return;
  }
  const billedInitMs = options.mode === 'on-demand' ? (initMs ?? 0) : 0;
  context.telemetry.platform(
    'platform.report',
    {
      requestId: of.requestId,
      status,
      ...pick('errorType', extra.errorType),
      metrics: {
        durationMs: roundMs(durationMs),
        billedDurationMs: Math.ceil(durationMs + billedInitMs),
        memorySizeMB: options.memoryMb,
        maxMemoryUsedMB: Math.ceil(supervisor.peakMemory / (1024 * 1024)),
        ...pick('initDurationMs', initMs === undefined ? undefined : roundMs(initMs)),
        ...pick('restoreDurationMs', extra.restoreMs === undefined ? undefined : roundMs(extra.restoreMs)),
      },
      ...(of.runtimeDoneAt === undefined || of.lastNextAt === undefined
        ? {}
        : {
            spans: [span('extensionOverhead', of.runtimeDoneAt, Math.max(0, of.lastNextAt - of.runtimeDoneAt))],
          }),
      ...origin(context, of),
    },
    of.requestId,
  );
}

function pick(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}
