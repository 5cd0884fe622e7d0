import type * as net from 'node:net';

/** How a connection is ended: `close` with FIN, in order; `reset` with RST. */
export type Ending = 'close' | 'reset';

interface Connection {
  readonly id: number;
  /** The TCP socket; under TLS not the one that requests come from. */
  readonly socket: net.Socket;
  requests: number;
  /** Requests not yet answered. */
  busy: number;
}

/** The connections of a server: numbered, counted, and ended on demand. */
export class Connections {
  #opened = 0;
  readonly #open = new Map<string, Connection>();

  /** Connections accepted since the start. */
  get opened(): number {
    return this.#opened;
  }

  /** Connections open now. */
  get open(): number {
    return this.#open.size;
  }

  /** To be called with each accepted TCP socket. */
  add(socket: net.Socket): void {
    const key = peer(socket);
    const connection = { id: ++this.#opened, socket, requests: 0, busy: 0 };
    this.#open.set(key, connection);
    socket.once('close', () => {
      if (this.#open.get(key) === connection) {
        this.#open.delete(key);
      }
    });
    // A reset by the client is no concern of the test run.
    socket.on('error', () => undefined);
  }

  /** The connection that a request came on; `socket` may be a TLS socket over it. */
  of(socket: net.Socket): Connection {
    const connection = this.#open.get(peer(socket));
    if (!connection) {
      throw new Error('a request on a connection that is gone');
    }
    return connection;
  }

  end(connection: Connection, how: Ending): void {
    if (how === 'reset') {
      connection.socket.resetAndDestroy();
    } else {
      connection.socket.destroy();
    }
  }

  endAll(how: Ending, which: 'all' | 'idle' = 'all'): void {
    for (const connection of [...this.#open.values()]) {
      if (which === 'all' || connection.busy === 0) {
        this.end(connection, how);
      }
    }
  }
}

export type { Connection };

function peer(socket: net.Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
