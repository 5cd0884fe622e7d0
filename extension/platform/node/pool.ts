import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** The longest delay of a timer of Node.js, in milliseconds; with a longer one it fires immediately. */
export const LONGEST_MS = 2 ** 31 - 1;

/** A time by both clocks. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export function momentOf(): Moment {
  return { wall: Date.now(), monotonic: performance.now() };
}

/** An idle connection. */
interface Kept extends Moment {
  readonly socket: Socket;
  /** The listener of the socket's `close` while the connection is idle. */
  readonly forget: () => void;
  /** The timer that closes it when it has become too old. */
  readonly timer: NodeJS.Timeout | undefined;
}

/** How long a connection is kept whose request required a new one, in milliseconds. */
const UNKNOWN_MAX_IDLE_MS = 60_000;

/**
 * Idle connections to one host. Node.js's agents are not used because they don't tell how long a connection has been
 * idle.
 */
export class Pool {
  readonly #kept: Kept[] = [];

  /**
   * The connection that was used last, if it was idle for less than `maxIdleMs` milliseconds by both clocks; older ones
   * are closed.
   */
  take(maxIdleMs: number): Socket | undefined {
    for (let candidate = this.#kept.pop(); candidate !== undefined; candidate = this.#kept.pop()) {
      const { socket, wall, monotonic, forget, timer } = candidate;
      socket.off('close', forget);
      clearTimeout(timer);
      const idle = Math.max(Date.now() - wall, performance.now() - monotonic);
      if (!socket.destroyed && socket.writable && socket.readable && idle < maxIdleMs) return socket.ref();
      socket.destroy();
    }
    return undefined;
  }

  /**
   * Keeps an idle connection for later requests, for `maxIdleMs`. It doesn't keep the process alive.
   * @param since when it became idle.
   */
  put(socket: Socket, maxIdleMs: number, since = momentOf()): void {
    const forget = (): void => {
      const at = this.#kept.findIndex((entry) => entry.socket === socket);
      if (at >= 0) this.#kept.splice(at, 1);
    };
    const ms = maxIdleMs > 0 ? maxIdleMs : UNKNOWN_MAX_IDLE_MS;
    const timer = ms > LONGEST_MS ? undefined : setTimeout(() => socket.destroy(), ms).unref();
    this.#kept.push({ socket, ...since, forget, timer });
    socket.unref().once('close', forget);
  }
}
