import { LineBuffer } from './buffer/line-buffer';
import { Losses } from './buffer/losses';
import type { Settings } from './config/settings';
import type { Diagnostics } from './diagnostics';
import type { ExtensionsApi, Registration } from './lambda/extensions-api';
import { Invocations } from './lifecycle/invocations';
import { Lifecycle } from './lifecycle/lifecycle';
import { Delivery } from './loki/delivery';
import { LokiClient } from './loki/loki-client';
import { Streams } from './loki/streams';
import type { Platform } from './platform/types';
import type { Outbound } from './secrets/outbound';
import { Intake } from './telemetry/intake';
import type { Receiver } from './telemetry/receiver';
import { RequestIds } from './telemetry/request-ids';
import { offsetOf, Timestamps } from './telemetry/timestamps';

/** Most bytes of lines in one push, whatever `LOKI_MAX_BATCH_SIZE_BYTES` allows: far larger ones meet Loki's gRPC limit of 4 MiB and its rate limits. */
const PUSH_BYTES = 1024 * 1024;

/**
 * Wires together what takes lines from a delivery of the Telemetry API to Loki. All of it is loaded after the first `/next`, so that it costs
 * the start nothing.
 */
export function createPipeline(parts: {
  platform: Platform; diagnostics: Diagnostics; settings: Settings; url: string; next: ExtensionsApi['next']; registration: Registration; receiver: Receiver;
}): { intake: Intake; lifecycle: Lifecycle } {
  const { platform, diagnostics, settings, url, next, receiver } = parts;
  const { functionName, functionVersion, invokeEvents } = parts.registration;
  const { bufferLines, bufferBytes, batchLines } = settings;
  const batchBytes = Math.min(settings.batchBytes, PUSH_BYTES);

  const buffer = new LineBuffer({ maxLines: bufferLines, maxBytes: bufferBytes, batchLines, batchBytes }, (text) => platform.utf8Length(text));
  const streams = new Streams(settings, { functionName, functionVersion, region: platform.env.AWS_REGION ?? 'unknown' });
  const outbound = settings.outbound ? lazily(async () => (await import('./secrets')).createOutbound(platform, diagnostics, settings)) : undefined;
  const client = new LokiClient(platform, { ...settings, url, loadOutbound: outbound });
  const losses = new Losses();
  const invocations = new Invocations(platform);
  const requestIds = new RequestIds(!invokeEvents);

  const delivery = new Delivery({
    platform, diagnostics, options: settings, buffer, client, streams,
    onStored: () => {
      // Said when the backlog is gone, so that it is one line, however often lines were dropped meanwhile.
      const line = buffer.lines < bufferLines / 2 ? losses.takeLine() : undefined;
      if (line !== undefined) intake.note(line);
    },
  });
  const intake = new Intake({
    platform, diagnostics, options: settings, buffer, streams, requestIds,
    timestamps: new Timestamps(offsetOf(platform.random())),
    listener: {
      invocationDone: (requestId, time) => invocations.done(requestId, time),
      invocationReported: (requestId) => invocations.reported(requestId),
      batchFilled: () => delivery.kick(),
      roomWanted: () => delivery.room(),
      dropped: (bytes) => losses.count(bytes),
    },
  });
  // Fetched now, so that the first push need not wait for them.
  if (outbound) void outbound().then((ready) => ready.start());
  const lifecycle = new Lifecycle({ platform, diagnostics, options: settings, api: { next }, buffer, delivery, losses, invocations, requestIds, receiver });
  return { intake, lifecycle };
}

/** What `make` makes, made when it is first asked for. */
function lazily(make: () => Promise<Outbound>): () => Promise<Outbound> {
  let made: Promise<Outbound> | undefined;
  return () => (made ??= make());
}
