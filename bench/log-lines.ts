/** The kinds of lines that functions write here. */
export const LINE_KINDS = ['plain', 'short', 'json', 'long'] as const;

export type LineKind = (typeof LINE_KINDS)[number];

/** What tables call them. */
export const KIND_NAMES: Readonly<Record<LineKind, string>> = {
  plain: '120 B',
  short: '60 B',
  json: '1 kB JSON',
  long: '200 KiB',
};

/** Bytes of a long line: the most that is not split by default. */
const LONG_BYTES = 204_800;

/** Bytes of a JSON record. */
const JSON_BYTES = 1000;

/**
 * Log lines as ordinary functions write them: a timestamp, the request's id, a level and a message of key=value
 * pairs, one message in six with a random id of its own. The same seed gives the same messages; each line carries a
 * number, by which it is recognised at the other end.
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

  /** The next line, about 120 bytes without a newline. @param time milliseconds since 1970 */
  next(time: number, requestId: string): string {
    return `${new Date(time).toISOString()}\t${requestId}\t${this.message()} seq=${this.#written++}`;
  }

  /** The next record: a line of one of the kinds, or the object that a function with Lambda's JSON format logs. */
  record(kind: LineKind, time: number, requestId: string): unknown {
    switch (kind) {
      case 'plain':
        return `${this.next(time, requestId)}\n`;
      case 'short':
        return `INFO took_ms=${String(this.below(250)).padStart(3, '0')} status=200 shard=${1000 + this.below(9000)} seq=${String(this.#written++).padStart(12, '0')}\n`;
      case 'long':
        return `${this.#until(LONG_BYTES - 24)} seq=${String(this.#written++).padStart(18, '0')}\n`;
      case 'json':
        return this.#object(time, requestId);
    }
  }

  /** A message of some forty bytes, with its level. */
  message(): string {
    return MESSAGES[this.below(MESSAGES.length)](this);
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

  #object(time: number, requestId: string): unknown {
    const record = {
      timestamp: new Date(time).toISOString(),
      level: 'INFO',
      requestId,
      seq: this.#written++,
      order: {
        id: this.uuid(),
        amount: this.below(50_000) / 100,
        items: [this.below(9), this.below(9), this.below(9)],
      },
      customer: { id: this.uuid(), tier: 'gold', returning: true },
      message: this.message(),
      detail: '',
    };
    const room = JSON_BYTES - JSON.stringify(record).length;
    return { ...record, detail: this.#until(room).replaceAll('\t', ' ') };
  }

  /** Messages, one after the other, of exactly so many bytes. */
  #until(bytes: number): string {
    const parts: string[] = [];
    for (let have = 0; have < bytes; have += parts[parts.length - 1].length + 3) parts.push(this.message());
    return parts.join(' | ').slice(0, bytes);
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

/** The number of a line made here: at its end, or a field of JSON; `undefined` for any other line. */
export function numberOf(line: string): number | undefined {
  const match = line.startsWith('{') ? /"seq":(\d+)/.exec(line) : / seq=(\d+)$/.exec(line.slice(-32));
  return match === null ? undefined : Number(match[1]);
}
