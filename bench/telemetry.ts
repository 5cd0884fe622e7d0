import { LogLines, type LineKind } from './log-lines';

/** The most that one delivery holds, as subscriptions that ask for the smallest buffers get it. */
const MAX_ITEMS = 1000;
const MAX_BYTES = 262_144;

export interface Workload {
  readonly invocations: number;
  /** Lines that the function writes in each of them. */
  readonly lines: number;
  /** What they look like; `plain` unless it is said. */
  readonly kind?: LineKind;
}

export interface Script {
  /** What the harness reads. */
  readonly content: Buffer;
  /** Lines of the function, over all invocations. */
  readonly lines: number;
  /** UTF-8 bytes of these lines. */
  readonly bytes: number;
}

/**
 * The telemetry of a workload. Each invocation has its `platform.start`, its lines and its `platform.runtimeDone`,
 * preceded by the `platform.report` of the one before, which Lambda delivers only then. The harness gives the events
 * new times as it delivers them.
 */
export function scriptFor({ invocations, lines, kind = 'plain' }: Workload, now = Date.now()): Script {
  const source = new LogLines();
  const parts: Buffer[] = [];
  let bytes = 0;
  let report: string | undefined;
  for (let i = 0; i < invocations; i++) {
    const requestId = source.uuid();
    // Ten lines a millisecond; the last ones are of now.
    const began = now - Math.ceil((invocations - i) * (lines / 10 + 2));
    const done = began + Math.ceil(lines / 10) + 1;
    const records = report === undefined ? [] : [report];
    records.push(event(began, 'platform.start', { requestId, version: '$LATEST' }));
    for (let line = 0; line < lines; line++) {
      const time = began + Math.floor(line / 10);
      const record = source.record(kind, time, requestId);
      bytes += typeof record === 'string' ? Buffer.byteLength(record) - 1 : Buffer.byteLength(JSON.stringify(record));
      records.push(event(time, 'function', record));
    }
    const durationMs = done - began;
    const metrics = { durationMs, producedBytes: 2 };
    records.push(event(done, 'platform.runtimeDone', { requestId, status: 'success', metrics }));
    report = event(done + 1, 'platform.report', {
      requestId,
      status: 'success',
      metrics: { durationMs, billedDurationMs: durationMs + 1, memorySizeMB: 512, maxMemoryUsedMB: 71 },
    });
    parts.push(Buffer.from(`invoke ${requestId}\n`));
    for (const body of deliveries(records)) parts.push(Buffer.from(`post ${body.length}\n`), body);
  }
  return { content: Buffer.concat(parts), lines: source.written, bytes };
}

function event(time: number, type: string, record: unknown): string {
  return JSON.stringify({ time: new Date(time).toISOString(), type, record });
}

/** Packs records, in their order, into as few bodies as Lambda's limits allow. */
export function deliveries(records: readonly string[], { maxItems = MAX_ITEMS, maxBytes = MAX_BYTES } = {}): Buffer[] {
  const bodies: Buffer[] = [];
  let batch: string[] = [];
  let size = 2;
  const cut = () => {
    if (batch.length > 0) bodies.push(Buffer.from(`[${batch.join(',')}]`));
    batch = [];
    size = 2;
  };
  for (const record of records) {
    const bytes = Buffer.byteLength(record) + 1;
    if (batch.length === maxItems || size + bytes > maxBytes) cut();
    batch.push(record);
    size += bytes;
  }
  cut();
  return bodies;
}
