import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer that a handler gives by throwing it. */
export class HttpError extends Error {
  readonly status: number;
  readonly errorType: string;

  constructor(status: number, errorType: string, message: string) {
    super(message);
    this.status = status;
    this.errorType = errorType;
  }
}

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

/** One HTTP server on a free port of 127.0.0.1; the first handler whose pattern fits `METHOD /path` answers. */
export class ApiServer {
  readonly #routes: { readonly pattern: RegExp; readonly handler: Handler }[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#dispatch(request, response));
    // A long poll may last for hours, and an idle connection must not be closed under a frozen client.
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.keepAliveTimeout = 0;
    this.#server.timeout = 0;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  route(pattern: RegExp, handler: Handler): void {
    this.#routes.push({ pattern, handler });
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const line = `${request.method} ${url.pathname}`;
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      const route = this.#routes.find((candidate) => candidate.pattern.test(line));
      if (!route) throw new HttpError(404, 'NotFound', `no such call: ${line}`);
      await route.handler(request, response, url);
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      if (error instanceof HttpError)
        sendJson(response, error.status, { errorMessage: error.message, errorType: error.errorType });
      else sendJson(response, 500, { errorMessage: String(error), errorType: 'Sandbox.Internal' });
    }
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** The whole body. Rejects when the connection breaks before its end. */
export async function readBody(request: IncomingMessage, onChunk?: (chunk: Buffer) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    onChunk?.(chunk);
  }
  return Buffer.concat(chunks);
}

/** Header as one string, or `undefined` when absent or empty. */
export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  const text = Array.isArray(value) ? value.join(',') : value;
  return text === '' ? undefined : text;
}
