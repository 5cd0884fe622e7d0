import { connect } from 'node:net';

/** A conversation with a server over a bare socket. */
export interface Script {
  readonly port: number;
  /** Sent one after another; `binary` strings, one character a byte. */
  readonly send: readonly string[];
  /** Pause after each of them, in milliseconds. Default 0. */
  readonly pauseMs?: number;
  /** Repeats the last one so many times in all. Default 1. */
  readonly times?: number;
  /** The conversation is over when so many responses have come. Default 1. */
  readonly responses?: number;
  /** Longest time to wait for them, in milliseconds. Default 5 000. */
  readonly limitMs?: number;
  /** Keep the connection open for this long after the last response, in milliseconds. Default 0. */
  readonly holdMs?: number;
}

export interface Conversation {
  /** All that was received, up to the first 10 000 bytes. */
  readonly received: string;
  /** How it ended. */
  readonly end: 'answered' | 'closed' | 'reset' | 'refused' | 'limit';
}

const MOST_BYTES = 10_000;

export function speak({
  port,
  send,
  pauseMs = 0,
  times = 1,
  responses = 1,
  limitMs = 5_000,
  holdMs = 0,
}: Script): Promise<Conversation> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = '';
    const finish = (end: Conversation['end']) => {
      clearTimeout(limit);
      setTimeout(() => socket.destroy(), holdMs);
      resolve({ received: received.slice(0, MOST_BYTES), end });
    };
    const limit = setTimeout(() => finish('limit'), limitMs);
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (received.split('HTTP/1.').length > responses && received.includes('\r\n\r\n')) finish('answered');
    });
    socket.on('end', () => finish('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
    socket.on('connect', async () => {
      const all = [...send, ...Array<string>(times - 1).fill(send[send.length - 1])];
      for (const text of all) {
        if (socket.destroyed) return;
        const flushed = socket.write(text, 'latin1');
        if (pauseMs > 0) await new Promise((next) => setTimeout(next, pauseMs));
        if (!flushed && !socket.destroyed)
          await new Promise<void>((next) => {
            socket.once('drain', next);
            socket.once('close', next);
          });
      }
    });
  });
}
