import * as http from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { rootCertificates, connect as connectTls } from 'node:tls';
import { platformError } from '../errors';
import type { HttpRequest, HttpResponse, PendingRequest, PlatformError, PlatformErrorCode, TlsOptions } from '../types';

/** A connection that waits for its next request. */
interface Kept {
  readonly socket: Socket;
  readonly wall: number;
  readonly monotonic: number;
}

/** See `Platform.request`. Node's agents can't say how long a connection has been idle, so connections are kept here. */
export function createClient(): (request: HttpRequest) => PendingRequest {
  const kept = new Map<string, Kept[]>();
  const tlsIds = new Map<TlsOptions | undefined, number>();

  function poolOf(request: HttpRequest, url: URL): Kept[] {
    if (!tlsIds.has(request.tls)) tlsIds.set(request.tls, tlsIds.size);
    const key = [url.protocol, url.host, request.proxy ?? '', tlsIds.get(request.tls)].join(' ');
    let pool = kept.get(key);
    if (pool === undefined) kept.set(key, (pool = []));
    return pool;
  }

  return (request) => {
    let cancel!: () => void;
    const response = new Promise<HttpResponse>((resolve, reject) => {
      const canceled = new Promise<never>((_, refuse) => (cancel = () => refuse(platformError('ECANCELED', 'canceled'))));
      canceled.catch(() => undefined);
      let url: URL;
      try {
        url = new URL(request.url);
        if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('not http');
      } catch {
        reject(platformError('EINVAL', 'the URL is not an absolute http: or https: URL'));
        return;
      }
      exchange(request, url, poolOf(request, url), canceled).then(resolve, reject);
    });
    response.catch(() => undefined);
    return { response, cancel };
  };
}

async function exchange(request: HttpRequest, url: URL, pool: Kept[], canceled: Promise<never>): Promise<HttpResponse> {
  let kept = take(pool, request.maxIdleMs ?? Infinity);
  const reused = kept !== undefined;
  const limit = Math.min(request.timeoutMs ?? Infinity, reused ? (request.reusedTimeoutMs || Infinity) : Infinity);
  let timer: NodeJS.Timeout | undefined;
  let socket: Socket | undefined = kept;
  const timeout = new Promise<never>((_, reject) => {
    if (limit === Infinity) return;
    timer = setTimeout(() => reject(platformError('ETIMEDOUT', `no answer within ${Math.round(limit)} ms`, reused)), Math.max(0, limit));
  });
  timeout.catch(() => undefined);
  try {
    const whole = (async () => {
      socket ??= await open(request, url, (early) => (socket = early));
      return send(request, url, socket, pool, reused);
    })();
    whole.catch(() => undefined);
    return await Promise.race([whole, timeout, canceled]);
  } catch (error) {
    socket?.destroy();
    throw isCoded(error) ? error : translate(error as NodeJS.ErrnoException, reused);
  } finally {
    clearTimeout(timer);
    kept = undefined;
  }
}

function take(pool: Kept[], maxIdleMs: number): Socket | undefined {
  for (let candidate = pool.pop(); candidate !== undefined; candidate = pool.pop()) {
    const idle = Math.max(Date.now() - candidate.wall, performance.now() - candidate.monotonic);
    candidate.socket.removeAllListeners('close');
    if (!candidate.socket.destroyed && idle < maxIdleMs) return candidate.socket;
    candidate.socket.destroy();
  }
  return undefined;
}

function keep(pool: Kept[], socket: Socket): void {
  const entry: Kept = { socket, wall: Date.now(), monotonic: performance.now() };
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    const at = pool.indexOf(entry);
    if (at >= 0) pool.splice(at, 1);
  });
  socket.unref();
  pool.push(entry);
}

function send(request: HttpRequest, url: URL, socket: Socket, pool: Kept[], reused: boolean): Promise<HttpResponse> {
  socket.ref();
  return new Promise((resolve, reject) => {
    const absolute = request.proxy !== undefined && url.protocol === 'http:';
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
    const headers: Record<string, string> = { host: url.host, ...request.headers, ...(absolute ? proxyAuthorization(request.proxy!) : {}) };
    if (body !== undefined || request.method !== 'GET') headers['content-length'] = String(body?.length ?? 0);
    let outgoing: http.ClientRequest;
    try {
      outgoing = http.request({
        method: request.method, path: absolute ? url.href : url.pathname + url.search, headers,
        createConnection: () => socket, agent: new OneSocketAgent(socket),
      });
    } catch (error) {
      reject(platformError('EINVAL', (error as Error).message.replace(/\[.*\]/, '')));
      return;
    }
    outgoing.on('error', (error) => reject(translate(error, reused)));
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      const max = request.maxResponseBytes ?? Infinity;
      let bytes = 0;
      const finish = (complete: boolean): void => {
        const text = Buffer.concat(chunks).subarray(0, max).toString('utf8');
        const flat: Record<string, string> = {};
        for (let i = 0; i < incoming.rawHeaders.length; i += 2) flat[incoming.rawHeaders[i].toLowerCase()] = incoming.rawHeaders[i + 1];
        if (complete && flat.connection?.toLowerCase() !== 'close') keep(pool, socket);
        else socket.destroy();
        resolve({ status: incoming.statusCode ?? 0, headers: flat, body: text });
      };
      incoming.on('data', (chunk: Buffer) => {
        if (bytes <= max) chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > max) finish(false);
      });
      incoming.on('end', () => finish(true));
      incoming.on('error', (error) => reject(translate(error, reused)));
    });
    outgoing.end(body);
  });
}

/** Gives a request the one socket it is to use, and leaves it alone afterwards. */
class OneSocketAgent extends http.Agent {
  constructor(private readonly socket: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(): Socket {
    return this.socket;
  }
}

/** A new connection, through the proxy if there is one. @param early is told the socket as soon as there is one, so that it can be destroyed. */
async function open(request: HttpRequest, url: URL, early: (socket: Socket) => void): Promise<Socket> {
  const hop = request.proxy === undefined ? url : new URL(request.proxy);
  const host = hop.hostname.replace(/^\[|\]$/g, '');
  const socket = connectTcp({ host, port: Number(hop.port || (hop.protocol === 'https:' ? 443 : 80)), noDelay: true });
  early(socket);
  await once(socket, 'connect');
  if (url.protocol !== 'https:') return socket;
  if (request.proxy !== undefined) await tunnel(socket, url, request.proxy);
  const { ca, cert, key } = request.tls ?? {};
  const servername = url.hostname;
  let secure: Socket;
  try {
    secure = connectTls({ socket, servername, cert, key, ca: ca === undefined ? undefined : [...rootCertificates, ca], ALPNProtocols: ['http/1.1'] });
  } catch (error) {
    throw platformError('EINVAL', `the TLS settings can't be used: ${(error as Error).message}`);
  }
  early(secure);
  try {
    await once(secure, 'secureConnect');
  } catch (error) {
    throw platformError('ETLS', `the TLS handshake with ${url.host} failed: ${(error as Error).message}`);
  }
  return secure;
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => {
      socket.off('error', reject);
      resolve();
    });
    socket.once('error', reject);
  });
}

/** CONNECT (RFC 9110 §9.3.6). */
async function tunnel(socket: Socket, url: URL, proxy: string): Promise<void> {
  const authority = `${url.hostname}:${url.port || 443}`;
  const authorization = proxyAuthorization(proxy)['proxy-authorization'];
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization ? `proxy-authorization: ${authorization}\r\n` : ''}\r\n`);
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    const chunk: Buffer | null = socket.read() as Buffer | null;
    if (chunk === null) {
      if (socket.destroyed || socket.readableEnded) throw platformError('ECONNRESET', 'the proxy closed the connection');
      await new Promise<void>((resolve) => {
        for (const event of ['readable', 'end', 'close', 'error']) socket.once(event, () => resolve());
      });
      continue;
    }
    head += chunk.toString('latin1');
  }
  const status = head.slice(0, head.indexOf('\r\n'));
  if (!/^HTTP\/1\.[01] 2\d\d/.test(status)) throw platformError('EPROXY', `the proxy refused the connection: ${status}`);
}

function proxyAuthorization(proxy: string): Record<string, string> {
  const { username, password } = new URL(proxy);
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function isCoded(error: unknown): error is PlatformError {
  return error instanceof Error && CODES.has((error as PlatformError).code);
}

const CODES = new Set<string>(
  ['EINVAL', 'ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ECANCELED', 'ECONNECT', 'ETLS', 'EPROXY', 'EPROTO'] satisfies PlatformErrorCode[],
);

function translate(error: NodeJS.ErrnoException, reused: boolean): PlatformError {
  const code = error.code ?? '';
  if (code === 'EAI_AGAIN' || code === 'ENOTFOUND') return platformError('ENOTFOUND', `the host name can't be resolved: ${error.message}`);
  if (code === 'ECONNREFUSED') return platformError('ECONNREFUSED', error.message);
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EMFILE') return platformError('ECONNECT', error.message);
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') return platformError('EPROTO', error.message, reused);
  return platformError('ECONNRESET', error.message || 'the connection was closed', reused);
}
