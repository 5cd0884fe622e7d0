import { EXIT } from './errors';

/**
 * Ctrl-C: changes in progress are finished, so that no function is left half-changed, and no further change begins. A
 * second Ctrl-C ends the process immediately.
 */
export class Interrupt {
  #requested = false;
  readonly #listener: () => void;

  constructor(say: (line: string) => void) {
    this.#listener = () => {
      if (this.#requested) process.exit(EXIT.interrupted);
      this.#requested = true;
      say(
        'Interrupted: finishing what has been begun. Press Ctrl-C again to stop at once, which may leave a function half-changed.',
      );
    };
    process.on('SIGINT', this.#listener);
    process.on('SIGTERM', this.#listener);
  }

  get requested(): boolean {
    return this.#requested;
  }

  release(): void {
    process.off('SIGINT', this.#listener);
    process.off('SIGTERM', this.#listener);
  }
}
