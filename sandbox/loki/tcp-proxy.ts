import * as net from 'node:net';

/**
 * What becomes of a connection: `pass` bytes go through both ways; `black-hole` bytes are taken and go nowhere, nothing
 * comes back, and the end of the other side is kept secret; `reset-on-use` as `black-hole`, until the client sends
 * again: then RST, as a NAT does that has forgotten a connection; `reset` RST at once; `close` FIN at once; `deaf`
 * nothing is taken off the client: what does not fit into the buffers of both systems stays unsent.
 */
export type ConnectionMode = 'pass' | 'black-hole' | 'reset-on-use' | 'reset' | 'close' | 'deaf';

/** What becomes of new connections: as above, or `refuse`: nothing listens. */
export type ProxyMode = ConnectionMode | 'refuse';

export interface TcpProxyOptions {
  /** Where to connect to: a URL, of which host and port count, or both. */
  readonly target: string | { readonly host?: string; readonly port: number };
  /** Extra milliseconds of a round trip, half in each direction. Default 0; `proxy.latencyMs` changes it. */
  readonly latencyMs?: number;
}

/** Starts a TCP proxy on a free port of 127.0.0.1. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const proxy = new TcpProxy(options);
  await proxy.setMode('pass');
  return proxy;
}

/** One connection of a client through the proxy. */
export class ProxiedConnection {
  #mode: ConnectionMode = 'pass';
  #failedAt = Infinity;

  constructor(
    readonly id: number,
    readonly client: net.Socket,
    private readonly upstream: net.Socket | undefined,
    private readonly latencyMs: () => number,
  ) {
    client.on('error', () => undefined);
    client.on('data', (chunk: Buffer) => {
      if (this.#mode === 'reset-on-use') {
        client.resetAndDestroy();
      }
      this.#later(() => upstream?.write(chunk));
    });
    client.on('end', () => this.#later(() => upstream?.end()));
    client.on('close', () => upstream?.destroy());
    upstream?.on('error', () => undefined);
    upstream?.on('data', (chunk: Buffer) => this.#later(() => client.write(chunk)));
    upstream?.on('end', () => this.#later(() => client.end()));
    upstream?.on('close', (hadError) =>
      this.#later(() => {
        if (hadError) {
          client.resetAndDestroy();
        } else {
          client.end();
        }
      }),
    );
  }

  get mode(): ConnectionMode {
    return this.#mode;
  }

  /** Milliseconds since 1970 from which on nothing has passed, at least for a while; `Infinity` if all has. */
  get failedAt(): number {
    return this.#failedAt;
  }

  setMode(mode: ConnectionMode): void {
    this.#mode = mode;
    if (mode !== 'pass') this.#failedAt = Math.min(this.#failedAt, Date.now());
    if (mode === 'deaf') {
      this.client.pause();
    } else {
      this.client.resume();
    }
    if (mode === 'reset') {
      this.client.resetAndDestroy();
    }
    if (mode === 'close') {
      this.client.end();
      this.upstream?.destroy();
    }
  }

  /** Passes something on after its time on the way, if bytes still pass then. */
  #later(act: () => void): void {
    const pass = () => {
      if (this.#mode === 'pass') {
        act();
      }
    };
    const delay = this.latencyMs() / 2;
    if (delay > 0) {
      setTimeout(pass, delay);
    } else {
      pass();
    }
  }
}

/** A TCP proxy whose connections fail on demand. */
export class TcpProxy {
  /** Extra milliseconds of a round trip. May be set at any time. */
  latencyMs: number;

  readonly #target: net.NetConnectOpts;
  readonly #connections = new Set<ProxiedConnection>();
  /** All that there ever were, by the port from which they reach the target: the newest one of each. */
  readonly #byPort = new Map<number, ProxiedConnection>();
  #server: net.Server | undefined;
  #mode: ProxyMode = 'refuse';
  #port = 0;
  #opened = 0;

  constructor({ target, latencyMs = 0 }: TcpProxyOptions) {
    this.latencyMs = latencyMs;
    if (typeof target === 'string') {
      const url = new URL(target);
      this.#target = { host: url.hostname, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
    } else {
      this.#target = { host: target.host ?? '127.0.0.1', port: target.port };
    }
  }

  get port(): number {
    return this.#port;
  }

  /** Mode of new connections. */
  get mode(): ProxyMode {
    return this.#mode;
  }

  /** Connections of clients that are open now. */
  get connections(): readonly ProxiedConnection[] {
    return [...this.#connections];
  }

  /** Connections accepted so far. */
  get opened(): number {
    return this.#opened;
  }

  /** The URL with host and port of the proxy in place of its own. */
  through(url: string): string {
    const result = new URL(url);
    result.hostname = '127.0.0.1';
    result.port = String(this.#port);
    return result.href;
  }

  /** Sets what becomes of new connections; those that are open stay as they are. */
  async setMode(mode: ProxyMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'refuse') {
      this.#server?.close();
      this.#server = undefined;
    } else if (!this.#server) {
      const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
      });
      this.#port = (server.address() as net.AddressInfo).port;
      this.#server = server;
    }
  }

  /**
   * Whether what the target sent at that time, in milliseconds since 1970, has not reached the client.
   * @param port from which the target saw the connection come.
   */
  hasSwallowed(port: number, sentAt: number): boolean {
    const connection = this.#byPort.get(port);
    return connection !== undefined && sentAt + this.latencyMs / 2 >= connection.failedAt;
  }

  /** Sets what becomes of the connections that are open now; new ones are not concerned. */
  setOpenConnections(mode: ConnectionMode): void {
    for (const connection of this.#connections) {
      connection.setMode(mode);
    }
  }

  async stop(): Promise<void> {
    await this.setMode('refuse');
    this.setOpenConnections('reset');
  }

  #accept(client: net.Socket): void {
    const mode = this.#mode === 'refuse' ? 'reset' : this.#mode;
    const upstream =
      mode === 'pass'
        ? net.connect({ ...this.#target, allowHalfOpen: true, noDelay: true } as net.NetConnectOpts)
        : undefined;
    const connection = new ProxiedConnection(++this.#opened, client, upstream, () => this.latencyMs);
    this.#connections.add(connection);
    upstream?.once('connect', () => this.#byPort.set(upstream.localPort!, connection));
    client.once('close', () => this.#connections.delete(connection));
    if (mode !== 'pass') {
      connection.setMode(mode);
    }
  }
}
