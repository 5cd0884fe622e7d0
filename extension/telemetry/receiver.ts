import type { Diagnostics } from '../diagnostics';
import { TELEMETRY_MEMBERS } from '../lambda/events';
import { isPlatformError, messageOf } from '../platform/errors';
import type { HttpServer, IncomingRequest, JsonRows, OutgoingResponse, Platform } from '../platform/types';

/**
 * Lambda sends up to twice the `maxBytes` of the subscription (256 KiB) and the records' own frame; JSON escapes can
 * make that several times larger. What is larger still is no delivery of Lambda's.
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Lambda keeps one or two. Others can come from inside the environment only, and this many that merely hold a
 * connection delay no delivery; more do, by 100 ms for each time as many (see `ServeOptions`). File descriptors are
 * shared with the function, which has 1024.
 */
const MAX_CONNECTIONS = 128;

/** How many deliveries are remembered, to know one that is sent again. Lambda has one or two on the way at a time. */
const REMEMBERED = 16;

/** Managed Instances number their deliveries in this header. */
const SEQUENCE_ID = 'sequence-id';

/** How many ports above the configured one are tried when it is taken, before any free one. */
const OTHER_PORTS = 8;

const TAKEN: OutgoingResponse = { status: 200 };

export interface Receiver {
  readonly port: number;
  close(): void;
  /** Resolves when each delivery that has come in so far is in the buffer. */
  settled(): Promise<void>;
}

/**
 * Listens for the deliveries of the Telemetry API and hands them on, one at a time in the order of their arrival. A
 * delivery is answered 200 when its lines are in the buffer. `undefined`, after a line on stderr, when no port is to be
 * had.
 *
 * Lambda sends a delivery again when it has no answer: after a freeze, a lost connection, or a wait for room that was
 * too long for it. Such a repeat is known by its bytes, is answered with the first, and handed on only if the first
 * could not be. Two deliveries of different lines never have the same bytes, as every record has its time: Lambda
 * closes a delivery after 25 ms or when it is full, so that would take a thousand equal lines, or 256 KiB of them,
 * twice within one millisecond. Of those, the second thousand is lost.
 */
export async function startReceiver(
  platform: Pick<Platform, 'serve'>,
  diagnostics: Diagnostics,
  port: number,
  accept: (events: JsonRows) => Promise<void> | undefined,
): Promise<Receiver | undefined> {
  /** Resolves when the deliveries that wait are in the buffer; `undefined` while none does. */
  let queue: Promise<void> | undefined;
  /** The latest deliveries whose lines are in the buffer. */
  const latest = new Set<string>();

  /** A promise only where something has to be waited for, which nearly no delivery has to. */
  function takeIn(key: string, events: JsonRows): Promise<void> | undefined {
    if (latest.has(key)) return undefined;
    const waiting = accept(events);
    if (waiting !== undefined) return waiting.then(() => remember(key));
    remember(key);
    return undefined;
  }

  function remember(key: string): void {
    if (latest.add(key).size > REMEMBERED) latest.delete(latest.values().next().value!);
  }

  /** Resolves when a delivery and all before it are in the buffer. */
  function enqueue(waiting: Promise<void>): Promise<OutgoingResponse> {
    const settled = waiting
      .catch(() => undefined)
      .then(() => {
        if (queue === settled) queue = undefined;
      });
    queue = settled;
    return waiting.then(() => TAKEN);
  }

  function handle(request: IncomingRequest): OutgoingResponse | Promise<OutgoingResponse> {
    const { method, path, rows, bodyBytes, digest, headers } = request;
    if (path.split('?', 1)[0] !== '/') return { status: 404, body: 'not found: telemetry goes to /\n' };
    if (method !== 'POST') return { status: 405, body: 'method not allowed: telemetry is sent by POST\n' };
    if (rows === undefined) {
      // Anything but 200 would have Lambda send the same bytes again and again.
      diagnostics.warnOnce(
        'receiver',
        `a telemetry delivery of ${bodyBytes} bytes is not a JSON array and was left out`,
      );
      return TAKEN;
    }
    const key = `${digest} ${headers[SEQUENCE_ID]}`;
    const waiting = queue === undefined ? takeIn(key, rows) : queue.then(() => takeIn(key, rows));
    return waiting === undefined ? TAKEN : enqueue(waiting);
  }

  const options = {
    maxBodyBytes: MAX_BODY_BYTES,
    maxConnections: MAX_CONNECTIONS,
    members: TELEMETRY_MEMBERS,
    headerNames: [SEQUENCE_ID],
  };
  const candidates = [
    ...Array.from({ length: OTHER_PORTS + 1 }, (_, i) => port + i).filter((one) => one <= 65_535 && one !== 9001),
    0,
  ];
  for (const candidate of candidates) {
    try {
      const server: HttpServer = await platform.serve({ ...options, port: candidate }, handle);
      if (candidate !== port)
        diagnostics.warn(
          `port ${port} is taken; telemetry is received on port ${server.port}. LOKI_TELEMETRY_PORT chooses another`,
        );
      return { port: server.port, close: () => server.close(), settled: () => queue ?? Promise.resolve() };
    } catch (error) {
      if (isPlatformError(error) && error.code === 'EADDRINUSE') continue;
      diagnostics.error(
        `no port to receive telemetry on (${messageOf(error)}), so no logs are shipped; the function is not affected`,
      );
      return undefined;
    }
  }
  diagnostics.error('no free port to receive telemetry on, so no logs are shipped; the function is not affected');
  return undefined;
}
