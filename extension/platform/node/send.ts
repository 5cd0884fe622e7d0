import { request as startRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpRequest, HttpResponse } from '../types';
import { exchangeFailure, proxyRefusal } from './failures';
import { placeOf, type Target } from './target';

/** A response, and whether its connection can take another request. */
export interface Received {
  readonly response: HttpResponse;
  readonly reusable: boolean;
}

/**
 * Sends a request over a connection and reads the response. Rejects with a `PlatformError`.
 * @param reused whether the connection was used before.
 * @param arrived called immediately before `request.onAcknowledged`.
 */
export function send(
  request: HttpRequest,
  { url, proxy }: Target,
  socket: Socket,
  reused: boolean,
  arrived: () => void,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const through = url.protocol === 'http:' ? proxy : undefined;
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? Buffer.alloc(0));
    const place = placeOf(url);
    const fail = (error: Error): void => reject(exchangeFailure(error, place, reused));
    const outgoing = startRequest({
      method: request.method,
      path: through ? `http://${url.host}${url.pathname}${url.search}` : url.pathname + url.search,
      headers: headersOf(request, url, body.length, through?.authorization),
      createConnection: () => socket,
    });
    let incoming: IncomingMessage | undefined;
    // Errors of the connection after the complete response don't matter.
    outgoing.on('error', (error) => incoming?.complete || fail(error));
    outgoing.on('close', () => incoming?.complete || fail(new Error('it was closed before the response was complete')));
    // The operating system has accepted all bytes; more can't be known here.
    outgoing.on('finish', () => {
      if (request.onAcknowledged === undefined || incoming !== undefined || socket.destroyed) return;
      arrived();
      request.onAcknowledged(reused);
    });
    outgoing.on('response', (message) => {
      incoming = message;
      if (through && message.statusCode === 407) {
        reject(proxyRefusal(through.url.host, `407 ${message.statusMessage}`));
        return;
      }
      const chunks: Buffer[] = [];
      const limit = request.maxResponseBytes ?? Infinity;
      let bytes = 0;
      const finish = (reusable: boolean): void =>
        resolve({ response: responseOf(message, Buffer.concat(chunks).subarray(0, limit)), reusable });
      message.on('data', (chunk: Buffer) => {
        if (bytes <= limit) chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > limit) finish(false);
      });
      message.on('end', () => {
        // `close` is emitted when `http` has released the socket.
        if (outgoing.shouldKeepAlive && outgoing.writableFinished) outgoing.once('close', () => finish(true));
        else finish(false);
      });
      message.on('error', fail);
    });
    outgoing.end(body);
  });
}

function headersOf(
  request: HttpRequest,
  url: URL,
  bodyBytes: number,
  authorization: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = { host: url.host, connection: 'keep-alive', ...request.headers };
  // For methods that usually have a body, a length of zero says that there is none.
  if (bodyBytes > 0 || ['POST', 'PUT', 'PATCH'].includes(request.method)) headers['content-length'] = String(bodyBytes);
  if (authorization !== undefined) headers['proxy-authorization'] = authorization;
  return headers;
}

function responseOf({ statusCode = 0, rawHeaders }: IncomingMessage, body: Buffer): HttpResponse {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i].toLowerCase()] = rawHeaders[i + 1];
  return { status: statusCode, headers, body: body.toString('utf8') };
}
