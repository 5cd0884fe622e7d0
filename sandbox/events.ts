import type { TelemetryCategory } from './types';

let originMs = performance.timeOrigin;
let latestMs = 0;

/**
 * Milliseconds since the Unix epoch, with fractions; never goes back. It keeps to the system's clock, by which the
 * extension measures its deadlines: where that is being set right, it differs from the time since the process began by
 * milliseconds every second.
 */
export function nowMs(): number {
  const system = Date.now();
  const now = originMs + performance.now();
  const kept = Math.min(Math.max(now, system), system + 1);
  originMs += kept - now;
  return (latestMs = Math.max(latestMs, kept));
}

interface EventDetails {
  'phase.start': { phase: 'init' | 'invoke' | 'restore' | 'reset' | 'shutdown'; requestId?: string };
  'phase.end': { phase: 'init' | 'invoke' | 'restore' | 'reset' | 'shutdown'; requestId?: string; status: string };
  'process.start': { name: string; role: 'runtime' | 'extension'; pid: number };
  'process.exit': {
    name: string;
    role: 'runtime' | 'extension';
    pid: number;
    code: number | null;
    signal: string | null;
  };
  'process.signal': { name: string; pid: number; signal: string };
  'extension.register': {
    name: string;
    status: number;
    events: readonly string[];
    errorType?: string;
    features: readonly string[];
  };
  /** An extension has called `/next`. */
  'extension.next': { name: string; status: number; errorType?: string };
  /** The reply to `/next` was sent. */
  'extension.event': { name: string; eventType: 'INVOKE' | 'SHUTDOWN'; requestId?: string; deadlineMs: number };
  'extension.error': { name: string; kind: 'init' | 'exit'; errorType: string; status: number };
  'runtime.next': { requestId?: string };
  'runtime.invocation': { requestId: string };
  'runtime.response': { requestId: string; bytes: number; streaming: boolean };
  'runtime.error': { requestId?: string; errorType: string };
  'telemetry.subscribe': {
    name: string;
    status: number;
    schemaVersion?: string;
    types?: readonly string[];
    buffering?: { maxItems: number; maxBytes: number; timeoutMs: number };
    errorType?: string;
  };
  /** A POST was answered or failed; `at` is the end, `sentAt` the start. */
  'telemetry.post': {
    name: string;
    sentAt: number;
    attempt: number;
    items: number;
    bytes: number;
    types: readonly string[];
    status?: number;
    error?: string;
  };
  'telemetry.dropped': { name: string; records: number; bytes: number };
  /** The subscriber ended while it still had records to get. */
  'telemetry.abandoned': { name: string; records: number; bytes: number };
  platform: { category: TelemetryCategory; record: { type: string; record: unknown } };
  /** All process groups were sent SIGSTOP; `stoppedAt` is when each was seen in state T. */
  freeze: { pids: readonly number[]; stoppedAt: number };
  thaw: { pids: readonly number[]; frozenForMs: number };
}

export type EventType = keyof EventDetails;

/** Something that happened; `at` is in epoch milliseconds with fractions. */
export type SandboxEvent<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly at: number } & Readonly<EventDetails[K]>;
}[T];

/** Everything that happened in an environment, in order. */
export class EventRecorder {
  readonly #events: SandboxEvent[] = [];
  readonly #waiters = new Set<(event: SandboxEvent) => void>();

  get all(): readonly SandboxEvent[] {
    return this.#events;
  }

  /** The events of one type so far. */
  of<T extends EventType>(type: T): SandboxEvent<T>[] {
    return this.#events.filter((event) => event.type === type) as unknown as SandboxEvent<T>[];
  }

  /** Platform records of one telemetry type, such as `platform.report`. */
  platform(type: string): { at: number; record: Record<string, unknown> }[] {
    return this.of('platform')
      .filter((event) => event.record.type === type)
      .map((event) => ({ at: event.at, record: event.record.record as Record<string, unknown> }));
  }

  /**
   * The first event of a type that passes `accept`, past or future.
   *
   * @throws when there is none within `timeoutMs` (default 10000)
   */
  waitFor<T extends EventType>(
    type: T,
    accept: (event: SandboxEvent<T>) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<SandboxEvent<T>> {
    const past = this.of(type).find(accept);
    if (past) return Promise.resolve(past);
    return this.waitForNext(type, accept, timeoutMs);
  }

  /** As {@link waitFor}, but only what happens from now on. */
  waitForNext<T extends EventType>(
    type: T,
    accept: (event: SandboxEvent<T>) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<SandboxEvent<T>> {
    return new Promise((resolve, reject) => {
      const waiter = (event: SandboxEvent): void => {
        const candidate = event as unknown as SandboxEvent<T>;
        if (event.type !== type || !accept(candidate)) return;
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        resolve(candidate);
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`no event "${type}" within ${timeoutMs} ms; the last ones were: ${this.#tail()}`));
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  record<T extends EventType>(type: T, details: EventDetails[T], at = nowMs()): SandboxEvent<T> {
    const event = { type, at, ...details } as unknown as SandboxEvent;
    this.#events.push(event);
    for (const waiter of [...this.#waiters]) waiter(event);
    return event as unknown as SandboxEvent<T>;
  }

  /** Forgets what happened so far; for long runs. */
  clear(): void {
    this.#events.length = 0;
  }

  #tail(): string {
    return this.#events
      .slice(-8)
      .map((event) => (event.type === 'platform' ? event.record.type : event.type))
      .join(', ');
  }
}
