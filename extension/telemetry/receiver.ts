import type { Diagnostics } from '../diagnostics';
import { TELEMETRY_MEMBERS } from '../lambda/events';
import { isPlatformError, messageOf } from '../platform/errors';
import type { HttpServer, IncomingRequest, JsonRows, OutgoingResponse, Platform } from '../platform/types';

/**
 * Lambda sends up to twice the `maxBytes` of the subscription (256 KiB) and the records' own frame; JSON escapes can
 * make that several times larger. A larger body isn't a delivery of Lambda's.
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Lambda keeps one or two connections. Others can come only from inside the environment. This many idle ones delay no
 * delivery; more delay it by 100 ms for each time this number (see `ServeOptions`). The function has 1024 file
 * descriptors.
 */
const MAX_CONNECTIONS = 128;

/** How many deliveries are remembered, to recognise one that is sent again. Lambda sends one or two at a time. */
const REMEMBERED = 16;

/** Managed Instances number their deliveries in this header. */
const SEQUENCE_ID = 'sequence-id';

/** How many ports above the configured one are tried when it is taken, before any free one. */
const OTHER_PORTS = 8;

const TAKEN: OutgoingResponse = { status: 200 };

export interface Receiver {
  readonly port: number;
  close(): void;
  /** Resolves when each delivery that has arrived so far is in the buffer. */
  settled(): Promise<void>;
}

/**
 * Listens for the deliveries of the Telemetry API and passes them on, one at a time in the order of their arrival. A
 * delivery is answered with 200 when its lines are in the buffer. Resolves `undefined`, after a line on stderr, when no
 * port is available.
 *
 * Lambda sends a delivery again when it gets no answer: after a freeze, a lost connection, or a wait for room that was
 * too long. Such a repeat is recognised by its bytes. It is answered together with the first delivery, and passed on
 * only if the first could not be. Every record has a time, so two deliveries of different lines have the same bytes
 * only in one case: Lambda closes a delivery after 25 ms or when it is full, so a thousand equal lines, or 256 KiB of
 * them, would have to be logged twice within one millisecond. The second thousand is lost in that case.
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

  /** Returns a promise only if something has to be waited for, which is rare. */
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
      // With any other status, Lambda would send the same bytes again and again.
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
