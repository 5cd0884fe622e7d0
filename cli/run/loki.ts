import { createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { startFakeLoki } from '../../sandbox/loki';
import type { StoredLine } from '../../sandbox/loki/types';

/** Stands between the extension and Loki: forwards each push unchanged, counts lines, and records refusals. */
export class Relay {
  pushes = 0;
  sentBytes = 0;
  rawBytes = 0;
  /** The number of lines in pushes that were answered with 2xx. */
  accepted = 0;
  /** Those lines, and how often each was stored. */
  readonly lines = new Map<string, number>();
  /** The answers to pushes that were refused, in one line each. */
  readonly refusals: string[] = [];
  readonly #server: Server;

  private constructor(
    server: Server,
    private readonly path: string,
  ) {
    this.#server = server;
  }

  /** The push URL for the extension. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.path}`;
  }

  static async start(endpoint: string): Promise<Relay> {
    const target = new URL(endpoint);
    const server = createServer(
      (incoming, outgoing) =>
        void relay.#forward(target, incoming).then(
          ({ status, headers, body }) => {
            outgoing.writeHead(status, headers).end(body);
          },
          (error: NodeJS.ErrnoException) => {
            relay.refusals.push(`${target.host} can't be reached: ${error.message || error.code}`);
            // The extension sees a broken connection, as it would with this Loki.
            outgoing.destroy();
          },
        ),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const relay = new Relay(server, target.pathname + target.search);
    return relay;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(body: Buffer): void {
    const { streams } = JSON.parse(body.toString('utf8')) as {
      streams: readonly { values: readonly (readonly [string, string])[] }[];
    };
    for (const [, line] of streams.flatMap(({ values }) => values)) {
      this.accepted++;
      this.lines.set(line, (this.lines.get(line) ?? 0) + 1);
    }
  }

  async #forward(
    target: URL,
    incoming: IncomingMessage,
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
    const body = await buffer(incoming);
    const raw = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    this.pushes++;
    this.sentBytes += body.length;
    this.rawBytes += raw.length;
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...incoming.headers, host: target.host, 'content-length': body.length };
      send(target, { method: incoming.method, headers }, resolve).on('error', reject).end(body);
    });
    const text = await buffer(answer);
    const status = answer.statusCode ?? 502;
    if (status === 200 || status === 204) this.#take(raw);
    else this.refusals.push(`${status} ${text.toString('utf8').replace(/\s+/g, ' ').trim().slice(0, 300)}`);
    return { status, headers: answer.headers, body: text };
  }
}

/**
 * Where lines are stored: the user's own Loki, of which only the push API is needed, or a stand-in that shows what it
 * stores.
 */
export interface Target {
  readonly name: string;
  readonly relay: Relay;
  /** The lines that were stored since the last call; none with the user's own Loki. */
  newLines(): Promise<StoredLine[]>;
  stop(): Promise<void>;
}

export async function startTarget(endpoint: string | undefined): Promise<Target> {
  if (endpoint !== undefined) {
    const relay = await Relay.start(endpoint);
    return { name: new URL(endpoint).host, relay, newLines: async () => [], stop: async () => relay.stop() };
  }
  const fake = await startFakeLoki();
  const relay = await Relay.start(fake.pushUrl);
  const shown = new Set<string>();
  return {
    name: 'a stand-in for Loki, which refuses what Loki refuses (--endpoint takes a real one)',
    relay,
    newLines: async () =>
      (await fake.lines()).filter(({ timestamp, line }) => {
        const key = `${timestamp} ${line}`;
        return !shown.has(key) && shown.add(key);
      }),
    stop: async () => {
      relay.stop();
      await fake.stop();
    },
  };
}
