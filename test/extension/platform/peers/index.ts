import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Addresses } from './addresses';
import { makeCertificate, type Certificate } from './certificates';
import { httpPeer } from './http-peer';
import { createProxy } from './proxy-peer';

export interface Peers {
  readonly addresses: Addresses;
  close(): Promise<void>;
}

/** Starts everything that the cases talk to, on free ports of the loopback. */
export async function startPeers(): Promise<Peers> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server, host = '127.0.0.1'): Promise<number> => {
    servers.push(server);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
    return (server.address() as AddressInfo).port;
  };
  const tcp = async (onConnection: (socket: Socket) => void) =>
    `127.0.0.1:${await listen(createTcpServer(onConnection))}`;
  const plain = () => createServer({ keepAliveTimeout: 60_000 }, httpPeer());
  const secure = async (certificate: Certificate, options: ServerOptions = {}) =>
    `https://localhost:${await listen(createHttpsServer({ cert: certificate.pem, key: certificate.keyPem, keepAliveTimeout: 60_000, ...options }, httpPeer()))}`;

  const authority = makeCertificate({ name: 'Test authority', isAuthority: true });
  const loopback = { issuer: authority, hosts: ['localhost'], addresses: [[127, 0, 0, 1]] };
  const server = makeCertificate({ name: 'server', ...loopback });
  const client = makeCertificate({ name: 'client', issuer: authority });
  const self = makeCertificate({ name: 'self', isAuthority: true, hosts: ['localhost'] });
  const selfExpired = makeCertificate({
    name: 'old self',
    isAuthority: true,
    hosts: ['localhost'],
    fromDays: -30,
    toDays: -1,
  });
  const stranger = makeCertificate({ name: 'stranger' });
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'platform-contract-'));
  await fs.writeFile(path.join(folder, 'text'), 'Grüße\n');
  await fs.writeFile(path.join(folder, 'broken'), Buffer.from('a\xffb', 'latin1'));

  const closedPort = await findClosedPort();
  const port6 = await listen(plain(), '::1').catch(() => undefined);

  const addresses: Addresses = {
    http: `http://127.0.0.1:${await listen(plain())}`,
    http6: port6 === undefined ? undefined : `http://[::1]:${port6}`,
    closedPort,
    https: await secure(server),
    https12: await secure(server, { maxVersion: 'TLSv1.2' }),
    expired: await secure(makeCertificate({ name: 'expired', ...loopback, fromDays: -30, toDays: -1 })),
    wrongHost: await secure(makeCertificate({ name: 'other', issuer: authority, hosts: ['other.example'] })),
    selfSigned: await secure(self),
    selfSignedCert: self.pem,
    selfSignedExpired: await secure(selfExpired),
    selfSignedExpiredCert: selfExpired.pem,
    mutual: await secure(server, { requestCert: true, ca: authority.pem }),
    silent: await tcp(() => undefined),
    hangUp: await tcp((socket) => socket.once('data', () => socket.destroy())),
    proxy: `127.0.0.1:${await listen(createProxy())}`,
    lockedProxy: `127.0.0.1:${await listen(createProxy('user:pass word'))}`,
    brokenProxy: await tcp((socket) => socket.once('data', () => socket.end('220 mail.example ready\r\n\r\n'))),
    ca: authority.pem,
    clientCert: client.pem,
    clientKey: client.keyPem,
    clientKeyOld: client.oldKeyPem,
    strangerCert: stranger.pem,
    strangerKey: stranger.keyPem,
    folder,
  };
  return {
    addresses,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port on which nothing listens. Not one that the system gave us: it would soon give it to somebody else. */
async function findClosedPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createTcpServer();
    const isFree = await new Promise<boolean>((resolve) =>
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    );
    if (isFree) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
  }
}
