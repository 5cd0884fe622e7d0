import { StringDecoder } from 'node:string_decoder';

/**
 * Cuts a stream of bytes into lines. Characters that arrive in pieces are put together, invalid UTF-8 becomes U+FFFD,
 * and a line may have any length.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #emit: (line: string, terminated: boolean) => void;
  /** Pieces of the line that is not complete yet. */
  #partial: string[] = [];

  constructor(emit: (line: string, terminated: boolean) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** Emits what has no newline yet. */
  flush(): void {
    if (this.#partial.length > 0) this.#finish('', false);
  }

  /** Emits what is left, an incomplete character included. */
  end(): void {
    this.#take(this.#decoder.end());
    this.flush();
  }

  #take(text: string): void {
    let from = 0;
    for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', from)) {
      this.#finish(text.slice(from, newline), true);
      from = newline + 1;
    }
    if (from < text.length) this.#partial.push(text.slice(from));
  }

  #finish(tail: string, terminated: boolean): void {
    const line = this.#partial.length > 0 ? this.#partial.join('') + tail : tail;
    this.#partial = [];
    this.#emit(line, terminated);
  }
}
