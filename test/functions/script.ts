/**
 * What a real function is told to do, as its payload. The same script works in every runtime; steps run in the order of
 * the fields.
 */
export interface FunctionScript {
  readonly write?: readonly WriteStep[];
  readonly lines?: LineSeries;
  /** Milliseconds of sleep after the writing. */
  readonly sleepMs?: number;
  /**
   * `exception` throws out of the handler, `exit` ends the process with code 1, `kill` with SIGKILL, `hang` never
   * returns; `oom` takes 64 MB and then SIGKILLs itself, which is what the kernel does when the environment's memory is
   * used up.
   */
  readonly fail?: 'exception' | 'exit' | 'kill' | 'oom' | 'hang';
  /** Pieces of a streamed response, in place of `return`. Node.js and Go only. */
  readonly stream?: readonly string[];
  /** The response. @default null */
  readonly return?: unknown;
}

export interface WriteStep {
  readonly text: string;
  /** For `raw` and `console`. @default 'stdout' */
  readonly stream?: 'stdout' | 'stderr';
  /**
   * `raw` writes the text to the file descriptor as it is (the newline has to be in it); `console` is what people print
   * with (console.log, print, fmt.Println, System.out.println); `logger` is the runtime's logging.
   * @default 'console'
   */
  readonly via?: 'console' | 'logger' | 'raw';
}

/** Many lines through stdout, verbatim. */
export interface LineSeries {
  readonly count: number;
  /** @default 'line' */
  readonly prefix?: string;
  /** Least length of a line in bytes, the newline excluded: filled with `x`. @default 0 */
  readonly bytes?: number;
}

/** The lines that a series makes. */
export function expectedLines({ count, prefix = 'line', bytes = 0 }: LineSeries): string[] {
  return Array.from({ length: count }, (_, index) => {
    const line = `${prefix} ${index} `;
    return line + 'x'.repeat(Math.max(0, bytes - Buffer.byteLength(line)));
  });
}
