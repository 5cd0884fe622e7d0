/**
 * Events of the Extensions API (AWS Lambda Developer Guide, "Using the Lambda Extensions API to create extensions",
 * section "Next"). Only what is used is named.
 */
export type LifecycleEvent = InvokeEvent | ShutdownEvent | UnknownEvent;

export interface InvokeEvent {
  readonly eventType: 'INVOKE';
  /** Milliseconds since the Unix epoch at which the function times out. */
  readonly deadlineMs: number;
  readonly requestId: string;
  /** The X-Ray header, if there is one. */
  readonly tracing?: string;
}

export interface ShutdownEvent {
  readonly eventType: 'SHUTDOWN';
  /** Milliseconds since the Unix epoch at which the extension is killed. */
  readonly deadlineMs: number;
  /**
   * `spindown`, `timeout` or `failure`; the case of the letters differs between the documentation and what Lambda
   * sends.
   */
  readonly shutdownReason: string;
}

export interface UnknownEvent {
  readonly eventType: 'UNKNOWN';
}

/** Reads what `/next` answered. Missing members get harmless values. */
export function parseLifecycleEvent(body: string, now: number): LifecycleEvent {
  const event = JSON.parse(body) as Record<string, unknown> | null;
  const deadline = typeof event?.deadlineMs === 'number' ? event.deadlineMs : undefined;
  switch (event?.eventType) {
    case 'INVOKE':
      return {
        eventType: 'INVOKE',
        deadlineMs: deadline ?? now + 3000,
        requestId: String(event.requestId ?? ''),
        ...tracingOf(event.tracing),
      };
    case 'SHUTDOWN':
      return {
        eventType: 'SHUTDOWN',
        deadlineMs: deadline ?? now + 2000,
        shutdownReason: String(event.shutdownReason ?? '').toLowerCase(),
      };
    default:
      return { eventType: 'UNKNOWN' };
  }
}

/** The value of `tracing`, which INVOKE and `platform.start` have. */
export function tracingOf(tracing: unknown): { readonly tracing?: string } {
  const value =
    typeof tracing === 'object' && tracing !== null ? (tracing as Record<string, unknown>).value : undefined;
  return typeof value === 'string' ? { tracing: value } : {};
}

/**
 * The members of an event in a Telemetry API delivery that are used (AWS Lambda Developer Guide, "Lambda Telemetry API
 * Event schema reference"): the columns of its table.
 */
export const TELEMETRY_MEMBERS = ['time', 'type', 'record'];

/** ISO 8601 with milliseconds: when the platform made the event, not when the function wrote the line. */
export const TIME = 0;
export const TYPE = 1;
/** Text; with the JSON log format also any other JSON value. */
export const RECORD = 2;
