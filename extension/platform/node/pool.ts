import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** A connection that waits for its next request. */
interface Kept {
  readonly socket: Socket;
  readonly wall: number;
  readonly monotonic: number;
  /** Listens to the socket's `close` while it is here. */
  readonly forget: () => void;
}

/** Connections to one place, kept here since the agents of Node.js can't say for how long one has been idle. */
export class Pool {
  private readonly kept: Kept[] = [];

  /** The connection that was used last, if it was idle for less than `maxIdleMs` milliseconds of both clocks; older ones are closed. */
  take(maxIdleMs: number): Socket | undefined {
    for (let candidate = this.kept.pop(); candidate !== undefined; candidate = this.kept.pop()) {
      const { socket, wall, monotonic, forget } = candidate;
      socket.off('close', forget);
      const idle = Math.max(Date.now() - wall, performance.now() - monotonic);
      if (!socket.destroyed && socket.writable && socket.readable && idle < maxIdleMs) return socket.ref();
      socket.destroy();
    }
    return undefined;
  }

  /** Keeps a connection on which nothing is under way. It does not keep the process alive. */
  put(socket: Socket): void {
    const forget = (): void => {
      const at = this.kept.findIndex((entry) => entry.socket === socket);
      if (at >= 0) this.kept.splice(at, 1);
    };
    this.kept.push({ socket, wall: Date.now(), monotonic: performance.now(), forget });
    socket.unref().once('close', forget);
  }
}
