import { Random } from '../../faults/random';
import { FakePlatform } from './fake-platform';
import { type LokiValue, type Metadata, tailOf } from '../../../extension/buffer/batch';
import { type BufferLimits, LineBuffer } from '../../../extension/buffer/line-buffer';
import { Losses } from '../../../extension/buffer/losses';
import { readSettings } from '../../../extension/config/read-settings';
import type { Settings } from '../../../extension/config/settings';
import { Diagnostics, type LogLevel } from '../../../extension/diagnostics';
import { Delivery } from '../../../extension/loki/delivery';
import { Latency } from '../../../extension/loki/latency';
import { LokiClient } from '../../../extension/loki/loki-client';
import { Pacer } from '../../../extension/loki/pacer';
import { Settlement } from '../../../extension/loki/settlement';
import { Streams } from '../../../extension/loki/streams';
import { TELEMETRY_MEMBERS } from '../../../extension/lambda/events';
import { rowsOf } from '../../../extension/platform/node/rows';
import type { HttpRequest, JsonRows } from '../../../extension/platform/types';

export const ENDPOINT = 'https://logs.example.com/loki/api/v1/push';
export const ID_1 = '11111111-1111-4111-8111-111111111111';
export const ID_2 = '22222222-2222-4222-8222-222222222222';
export const ID_3 = '33333333-3333-4333-8333-333333333333';

/** Settings as the environment variables give them, beside a good endpoint. */
export function settingsOf(env: Record<string, string> = {}): Settings {
  return readSettings({ LOKI_ENDPOINT: ENDPOINT, ...env }, (text) => Buffer.byteLength(text)).settings;
}

/** A delivery of the Telemetry API, as JSON text or as what that stands for. */
export function delivery(events: string | readonly unknown[]): JsonRows {
  return rowsOf(typeof events === 'string' ? events : JSON.stringify(events), TELEMETRY_MEMBERS)!;
}

export interface PushedStream {
  readonly stream: Record<string, string>;
  readonly values: LokiValue[];
}

/** What one push carried. Fails where it is not a push of exactly one stream. */
export function pushOf(request: HttpRequest): PushedStream {
  let text = typeof request.body === 'string' ? request.body : Buffer.from(request.body!).toString();
  if (text.startsWith('gz:')) text = text.slice(3);
  const { streams } = JSON.parse(text) as { streams: PushedStream[] };
  if (streams.length !== 1) throw new Error(`a push of ${streams.length} streams`);
  return streams[0];
}

export interface DeliveryBench {
  readonly platform: FakePlatform;
  readonly diagnostics: Diagnostics;
  readonly buffer: LineBuffer;
  readonly streams: Streams;
  readonly delivery: Delivery;
  readonly settings: Settings;
  readonly losses: Losses;
  /** Puts a line into the buffer, as intake does; `true` when it filled a batch. */
  add(line: string, requestId?: string, metadata?: Metadata): boolean;
  /** Puts `count` lines `line 0`, `line 1` … into the buffer. */
  fill(count: number, requestId?: string): void;
  /** The lines of all pushes that were answered 2xx, in order of the requests. */
  readonly pushes: () => PushedStream[];
  storedCalls: number;
}

/** Buffer, client and delivery on a fake platform, with a Loki that is `platform.onRequest`. */
export function deliveryBench(
  options: { env?: Record<string, string>; limits?: Partial<BufferLimits>; level?: LogLevel } = {},
): DeliveryBench {
  const platform = new FakePlatform();
  const settings = settingsOf({ LOKI_ENABLE_GZIP: 'false', ...options.env });
  const diagnostics = new Diagnostics(platform, options.level ?? 'warn');
  const buffer = new LineBuffer(
    { maxLines: 10_000, maxBytes: 1 << 24, batchLines: 10, batchBytes: 1 << 20, ...options.limits },
    platform,
  );
  const streams = new Streams(settings, { functionName: 'orders', functionVersion: '7', region: 'eu-west-1' });
  const latency = new Latency();
  const pacer = new Pacer(platform, latency);
  const client = new LokiClient(platform, { ...settings, url: settings.endpoint!.url }, latency);
  const losses = new Losses();
  let time = 1_700_000_000_000_000_000n;
  const bench: DeliveryBench = {
    platform,
    diagnostics,
    buffer,
    streams,
    settings,
    storedCalls: 0,
    losses,
    delivery: new Delivery({
      platform,
      diagnostics,
      options: settings,
      buffer,
      client,
      streams,
      pacer,
      settlement: new Settlement({ platform, diagnostics, pacer, buffer, streams, losses }),
      onStored: () => void bench.storedCalls++,
    }),
    add(line, requestId, metadata) {
      const given = metadata ?? streams.of(requestId).metadata;
      return buffer.add(streams.of(requestId).key, String(time++), line, tailOf(given));
    },
    fill(count, requestId) {
      for (let i = 0; i < count; i++) bench.add(`line ${i}`, requestId);
    },
    pushes: () => platform.sent.map(({ request }) => pushOf(request)),
  };
  return bench;
}

/** Whole numbers below a bound, determined by a seed, so that a failing sequence can be had again. */
export function randomFrom(seed: number): (below: number) => number {
  const random = new Random(seed);
  return (below) => random.whole(0, below - 1);
}
