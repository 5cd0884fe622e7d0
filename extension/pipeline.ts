import { LineBuffer } from './buffer/line-buffer';
import { Losses } from './buffer/losses';
import { settingsInUse } from './config/in-use';
import { secretsInEnv } from './config/secrets-in-env';
import type { Settings } from './config/settings';
import type { Diagnostics } from './diagnostics';
import type { ExtensionsApi, Registration } from './lambda/extensions-api';
import { Invocations } from './lifecycle/invocations';
import { Lifecycle } from './lifecycle/lifecycle';
import { strategyOf } from './lifecycle/strategy';
import { roomBudget } from './lifecycle/budget';
import { createLineMetadata } from './lines';
import { errorWatcher } from './lines/errors';
import { Delivery } from './loki/delivery';
import { Latency } from './loki/latency';
import { LokiClient } from './loki/loki-client';
import { Pacer } from './loki/pacer';
import { Settlement } from './loki/settlement';
import { Streams } from './loki/streams';
import type { Platform } from './platform/types';
import { redacted } from './redaction';
import type { LineRules } from './rules/line-rules';
import type { Outbound } from './loki/way/outbound';
import { Intake } from './telemetry/intake';
import { Notes } from './telemetry/notes';
import type { Receiver } from './telemetry/receiver';
import { RequestIds } from './telemetry/request-ids';
import { offsetOf, Timestamps } from './telemetry/timestamps';

/**
 * The most bytes of lines in one push, even if `LOKI_MAX_BATCH_SIZE_BYTES` allows more: much larger pushes reach Loki's
 * gRPC limit of 4 MiB and its rate limits.
 */
const PUSH_BYTES = 1024 * 1024;

export interface Pipeline {
  readonly intake: Intake;
  readonly lifecycle: Lifecycle;
  readonly buffer: LineBuffer;
  readonly delivery: Delivery;
}

/**
 * Wires the parts that take lines from a delivery of the Telemetry API to Loki. They are loaded after the first
 * `/next`, so that they cost the start nothing.
 */
export function createPipeline(parts: {
  platform: Platform;
  diagnostics: Diagnostics;
  settings: Settings;
  url: string;
  next: ExtensionsApi['next'];
  registration: Registration;
  receiver: Receiver;
  /** Present where a setting needs it. */
  rules?: LineRules;
}): Pipeline {
  const { platform, diagnostics, settings, url, next, receiver } = parts;
  const { functionName, functionVersion, invokeEvents } = parts.registration;
  diagnostics.redactor = redacted;
  diagnostics.conceal(() => secretsInEnv(platform.env, settings));
  const { bufferLines, bufferBytes, batchLines } = settings;
  const batchBytes = Math.min(settings.batchBytes, PUSH_BYTES);

  const buffer = new LineBuffer({ maxLines: bufferLines, maxBytes: bufferBytes, batchLines, batchBytes }, platform);
  const streams = new Streams(settings, {
    functionName,
    functionVersion,
    region: platform.env.AWS_REGION ?? 'unknown',
  });
  const outbound = settings.outbound
    ? lazily(async () => (await import('./loki/way')).createOutbound(platform, diagnostics, settings))
    : undefined;
  const latency = new Latency();
  const pacer = new Pacer(platform, latency);
  const redact = (text: string): string => diagnostics.redact(text);
  const client = new LokiClient(platform, { ...settings, url, loadOutbound: outbound, redact }, latency);
  const losses = new Losses();
  const invocations = new Invocations(platform);
  const requestIds = new RequestIds(!invokeEvents);
  const { lineMetadata, facts, unwrapper } = createLineMetadata(platform, diagnostics, settings, {
    concurrent: !invokeEvents,
    mask: parts.rules === undefined ? undefined : (value) => parts.rules?.mask(value, 'function'),
  });

  const strategy = strategyOf(settings.flushStrategy);

  const delivery = new Delivery({
    platform,
    diagnostics,
    options: settings,
    buffer,
    client,
    streams,
    pacer,
    settlement: new Settlement({ platform, diagnostics, pacer, buffer, streams, losses }),
    onStored: () => {
      // Logged when the backlog is gone, so that it is one line, however often lines were dropped meanwhile.
      const line = buffer.lines < bufferLines / 2 ? losses.takeLine() : undefined;
      if (line !== undefined) intake.note(line);
    },
    unhurried: strategy.leavesUnanswered,
  });
  const intake = new Intake({
    platform,
    diagnostics,
    options: settings,
    buffer,
    streams,
    requestIds,
    timestamps: new Timestamps(offsetOf(platform.random())),
    rules: parts.rules,
    onFunctionLine:
      strategy.minds === 'errors' ? errorWatcher(platform.fieldReader, () => lifecycle.errorPrinted()) : undefined,
    lineMetadata,
    facts,
    unwrapper,
    listener: {
      initDone: () => invocations.initDone(),
      invocationDone: (requestId, end) => invocations.done(requestId, end),
      invocationReported: (requestId) => invocations.reported(requestId),
      batchFilled: () => delivery.kick(),
      // Where invocations run side by side, nothing waits for the end of one.
      roomWanted: (lineTime) =>
        delivery.room(invokeEvents ? roomBudget(platform.now(), lineTime, settings.flushTimeoutMs) : Infinity),
      mayExceedLines: () => delivery.works,
      dropped: (bytes) => losses.dropped(bytes),
    },
  });
  if (settings.shipDiagnostics) {
    const notes = new Notes(
      () => platform.now(),
      (line) => intake.note(line),
    );
    // Not during the delivery that caused the message.
    diagnostics.listener = (line) => void Promise.resolve().then(() => notes.take(line));
  }
  // They are fetched now, so that the first push need not wait for them.
  if (outbound) void outbound().then((ready) => ready.start());
  const lifecycle = new Lifecycle({
    platform,
    diagnostics,
    options: settings,
    strategy,
    api: { next },
    buffer,
    delivery,
    losses,
    invocations,
    requestIds,
    receiver,
    takeWaiting: () => intake.shutdown(),
    inUse: () => settingsInUse(settings),
    invoked: ({ requestId, tracing }) => facts?.invoked(requestId, tracing),
  });
  return { intake, lifecycle, buffer, delivery };
}

/** Returns a function that calls `make` once, when the value is first needed. */
function lazily(make: () => Promise<Outbound>): () => Promise<Outbound> {
  let made: Promise<Outbound> | undefined;
  return () => (made ??= make());
}
