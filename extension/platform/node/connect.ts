import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { platformError } from '../errors';
import { connectFailure, handshakeFailure, proxyRefusal } from './failures';
import { hostOf, placeOf, type Proxy, type Target } from './target';
import type { TlsContext } from './tls';

/** The most characters that a proxy's answer to CONNECT may have. */
const ANSWER_LENGTH = 16 * 1024;

/**
 * A new connection, through the proxy if there is one. Rejects with a `PlatformError`.
 * @param early called with each socket as soon as there is one, so that it can be destroyed
 */
export async function open(
  { url, proxy }: Target,
  tls: TlsContext | undefined,
  early: (socket: Socket) => void,
): Promise<Socket> {
  const hop = proxy?.url ?? url;
  const place = placeOf(hop);
  const socket = connectTcp({
    host: hostOf(hop),
    port: Number(hop.port || (hop.protocol === 'https:' ? 443 : 80)),
    noDelay: true,
  });
  adopt(socket, early);
  await happens(socket, 'connect').catch((error: Error) => {
    throw connectFailure(error, place);
  });
  if (tls === undefined) return socket;
  if (proxy !== undefined) await tunnel(socket, url, proxy);
  // The request was canceled meanwhile.
  if (socket.destroyed) throw platformError('ECONNRESET', `the connection to ${place} was closed`);
  const host = hostOf(url);
  const secure = connectTls({
    socket,
    host,
    servername: isIP(host) ? undefined : host,
    secureContext: tls.secure,
    ALPNProtocols: ['http/1.1'],
  });
  adopt(secure, early);
  await happens(secure, 'secureConnect').catch((error: Error) => {
    throw handshakeFailure(error, placeOf(url));
  });
  return secure;
}

function adopt(socket: Socket, early: (socket: Socket) => void): void {
  // The user of the socket has its own listener for errors; an error without any listener would end the process.
  socket.on('error', () => undefined);
  withholdWriteErrors(socket);
  early(socket);
}

/**
 * Keeps a socket readable when writing fails: a server that refuses a long body answers and closes the connection while
 * it is being sent, and the socket would be destroyed before the answer is read. Reading reports the end of the
 * connection soon enough.
 */
function withholdWriteErrors(socket: Socket): void {
  const { _write: write, _writev: writev } = socket;
  type Callback = (error?: Error | null) => void;
  const unlessFailed =
    (callback: Callback): Callback =>
    (error) => {
      if (!error || socket.destroyed) callback(error);
    };
  socket._write = (chunk, encoding, callback) => write.call(socket, chunk, encoding, unlessFailed(callback));
  if (writev) socket._writev = (chunks, callback) => writev.call(socket, chunks, unlessFailed(callback));
}

function happens(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(Object.assign(new Error('it was closed'), { code: 'ECONNRESET' }));
    socket
      .once('error', reject)
      .once('close', ended)
      .once(event, () => {
        socket.off('error', reject).off('close', ended);
        resolve();
      });
  });
}

/** CONNECT (RFC 9110 §9.3.6). */
async function tunnel(socket: Socket, url: URL, { url: { host: proxyHost }, authorization }: Proxy): Promise<void> {
  const authority = placeOf(url);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization ? `Proxy-Authorization: ${authorization}\r\n` : ''}\r\n`,
  );
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    // A TLS server never speaks first, so nothing after the head can be lost here.
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) head += chunk.toString('latin1');
    else if (socket.destroyed || socket.readableEnded)
      throw platformError('ECONNRESET', `the proxy ${proxyHost} closed the connection`);
    else await readableOrOver(socket);
    if (head.length > ANSWER_LENGTH) break;
  }
  const status = /^HTTP\/1\.[01] (\d{3}.*)\r\n/.exec(head)?.[1];
  if (status === undefined) throw platformError('EPROTO', `the proxy ${proxyHost} does not speak HTTP/1.1`);
  if (!status.startsWith('2')) throw proxyRefusal(proxyHost, status);
}

function readableOrOver(socket: Socket): Promise<void> {
  const events = ['readable', 'end', 'close'];
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of events) socket.off(event, go);
      resolve();
    };
    for (const event of events) socket.on(event, go);
  });
}
