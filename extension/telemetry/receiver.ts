import type { Diagnostics } from '../diagnostics';
import { isPlatformError, messageOf } from '../platform/errors';
import type { HttpServer, IncomingRequest, OutgoingResponse, Platform } from '../platform/types';

/**
 * Lambda sends up to twice the `maxBytes` of the subscription (256 KiB) and the records' own frame; JSON escapes can make that several
 * times larger. What is larger still is no delivery of Lambda's.
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Lambda keeps one or two. File descriptors are shared with the function, which has 1024. */
const MAX_CONNECTIONS = 32;

/** How many ports above the configured one are tried when it is taken, before any free one. */
const OTHER_PORTS = 8;

export interface Receiver {
  readonly port: number;
  close(): void;
  /** Resolves when each delivery that has come in so far is in the buffer. */
  settled(): Promise<void>;
}

/**
 * Listens for the deliveries of the Telemetry API and hands them on, one at a time in the order of their arrival. A delivery is answered
 * 200 when its lines are in the buffer. `undefined`, after a line on stderr, when no port is to be had.
 */
export async function startReceiver(
  platform: Pick<Platform, 'serve'>, diagnostics: Diagnostics, port: number, accept: (events: readonly unknown[]) => Promise<void>,
): Promise<Receiver | undefined> {
  let queue: Promise<void> = Promise.resolve();

  async function handle({ method, path, json, bodyBytes }: IncomingRequest): Promise<OutgoingResponse> {
    if (path.split('?', 1)[0] !== '/') return { status: 404, body: 'not found: telemetry goes to /\n' };
    if (method !== 'POST') return { status: 405, body: 'method not allowed: telemetry is sent by POST\n' };
    if (!Array.isArray(json)) {
      // Anything but 200 would have Lambda send the same bytes again and again.
      diagnostics.warnOnce('receiver', `a telemetry delivery of ${bodyBytes} bytes is not a JSON array and was left out`);
      return { status: 200 };
    }
    const turn = queue.then(() => accept(json));
    queue = turn.catch(() => undefined);
    await turn;
    return { status: 200 };
  }

  const options = { maxBodyBytes: MAX_BODY_BYTES, maxConnections: MAX_CONNECTIONS, rawMember: 'record' };
  const candidates = [...Array.from({ length: OTHER_PORTS + 1 }, (_, i) => port + i).filter((one) => one <= 65_535 && one !== 9001), 0];
  for (const candidate of candidates) {
    try {
      const server: HttpServer = await platform.serve({ ...options, port: candidate }, handle);
      if (candidate !== port) diagnostics.warn(`port ${port} is taken; telemetry is received on port ${server.port}. LOKI_TELEMETRY_PORT chooses another`);
      return { port: server.port, close: () => server.close(), settled: () => queue };
    } catch (error) {
      if (isPlatformError(error) && error.code === 'EADDRINUSE') continue;
      diagnostics.error(`no port to receive telemetry on (${messageOf(error)}), so no logs are shipped; the function is not affected`);
      return undefined;
    }
  }
  diagnostics.error('no free port to receive telemetry on, so no logs are shipped; the function is not affected');
  return undefined;
}
