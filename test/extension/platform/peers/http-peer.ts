import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { speak, type Script } from './raw-client';

/** What `/echo` answers, as JSON. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** UTF-8. */
  readonly body: string;
  readonly bodyBytes: number;
  /** Number of the connection, from 1 on. */
  readonly connection: number;
  /** Number of the request on its connection, from 1 on. */
  readonly request: number;
}

interface ConnectionState {
  readonly number: number;
  requests: number;
}

/** A server's requests, answered as their path asks for. `/closed` tells how many connections ended so far. */
export function httpPeer(): RequestListener {
  const connections = new WeakMap<Socket, ConnectionState>();
  let opened = 0;
  let closed = 0;
  return (request, response) => {
    const { socket } = request;
    const state = connections.get(socket) ?? { number: (opened += 1), requests: 0 };
    if (state.requests === 0) {
      connections.set(socket, state);
      socket.on('close', () => (closed += 1));
    }
    state.requests += 1;
    const url = new URL(request.url ?? '/', 'http://peer');
    const page = PAGES[url.pathname] ?? PAGES['/echo'];
    if (url.pathname === '/closed') response.end(String(closed));
    else void page(request, response, state, url.searchParams);
  };
}

type Page = (
  request: IncomingMessage,
  response: ServerResponse,
  state: ConnectionState,
  query: URLSearchParams,
) => unknown;

const PAGES: Record<string, Page> = {
  '/echo': async (request, response, state) => {
    const body = await buffer(request);
    const echo: Echo = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      body: body.toString('utf8'),
      bodyBytes: body.length,
      connection: state.number,
      request: state.requests,
    };
    response.end(JSON.stringify(echo));
  },
  '/gunzip': async (request, response) => {
    response.end(gunzipSync(await buffer(request)));
  },
  '/status': (_, response, __, query) => {
    response.writeHead(Number(query.get('code')));
    response.end();
  },
  '/headers': (_, response) => {
    response.setHeader('X-Mixed-Case', 'Value');
    response.setHeader('x-twice', ['one', 'two']);
    response.setHeader('x-latin', 'caf\u00e9');
    response.end();
  },
  '/bytes': (_, response, __, query) => response.end(Buffer.from(query.get('hex') ?? '', 'hex')),
  '/large': (_, response, __, query) => response.end(Buffer.alloc(Number(query.get('bytes')), 'x')),
  '/chunks': async (_, response) => {
    for (const chunk of ['one ', 'two ', 'three']) {
      response.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end();
  },
  '/drip': (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/late': async (request, response, state, query) => {
    await new Promise((resolve) => setTimeout(resolve, Number(query.get('ms'))));
    return PAGES['/echo'](request, response, state, query);
  },
  '/stall': () => undefined,
  '/stall-when-reused': (_, response, state) => state.requests === 1 && response.end('first'),
  '/close-when-reused': (request, response, state) =>
    state.requests === 1 ? response.end('first') : request.socket.destroy(),
  '/close-after': (request, response) => {
    response.end('closing soon');
    setTimeout(() => request.socket.destroy(), 20);
  },
  '/cut': (request) => request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
  '/until-close': (request) => request.socket.end('HTTP/1.1 200 OK\r\n\r\nto the end'),
  '/old': (request) => request.socket.end('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold'),
  '/garbage': (request) => request.socket.end('220 mail.example ready\r\n'),
  '/bad-chunk': (request) =>
    request.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n'),
  '/huge-head': (request) =>
    request.socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(1 << 20)}\r\nContent-Length: 0\r\n\r\n`),
  '/informational': (request) =>
    request.socket.end(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nreal',
    ),
  '/early': (request) => {
    request.socket.end('HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo long', () =>
      request.socket.destroy(),
    );
  },
  '/raw': async (request, response) => {
    const scripts = JSON.parse((await buffer(request)).toString()) as Script[];
    const conversations = [];
    for (const [i, script] of scripts.entries()) {
      conversations.push(speak(script));
      // Otherwise a thousand clients would all connect before the first of them speaks.
      if (i % 50 === 49) await new Promise((next) => setImmediate(next));
    }
    response.end(JSON.stringify(await Promise.all(conversations)));
  },
};
