import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';

/** A forward proxy. Adds `x-via: proxy` to plain requests. @param credentials `user:password` that it wants, if any. */
export function createProxy(credentials?: string): Server {
  const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const admits = (request: IncomingMessage) =>
    wanted === undefined || request.headers['proxy-authorization'] === wanted;
  const server = createServer((request, response) => {
    if (!admits(request)) {
      response.writeHead(407, 'Proxy Authentication Required');
      response.end();
      return;
    }
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = forward(
      request.url ?? '',
      { method: request.method, headers: { ...headers, 'x-via': 'proxy' } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, client, head) => {
    if (!admits(request)) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [, host, port] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? [];
    const target = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }, () => {
      client.write('HTTP/1.1 200 Connection established\r\nX-Proxy: test\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    client.on('error', () => target.destroy());
  });
  return server;
}
