import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** The longest time that a timer of Node.js can have, in milliseconds; it fires at once for more. */
export const LONGEST_MS = 2 ** 31 - 1;

/** A point in time by both clocks. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export function momentOf(): Moment {
  return { wall: Date.now(), monotonic: performance.now() };
}

/** A connection that waits for its next request. */
interface Kept extends Moment {
  readonly socket: Socket;
  /** Listens to the socket's `close` while it is here. */
  readonly forget: () => void;
  /** Closes it when it has become too old. */
  readonly timer: NodeJS.Timeout | undefined;
}

/** How long a connection is kept, in milliseconds, whose request wanted a new one. */
const UNKNOWN_MAX_IDLE_MS = 60_000;

/** Connections to one place, kept here since the agents of Node.js can't say for how long one has been idle. */
export class Pool {
  readonly #kept: Kept[] = [];

  /**
   * The connection that was used last, if it was idle for less than `maxIdleMs` milliseconds of both clocks; older ones
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
   * Keeps a connection on which nothing is under way, for requests that allow for `maxIdleMs`. It does not keep the
   * process alive.
   * @param since when it began to be idle.
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
