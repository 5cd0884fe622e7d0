import type { IncomingMessage, ServerResponse } from 'node:http';
import { delay } from './deferred';
import { Deliverer, type Subscription } from './delivery';
import { nowMs, type EventRecorder } from './events';
import type { ExtensionsApi } from './extensions-api';
import { HttpError, readBody, sendJson, type ApiServer } from './http';
import { category, isoTime, platformRecord, SCHEMA_VERSIONS, type TelemetryRecord } from './records';
import type { PausableTimers } from './timers';
import type { AcknowledgedRecord, InitializationType, TelemetryCategory, TelemetryKnobs } from './types';

const invalid = (message: string): never => {
  throw new HttpError(400, 'ValidationError', message);
};

/** The Telemetry API, 2022-07-01: takes subscriptions during Init and passes every record on to the subscribers. */
export class TelemetryApi {
  readonly acknowledged: AcknowledgedRecord[] = [];
  readonly #events: EventRecorder;
  readonly #extensions: ExtensionsApi;
  readonly #timers: PausableTimers;
  readonly #knobs: TelemetryKnobs;
  readonly #mode: InitializationType;
  #deliverers = new Map<string, Deliverer>();
  /** What was emitted since the processes were started; a new subscriber gets it first. */
  #history: TelemetryRecord[] = [];
  #open = true;
  #generation = 0;
  /** How far the platform's clock is ahead, in milliseconds. */
  clockOffsetMs = 0;

  constructor(
    server: ApiServer,
    parts: {
      events: EventRecorder;
      extensions: ExtensionsApi;
      timers: PausableTimers;
      knobs: TelemetryKnobs;
      mode: InitializationType;
    },
  ) {
    this.#events = parts.events;
    this.#extensions = parts.extensions;
    this.#timers = parts.timers;
    this.#knobs = parts.knobs;
    this.#mode = parts.mode;
    server.route(/^PUT \/2022-07-01\/telemetry$/, (request, response) => this.#subscribe(request, response));
    server.route(/^PUT \/2020-08-15\/logs$/, () => {
      throw new HttpError(400, 'Logs.NotSupported', 'the Logs API is not part of this sandbox');
    });
  }

  get deliverers(): readonly Deliverer[] {
    return [...this.#deliverers.values()];
  }

  /** Emits a platform record. */
  platform(type: string, record: unknown, requestId?: string): void {
    const at = nowMs();
    this.#events.record('platform', { category: 'platform', record: { type, record } }, at);
    this.emit(platformRecord(type, record, at, requestId));
  }

  emit(record: TelemetryRecord): void {
    const stamped =
      this.clockOffsetMs === 0 ? record : { ...record, time: isoTime(Date.parse(record.time) + this.clockOffsetMs) };
    const fate = this.#knobs.fate(stamped);
    if (fate === 'lose') return;
    if (fate === 'deliver') this.#deliver(stamped);
    else {
      // What comes after the end of the processes is nobody's.
      const generation = this.#generation;
      this.#timers.set(fate.lateMs, () => {
        if (generation === this.#generation) this.#deliver(stamped);
      });
    }
  }

  #deliver(record: TelemetryRecord): void {
    if (this.#open) this.#history.push(record);
    for (const deliverer of this.#deliverers.values()) deliverer.offer(record);
  }

  /** Puts a whole body into the stream of every subscriber. */
  injectBody(body: Buffer): void {
    for (const deliverer of this.#deliverers.values()) deliverer.inject(body);
  }

  /** Init is over: no more subscriptions. */
  close(): void {
    this.#open = false;
    this.#history = [];
  }

  /** The processes were ended: the subscriptions with them, and new ones are taken. */
  reset(): void {
    for (const deliverer of this.#deliverers.values()) deliverer.abandon();
    this.#deliverers.clear();
    this.#generation += 1;
    this.#history = [];
    this.#open = true;
  }

  async #subscribe(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const behaviour = this.#knobs.subscribe;
    const text = (await readBody(request)).toString('utf8');
    if (behaviour === 'not-supported') {
      this.#events.record('telemetry.subscribe', { name: '', status: 202, errorType: 'Telemetry.NotSupported' });
      sendJson(response, 202, { errorMessage: 'Telemetry API is not supported', errorType: 'Telemetry.NotSupported' });
      return;
    }
    const agent = this.#extensions.identify(request);
    let parsed: Partial<Subscription> = {};
    try {
      if (typeof behaviour === 'object') await delay(behaviour.delayMs);
      if (behaviour === 'client-error') invalid('subscription refused');
      if (behaviour === 'server-error')
        throw new HttpError(500, 'InternalServerError', 'the subscription service failed');
      if (!this.#open)
        throw new HttpError(403, 'Telemetry.SubscriptionClosed', 'subscriptions are taken during Init only');
      const subscription = parseSubscription(text, agent.name, this.#refusedVersions());
      parsed = subscription;
      this.#start(subscription);
      this.#events.record('telemetry.subscribe', { ...describe(subscription), status: 200 });
      sendJson(response, 200, 'OK');
      this.platform('platform.telemetrySubscription', {
        name: agent.name,
        state: 'Subscribed',
        types: subscription.types,
      });
    } catch (error) {
      const { status, errorType } = error instanceof HttpError ? error : { status: 500, errorType: 'Sandbox.Internal' };
      this.#events.record('telemetry.subscribe', {
        name: agent.name,
        schemaVersion: parsed.schemaVersion,
        status,
        errorType,
      });
      throw error;
    }
  }

  #refusedVersions(): readonly string[] {
    const all: readonly string[] = SCHEMA_VERSIONS;
    return this.#mode === 'lambda-managed-instances'
      ? [...this.#knobs.rejectSchemaVersions, ...all.slice(0, -1)]
      : this.#knobs.rejectSchemaVersions;
  }

  #start(subscription: Subscription): void {
    this.#deliverers.get(subscription.name)?.abandon();
    const deliverer: Deliverer = new Deliverer(subscription, {
      knobs: this.#knobs,
      timers: this.#timers,
      events: this.#events,
      acknowledged: (records) => this.acknowledged.push(...records),
      dropped: (records, bytes) => {
        const at = nowMs();
        const notice = {
          droppedBytes: bytes,
          droppedRecords: records,
          reason: 'the subscriber takes records more slowly than they are written',
        };
        this.#events.record(
          'platform',
          { category: 'platform', record: { type: 'platform.logsDropped', record: notice } },
          at,
        );
        deliverer.offer(platformRecord('platform.logsDropped', notice, at));
      },
    });
    this.#deliverers.set(subscription.name, deliverer);
    for (const record of this.#history) deliverer.offer(record);
  }
}

/**
 * The records of a test as the stream takes them: `time` and `type` are filled in where absent, everything else stays.
 */
export function injectedJson(record: unknown): string {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return JSON.stringify(record);
  return JSON.stringify({ time: isoTime(nowMs()), ...record });
}

function describe({ name, schemaVersion, types, maxItems, maxBytes, timeoutMs }: Subscription): {
  name: string;
  schemaVersion: string;
  types: readonly string[];
  buffering: { maxItems: number; maxBytes: number; timeoutMs: number };
} {
  return { name, schemaVersion, types, buffering: { maxItems, maxBytes, timeoutMs } };
}

function parseSubscription(text: string, name: string, refused: readonly string[]): Subscription {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return invalid('the body is not JSON');
  }
  if (typeof body !== 'object' || body === null) return invalid('the body is not an object');
  const schemaVersion = body.schemaVersion;
  if (
    typeof schemaVersion !== 'string' ||
    !(SCHEMA_VERSIONS as readonly string[]).includes(schemaVersion) ||
    refused.includes(schemaVersion)
  ) {
    return invalid(`schemaVersion ${JSON.stringify(schemaVersion)} is not supported`);
  }
  const types = body.types;
  if (!Array.isArray(types) || types.length === 0 || types.some((type) => category(String(type)) !== type)) {
    return invalid('types must be a non-empty subset of platform, function, extension');
  }
  const destination = (body.destination ?? {}) as Record<string, unknown>;
  if (destination.protocol !== 'HTTP') return invalid('this sandbox delivers over HTTP only');
  let uri: URL;
  try {
    uri = new URL(String(destination.URI));
  } catch {
    return invalid('destination.URI is not a URL');
  }
  if (uri.protocol !== 'http:') invalid('destination.URI must be http');
  if (uri.hostname !== 'sandbox.localdomain' && uri.hostname !== 'sandbox')
    invalid('the host of destination.URI must be sandbox.localdomain');
  if (uri.port === '' || uri.port === '9001') invalid('destination.URI needs a port other than 9001');
  const buffering = (body.buffering ?? {}) as Record<string, unknown>;
  return {
    name,
    schemaVersion,
    types: types as TelemetryCategory[],
    port: Number(uri.port),
    path: uri.pathname + uri.search,
    host: uri.host,
    maxItems: bounded(buffering, 'maxItems', 1000, 10_000, 10_000),
    maxBytes: bounded(buffering, 'maxBytes', 262_144, 1_048_576, 262_144),
    timeoutMs: bounded(buffering, 'timeoutMs', 25, 30_000, 1000),
  };
}

function bounded(
  buffering: Record<string, unknown>,
  field: string,
  least: number,
  most: number,
  fallback: number,
): number {
  const value = buffering[field];
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    return invalid(`buffering.${field} must be an integer from ${least} to ${most}`);
  }
  return value;
}
