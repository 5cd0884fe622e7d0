import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** Stands between the extensions and Loki, hands every push on as it came, and counts. */
export class Meter {
  /** Push URL to give to the extensions. */
  readonly pushUrl: string;
  pushes = 0;
  /** Pushes that Loki did not answer with 2xx. */
  refused = 0;
  /** Bytes of the bodies as sent, and what they are uncompressed. */
  sentBytes = 0;
  rawBytes = 0;
  readonly #server: Server;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.pushUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  }

  /** @param target push URL of the Loki to hand on to; user and password in it become basic authentication. */
  static async start(target: string): Promise<Meter> {
    const url = new URL(target);
    const server = createServer((incoming, outgoing) => {
      void read(incoming).then((body) => {
        meter.pushes++;
        meter.sentBytes += body.length;
        meter.rawBytes += incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body).length : body.length;
        const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
        const onward = send(
          url,
          { method: incoming.method, headers: { ...incoming.headers, host: url.host } },
          (answer) => {
            if ((answer.statusCode ?? 500) >= 300) meter.refused++;
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
        onward.on('error', () => {
          meter.refused++;
          outgoing.writeHead(502).end();
        });
        onward.end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const meter = new Meter(server, url.pathname);
    return meter;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
