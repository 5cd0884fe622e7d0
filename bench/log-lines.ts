/**
 * Log lines as ordinary functions write them, about 120 bytes each: a timestamp, the request's id, a level and a
 * message of key=value pairs, one message in six with a random id of its own. The same seed gives the same messages;
 * each line ends in `seq=<number>`, by which it is recognised at the other end.
 */
export class LogLines {
  #state: number;
  #written = 0;

  /** @param seed 1 … 2147483646 */
  constructor(seed = 20_250_129) {
    this.#state = seed;
  }

  /** How many lines were made so far, which is the number that the next one carries. */
  get written(): number {
    return this.#written;
  }

  /** The next line, without a newline. @param time milliseconds since 1970 */
  next(time: number, requestId: string): string {
    const message = MESSAGES[this.below(MESSAGES.length)];
    return `${new Date(time).toISOString()}\t${requestId}\t${message(this)} seq=${this.#written++}`;
  }

  /** A random whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    // Lehmer's generator with the constants of Park and Miller: exact in a double.
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return Math.floor((this.#state / 2_147_483_647) * limit);
  }

  uuid(): string {
    return [8, 4, 4, 4, 12].map((digits) => this.#hex(digits)).join('-');
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
  }
}

type Message = (random: LogLines) => string;

const MESSAGES: readonly Message[] = [
  (r) => `INFO\torder accepted order=${10_000_000 + r.below(90_000_000)} amount=${money(r)}`,
  (r) => `DEBUG\tcache lookup key=product:${r.below(100_000)} hit=${r.below(10) > 2} took_ms=${r.below(9)}`,
  (r) => `INFO\tGET /v1/products/${r.below(100_000)} status=200 took_ms=${r.below(250)}`,
  (r) => `INFO\tpayment trace=${r.uuid()}`,
  (r) => `WARN\tretrying call attempt=${1 + r.below(4)} wait_ms=${100 * (1 + r.below(8))}`,
  (r) => `ERROR\torder=${10_000_000 + r.below(90_000_000)} declined code=402`,
];

function money(random: LogLines): string {
  return `${random.below(500)}.${String(random.below(100)).padStart(2, '0')}`;
}

/** The number at the end of a line made here; `undefined` for any other line. */
export function numberOf(line: string): number | undefined {
  const match = / seq=(\d+)$/.exec(line);
  return match === null ? undefined : Number(match[1]);
}
