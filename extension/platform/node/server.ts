import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { platformError } from '../errors';
import type { HttpServer, OutgoingResponse, RequestHandler, ServeOptions } from '../types';
import { rowsOf } from './rows';

/** See `Platform.serve` and `Platform.onFault`. */
export function serve(
  options: ServeOptions,
  handler: RequestHandler,
  onFault: (text: string) => void,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void answer(request, options, handler, onFault).then((outgoing) => send(request, response, outgoing));
  });
  // Node.js has no queue for connections over the limit: it closes them, and the client connects again.
  server.maxConnections = options.maxConnections;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(platformError(error.code === 'EADDRINUSE' ? 'EADDRINUSE' : 'ECONNECT', error.message)),
    );
    server.listen(options.port, '0.0.0.0', () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close() {
          server.close();
          server.closeIdleConnections();
        },
      });
    });
  });
}

async function answer(
  request: IncomingMessage,
  options: ServeOptions,
  handler: RequestHandler,
  onFault: (text: string) => void,
): Promise<OutgoingResponse> {
  let body: Buffer | undefined;
  try {
    body = await read(request, options.maxBodyBytes);
  } catch {
    return { status: 400 };
  }
  if (body === undefined) return { status: 413, body: `the body is larger than ${options.maxBodyBytes} bytes\n` };
  const { method = '', url: path = '' } = request;
  try {
    const headers = wanted(request, options.headerNames ?? []);
    const digest = createHash('sha256').update(body).digest('hex');
    return usable(
      await handler({
        method,
        path,
        headers,
        rows: rowsOf(body.toString('utf8'), options.members),
        bodyBytes: body.length,
        digest,
      }),
    );
  } catch (error) {
    onFault(`The handler of ${method} ${path} failed: ${error instanceof Error ? error.stack : String(error)}`);
    return { status: 500 };
  }
}

function wanted({ rawHeaders }: IncomingMessage, names: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    if (names.includes(name)) headers[name] = rawHeaders[i + 1];
  }
  return headers;
}

function usable(outgoing: OutgoingResponse): OutgoingResponse {
  const { status } = outgoing;
  if (!Number.isInteger(status) || status < 200 || status > 999) throw new Error(`${status} is not a status`);
  return outgoing;
}

/** `undefined` when it is too large. */
async function read(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length']) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(request: IncomingMessage, response: ServerResponse, { status, body = '' }: OutgoingResponse): void {
  // After a body that was not read to its end, the connection can't be used again.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
