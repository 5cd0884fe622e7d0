import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { nowMs, type EventRecorder } from './events';
import { category, recordJsonFor, serialise, type TelemetryRecord } from './records';
import type { PausableTimers } from './timers';
import type { AcknowledgedRecord, TelemetryCategory, TelemetryKnobs } from './types';

/** What an extension has asked the Telemetry API for. */
export interface Subscription {
  readonly name: string;
  readonly schemaVersion: string;
  readonly types: readonly TelemetryCategory[];
  readonly port: number;
  readonly path: string;
  /** Host and port as in the URI, for the Host header. */
  readonly host: string;
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

interface Batch {
  readonly body: Buffer;
  readonly records: readonly TelemetryRecord[];
  readonly types: readonly string[];
  attempt: number;
  /** Its records were counted as acknowledged. */
  acknowledged?: boolean;
}

export interface DelivererParts {
  readonly knobs: TelemetryKnobs;
  /** Stand still while frozen; nothing is sent meanwhile. */
  readonly timers: PausableTimers;
  readonly events: EventRecorder;
  readonly acknowledged: (records: readonly AcknowledgedRecord[]) => void;
  readonly dropped: (records: number, bytes: number) => void;
}

interface Answer {
  readonly status?: number;
  readonly error?: string;
  /** The kept connection was dead; nobody has seen the request. */
  readonly stale?: boolean;
}

/** With `reorder`, a POST waits at most this long for its successor. */
const REORDER_HOLD_MS = 50;

/** Buffers the records for one subscriber and sends them, one POST after the other. */
export class Deliverer {
  readonly subscription: Subscription;
  readonly #parts: DelivererParts;
  readonly #agent: HttpAgent;
  #current: { readonly record: TelemetryRecord; readonly json: string }[] = [];
  #currentBytes = 0;
  #cancelCut?: () => void;
  #heldBack?: Batch;
  #queue: Batch[] = [];
  #queuedBytes = 0;
  #inFlight = new Set<Batch>();
  #retryAt?: () => void;
  #held = false;
  #ended = false;
  #batches = 0;
  #posts = 0;
  /** The POST that was answered last. */
  #lastAccepted?: Batch;
  /** Dropped and not yet told. */
  #lost = { records: 0, bytes: 0 };
  #idleWaiters: (() => void)[] = [];

  constructor(subscription: Subscription, parts: DelivererParts) {
    this.subscription = subscription;
    this.#parts = parts;
    this.#agent = new HttpAgent({
      keepAlive: parts.knobs.connection === 'keep-alive',
      maxSockets: parts.knobs.inFlight,
    });
  }

  /** Whether nothing is buffered, queued or unanswered. */
  get idle(): boolean {
    return (
      this.#current.length === 0 &&
      this.#queue.length === 0 &&
      this.#inFlight.size === 0 &&
      this.#heldBack === undefined
    );
  }

  /** Takes a record if its type is subscribed. */
  offer(record: TelemetryRecord): void {
    if (this.#ended || !this.subscription.types.includes(category(record.type))) return;
    const json = serialise(record, this.subscription.schemaVersion);
    if (
      this.#parts.knobs.split &&
      this.#current.length > 0 &&
      group(record.type) !== group(this.#current[0]!.record.type)
    )
      this.#cut();
    this.#current.push({ record, json });
    this.#currentBytes += Buffer.byteLength(json) + 1;
    const { maxItems, maxBytes, timeoutMs } = this.subscription;
    if (this.#current.length >= maxItems || this.#currentBytes >= maxBytes) {
      this.#cut();
    } else {
      this.#cancelCut ??= this.#parts.timers.set(timeoutMs, () => this.#cut());
    }
    this.#bound();
  }

  /** Queues a body as it stands. */
  inject(body: Buffer): void {
    this.#cut();
    this.#enqueue({ body, records: [], types: [], attempt: 0 });
  }

  /** Keeps everything back until {@link flush}. */
  hold(): void {
    this.#held = true;
  }

  /** Sends what is buffered without waiting for more. */
  flush(): void {
    this.#held = false;
    this.#cut();
    this.#releaseHeldBack();
    this.pump();
  }

  /** The environment runs again. */
  thawed(): void {
    const again = this.#lastAccepted;
    this.#lastAccepted = undefined;
    if (this.#parts.knobs.repeat?.afterFreeze && again) {
      this.#queue.unshift(again);
      this.#queuedBytes += again.body.length;
    }
    this.pump();
  }

  /** Sends if it may. */
  pump(): void {
    if (this.#ended || this.#held || this.#retryAt) return;
    while (!this.#parts.timers.paused && this.#inFlight.size < this.#parts.knobs.inFlight) {
      const batch = this.#queue.shift();
      if (!batch) break;
      this.#inFlight.add(batch);
      void this.#post(batch);
    }
    if (this.idle) for (const waiter of this.#idleWaiters.splice(0)) waiter();
  }

  /** Resolves when nothing is left to send. */
  whenIdle(): Promise<void> {
    return this.idle || this.#ended ? Promise.resolve() : new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** The subscriber has ended. */
  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelCut?.();
    this.#retryAt?.();
    const left = [...this.#queue, ...this.#inFlight, ...(this.#heldBack ? [this.#heldBack] : [])];
    const records = left.reduce((sum, batch) => sum + batch.records.length, this.#current.length);
    if (records > 0) {
      const bytes = left.reduce((sum, batch) => sum + batch.body.length, this.#currentBytes);
      this.#parts.events.record('telemetry.abandoned', { name: this.subscription.name, records, bytes });
    }
    this.#agent.destroy();
    for (const waiter of this.#idleWaiters.splice(0)) waiter();
  }

  #cut(): void {
    this.#cancelCut?.();
    this.#cancelCut = undefined;
    if (this.#current.length === 0) return;
    const records = this.#current;
    this.#current = [];
    this.#currentBytes = 0;
    const batch: Batch = {
      body: Buffer.from(`[${records.map(({ json }) => json).join(',')}]`),
      records: records.map(({ record }) => record),
      types: [...new Set(records.map(({ record }) => record.type))],
      attempt: 0,
    };
    this.#batches += 1;
    if (this.#parts.knobs.reorder && this.#batches % 2 === 1 && this.#heldBack === undefined) {
      this.#heldBack = batch;
      this.#parts.timers.set(REORDER_HOLD_MS, () => this.#releaseHeldBack());
      return;
    }
    this.#enqueue(batch);
    this.#releaseHeldBack();
  }

  #releaseHeldBack(): void {
    const batch = this.#heldBack;
    this.#heldBack = undefined;
    if (batch) this.#enqueue(batch);
  }

  #enqueue(batch: Batch): void {
    if (this.#ended) return;
    this.#queue.push(batch);
    this.#queuedBytes += batch.body.length;
    this.pump();
  }

  /** Drops the oldest batches that are not on their way when the subscriber has fallen too far behind. */
  #bound(): void {
    while (this.#queuedBytes + this.#currentBytes > this.#parts.knobs.maxQueuedBytes) {
      const batch = this.#queue.shift();
      if (!batch) break;
      this.#queuedBytes -= batch.body.length;
      this.#lost.records += batch.records.length;
      this.#lost.bytes += batch.body.length;
      this.#parts.events.record('telemetry.dropped', {
        name: this.subscription.name,
        records: batch.records.length,
        bytes: batch.body.length,
      });
    }
  }

  /** Says what was dropped, once there is room to say it. */
  #tellLost(): void {
    const { records, bytes } = this.#lost;
    if (records === 0) return;
    this.#lost = { records: 0, bytes: 0 };
    this.#parts.dropped(records, bytes);
  }

  async #post(batch: Batch): Promise<void> {
    const { knobs, timers, events } = this.#parts;
    let answer: Answer;
    let sentAt: number;
    do {
      sentAt = nowMs();
      answer = await this.#send(batch.body);
    } while (answer.stale && !this.#ended);
    batch.attempt += 1;
    events.record('telemetry.post', {
      name: this.subscription.name,
      sentAt,
      attempt: batch.attempt,
      items: batch.records.length,
      bytes: batch.body.length,
      types: batch.types,
      ...(answer.status === undefined ? { error: answer.error } : { status: answer.status }),
    });
    let accepted = answer.status !== undefined && answer.status >= 200 && answer.status < 300;
    if (accepted && !batch.acknowledged) {
      batch.acknowledged = true;
      this.#acknowledge(batch);
    }
    if (this.#ended) return;
    this.#inFlight.delete(batch);
    this.#posts += 1;
    const { loseAnswerOf } = knobs.repeat ?? {};
    if (loseAnswerOf !== undefined && batch.attempt === 1 && this.#posts % loseAnswerOf === 0) accepted = false;
    if (accepted) {
      this.#lastAccepted = batch;
      this.#queuedBytes -= batch.body.length;
      this.#tellLost();
    } else {
      this.#queue.unshift(batch);
      const pause = Math.min(knobs.retryMaxMs, knobs.retryFirstMs * 2 ** (batch.attempt - 1));
      this.#retryAt ??= timers.set(pause, () => {
        this.#retryAt = undefined;
        this.pump();
      });
    }
    this.pump();
  }

  #acknowledge(batch: Batch): void {
    const { name, schemaVersion } = this.subscription;
    this.#parts.acknowledged(
      batch.records.map((record) => {
        const recordJson = recordJsonFor(record, schemaVersion);
        return {
          subscriber: name,
          type: record.type,
          time: record.time,
          recordJson,
          get record(): unknown {
            return JSON.parse(recordJson) as unknown;
          },
          requestId: record.requestId,
        };
      }),
    );
  }

  #send(body: Buffer): Promise<Answer> {
    const { knobs } = this.#parts;
    const { port, path, host } = this.subscription;
    return new Promise((resolve) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        path: knobs.dropPath ? '/' : path,
        method: 'POST',
        agent: this.#agent,
        headers: {
          Host: host,
          'Content-Type': 'application/json',
          ...(knobs.transfer === 'chunked' ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': body.length }),
        },
      });
      request.on('response', (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode }));
        response.on('error', (error) => resolve({ error: error.message }));
        response.on('close', () => resolve({ error: 'the connection was closed within the response' }));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const dead = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        resolve({ error: error.code ?? error.message, stale: request.reusedSocket && dead });
      });
      if (knobs.repeat?.giveUpMs !== undefined) {
        const cancel = this.#parts.timers.set(knobs.repeat.giveUpMs, () => {
          resolve({ error: `no answer within ${knobs.repeat?.giveUpMs} ms` });
          request.destroy();
        });
        request.on('close', cancel);
      }
      if (knobs.drip) void this.#drip(body, knobs.drip, request);
      else request.end(body);
    });
  }

  async #drip(
    body: Buffer,
    pace: { readonly bytes: number; readonly everyMs: number },
    request: ReturnType<typeof httpRequest>,
  ): Promise<void> {
    for (let from = 0; from < body.length && !request.destroyed; from += pace.bytes) {
      request.write(body.subarray(from, from + pace.bytes));
      await this.#parts.timers.delay(pace.everyMs);
    }
    if (!request.destroyed) request.end();
  }
}

/** With `split`, records of different groups never share a POST. */
function group(type: string): string {
  return type === 'function' || type === 'extension' ? 'lines' : type;
}
