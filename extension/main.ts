import { LineBuffer } from './buffer/line-buffer';
import { Losses } from './buffer/losses';
import { readSettings } from './config/read-settings';
import type { Settings, TelemetryType } from './config/settings';
import { Diagnostics, messageOf } from './diagnostics';
import { ExtensionsApi, type Registration } from './lambda/extensions-api';
import { subscribe } from './lambda/telemetry-api';
import { Invocations } from './lifecycle/invocations';
import { Lifecycle } from './lifecycle/lifecycle';
import { Delivery } from './loki/delivery';
import { LokiClient } from './loki/loki-client';
import { Streams } from './loki/streams';
import type { Platform } from './platform/types';
import type { Outbound } from './secrets/outbound';
import { secretsInEnv } from './secrets/secrets-in-env';
import { Intake } from './telemetry/intake';
import { type Receiver, startReceiver } from './telemetry/receiver';
import { RequestIds } from './telemetry/request-ids';
import { Timestamps } from './telemetry/timestamps';

/** Most bytes of lines in one push, whatever `LOKI_MAX_BATCH_SIZE_BYTES` allows: far larger ones meet Loki's gRPC limit of 4 MiB and its rate limits. */
const PUSH_BYTES = 1024 * 1024;

/** Between the call of `/next` and the fetching of secrets, so that the request is on its way before anything else is done. */
const SECRETS_AFTER_MS = 1;

/** Environments of Managed Instances run invocations side by side and offer extensions SHUTDOWN alone. */
const MANAGED_INSTANCES = 'lambda-managed-instances';

/**
 * The extension, from start to SHUTDOWN. Wires the parts together, in the order of Lambda's Init phase: listener, register, subscribe, `/next`.
 * Nothing else is on that path. Resolves when the process may end.
 */
export async function run(platform: Platform): Promise<void> {
  const { env } = platform;
  const runtimeApi = env.AWS_LAMBDA_RUNTIME_API;
  const diagnostics = new Diagnostics(platform);
  if (!runtimeApi) {
    diagnostics.error('AWS_LAMBDA_RUNTIME_API is not set: this is an AWS Lambda extension, which Lambda starts from /opt/extensions');
    platform.exit(1);
    return;
  }
  const { settings, problems } = readSettings(env, (text) => platform.utf8Length(text));
  diagnostics.level = settings.logLevel;
  diagnostics.conceal(() => secretsInEnv(env, settings));
  for (const { variable, message } of problems) {
    if (variable === 'LOKI_ENDPOINT' && settings.endpoint === undefined) diagnostics.error(`${variable} ${message}`);
    else diagnostics.warn(`${variable}: ${message}`);
  }

  const api = new ExtensionsApi(platform, diagnostics, runtimeApi);
  const managedInstances = env.AWS_LAMBDA_INITIALIZATION_TYPE === MANAGED_INSTANCES;
  let registration: Registration | undefined;
  try {
    // The listener has to be up before the subscription. What it receives waits for the parts that need the registration.
    const pipeline = new Pipeline();
    const receiver = settings.endpoint && (await startReceiver(platform, diagnostics, settings.telemetryPort, (events) => pipeline.accept(events)));
    registration = await api.register(managedInstances);
    if (settings.endpoint && receiver) {
      const parts = wire(platform, diagnostics, settings, settings.endpoint.url, api, registration, receiver);
      pipeline.open(parts.intake);
      const types: TelemetryType[] = ['platform', ...[...settings.logTypes].filter((type) => type !== 'platform')];
      if (await subscribe(platform, diagnostics, { runtimeApi, identifier: api.identifier, port: receiver.port, types })) {
        await parts.lifecycle.run(registration.invokeEvents);
        platform.exit(0);
        return;
      }
      receiver.close();
    }
  } catch (error) {
    diagnostics.error(`no logs are shipped, because of an unexpected error: ${messageOf(error)}; the function is not affected`);
  }
  // Nothing to ship: do what Lambda expects of every extension, and no more.
  registration ??= await api.register(managedInstances);
  while ((await api.next()).eventType !== 'SHUTDOWN');
  platform.exit(0);
}

/** Holds early deliveries back until there is something to hand them to. */
class Pipeline {
  readonly #opened: Promise<Intake>;
  open!: (intake: Intake) => void;

  constructor() {
    this.#opened = new Promise((resolve) => (this.open = resolve));
  }

  async accept(events: readonly unknown[]): Promise<void> {
    await (await this.#opened).accept(events);
  }
}

/** What `make` makes, made when it is first asked for. */
function lazily(make: () => Promise<Outbound>): () => Promise<Outbound> {
  let made: Promise<Outbound> | undefined;
  return () => (made ??= make());
}

function wire(
  platform: Platform, diagnostics: Diagnostics, settings: Settings, url: string, api: ExtensionsApi, registration: Registration, receiver: Receiver,
): { intake: Intake; lifecycle: Lifecycle } {
  const { functionName, functionVersion, invokeEvents } = registration;
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
    platform, diagnostics, options: settings, buffer, streams, requestIds, timestamps: new Timestamps(100_000 + Math.floor(Math.random() * 400_000)),
    listener: {
      invocationDone: (requestId, time) => invocations.done(requestId, time),
      invocationReported: (requestId) => invocations.reported(requestId),
      batchFilled: () => delivery.kick(),
      roomWanted: () => delivery.room(),
      dropped: (bytes) => losses.count(bytes),
    },
  });
  let starts = outbound !== undefined;
  const next: ExtensionsApi['next'] = () => {
    const event = api.next();
    // Off the path that Lambda waits for: the first `/next` is on its way.
    if (starts) platform.setTimer(SECRETS_AFTER_MS, () => void outbound!().then((ready) => ready.start()));
    starts = false;
    return event;
  };
  const lifecycle = new Lifecycle({ platform, diagnostics, options: settings, api: { next }, buffer, delivery, losses, invocations, requestIds, receiver });
  return { intake, lifecycle };
}
