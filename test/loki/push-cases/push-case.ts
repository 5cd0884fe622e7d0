/** A request to a Loki under test, as it goes on the wire. */
export interface PushRequest {
  readonly method?: string;
  /** Default `/loki/api/v1/push`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Something to send to both Lokis, which must then agree on every status and on all stored lines. */
export interface PushCase {
  readonly name: string;
  /** `stream` holds labels that no other case uses; `now` is in nanoseconds. */
  readonly requests: (stream: Record<string, string>, now: bigint) => readonly PushRequest[];
  /** What the answers must be, in both. */
  readonly statuses: readonly number[];
  /** How many lines of the case must be stored, in both. */
  readonly stored: number;
  /** The last answer's text must be like this, in both. */
  readonly says?: RegExp;
  /** The last answer's text is the same to the letter in both. */
  readonly sameText?: boolean;
}

export type Entry = readonly [timestamp: unknown, line: unknown, ...rest: unknown[]];

export function json(body: unknown, headers: Record<string, string> = {}): PushRequest {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function push(stream: Record<string, unknown>, ...values: Entry[]): PushRequest {
  return json({ streams: [{ stream, values }] });
}

export const SECOND = 1_000_000_000n;
export const HOUR = 3_600n * SECOND;
export const DAY = 24n * HOUR;

export function encoded(encoding: string, encode: (text: Buffer) => Buffer) {
  return (stream: Record<string, string>, now: bigint): PushRequest[] => {
    const { headers, body } = push(stream, [`${now}`, 'encoded']);
    return [{ headers: { ...headers, 'content-encoding': encoding }, body: encode(Buffer.from(body as string)) }];
  };
}

/** `count` labels besides those of the case. */
export function labels(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`label_${String(index).padStart(2, '0')}`, 'x']),
  );
}

export function metadata(count: number, valueLength = 1): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key_${index}`, 'v'.repeat(valueLength)]));
}

export function plain(
  name: string,
  entry: (now: bigint) => Entry,
  status: number,
  stored: number,
  says?: RegExp,
): PushCase {
  return { name, requests: (stream, now) => [push(stream, entry(now))], statuses: [status], stored, says };
}
