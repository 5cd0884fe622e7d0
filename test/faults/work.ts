import type { ScriptedIo } from '../../sandbox';

/** What the function of a trial is told to do. */
export interface Work {
  /** Lines to write. Default 10. */
  readonly lines?: number;
  /** Least bytes of a line. Default 0. */
  readonly bytes?: number;
  /** Put into every line. */
  readonly word?: string;
  /** Time that it takes, in milliseconds, after writing. Default 0. */
  readonly ms?: number;
  /** Spread the lines evenly over `ms`, in so many pieces. */
  readonly pieces?: number;
  readonly then?: 'throw' | 'exit' | 'kill' | 'hang';
}

let count = 0;

/** Lines of all trials differ from each other, so that each can be found again. */
export function lineOf(bytes = 0, word = 'plain'): string {
  return `line ${count++} of a trial, ${word} `.padEnd(bytes, 'abcdefghij ');
}

/** The handler of a trial's function. */
export async function workOf(payload: unknown, io: ScriptedIo): Promise<string> {
  const { lines = 10, bytes, word, ms = 0, pieces = 1, then } = (payload ?? {}) as Work;
  for (let piece = 0; piece < pieces; piece++) {
    const until = Math.round((lines * (piece + 1)) / pieces);
    for (let i = Math.round((lines * piece) / pieces); i < until; i++) io.line(lineOf(bytes, word));
    if (ms > 0) await sleep(ms / pieces, io.signal);
  }
  if (then === 'throw') throw new TypeError('the trial wants an error');
  if (then === 'exit') io.crash({ code: 1 });
  if (then === 'kill') io.crash({ signal: 'SIGKILL' });
  if (then === 'hang')
    await new Promise((_, reject) => io.signal.addEventListener('abort', () => reject(new Error('ended'))));
  return 'ok';
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
