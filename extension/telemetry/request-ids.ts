const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_LENGTH = 36;

/** Fields of Lambda's own JSON log formats: Node.js and .NET, Java, Python. */
const JSON_FIELDS = ['"requestId"', '"AWSRequestId"', '"aws_request_id"'];

/** How far into a line an id is looked for: Lambda's formats have it at the front. */
const HEAD = 512;

/** How many invocations are remembered; more than ever run side by side in one environment. */
const REMEMBERED = 128;

/**
 * Knows which invocation a line belongs to.
 *
 * Text records carry no request id, so they are attributed to the invocation whose `platform.start` came last in the stream of telemetry
 * and whose `platform.runtimeDone` has not come yet. A line that names the id of an invocation seen here wins over that; other ids are not
 * taken for one, because many functions log a `requestId` of their own, of an API gateway's request for example.
 *
 * Where invocations run side by side nothing is attributed but by the line's own id, seen before or not.
 */
export class RequestIds {
  readonly #concurrent: boolean;
  readonly #seen = new Set<string>();
  #current: string | undefined;

  /** @param concurrent whether invocations run side by side (Managed Instances): then nothing is guessed. */
  constructor(concurrent: boolean) {
    this.#concurrent = concurrent;
  }

  /** `platform.start` of an invocation. */
  started(requestId: string): void {
    this.remember(requestId);
    if (!this.#concurrent) this.#current = requestId;
  }

  /** `platform.runtimeDone` of an invocation. */
  ended(requestId: string): void {
    if (this.#current === requestId) this.#current = undefined;
  }

  /** An invocation is known to exist. */
  remember(requestId: string): void {
    this.#seen.add(requestId);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value!);
  }

  /** The invocation that a function's line belongs to. `record` is the telemetry record, `line` its text. */
  of(record: unknown, line: string): string | undefined {
    // A line of the invocation in progress in the format of Node.js, the most frequent of those that name one.
    const current = this.#current;
    if (current !== undefined && line.startsWith(current, 25)) return current;
    const named = typeof record === 'string' ? this.#idInText(line) : idInObject(record);
    return named !== undefined && (named === current || this.#concurrent || this.#seen.has(named)) ? named : current;
  }

  #idInText(line: string): string | undefined {
    const first = line.charCodeAt(0);
    if (first === 0x7b /* { */) return idInJson(line.length > HEAD ? line.slice(0, HEAD) : line);

    // Node.js: `2026-01-02T03:04:05.006Z<tab>id<tab>INFO<tab>…`
    if (line.charCodeAt(24) === 9 && line.charCodeAt(61) === 9) return this.#idAt(line, 25);

    // Python: `[INFO]<tab>2026-01-02T03:04:05.006Z<tab>id<tab>…`
    if (first === 0x5b /* [ */) {
      const tab = line.indexOf(']\t');
      if (tab > 0 && tab < 12 && line.charCodeAt(tab + 26) === 9) return this.#idAt(line, tab + 27);
    }

    const named = line.indexOf('RequestId: ');
    return named >= 0 && named < HEAD ? this.#idAt(line, named + 11) : undefined;
  }

  /** The id that stands there; nearly always that of the invocation in progress, which is quicker to see than that it is an id. */
  #idAt(line: string, start: number): string | undefined {
    if (this.#current !== undefined && line.startsWith(this.#current, start)) return this.#current;
    const text = line.slice(start, start + UUID_LENGTH);
    return UUID.test(text) ? text : undefined;
  }
}

function idInObject(record: unknown): string | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const fields = record as Record<string, unknown>;
  const inner = typeof fields.record === 'object' && fields.record !== null ? (fields.record as Record<string, unknown>).requestId : undefined;
  for (const value of [fields.requestId, fields.AWSRequestId, fields.aws_request_id, inner]) {
    if (typeof value === 'string' && UUID.test(value)) return value;
  }
  return undefined;
}

/** Of a JSON object in text. Looked for by its names, because a regular expression over the whole line takes many times as long. */
function idInJson(text: string): string | undefined {
  for (const field of JSON_FIELDS) {
    const at = text.indexOf(field);
    if (at < 0) continue;
    const id = /^\s*:\s*"([0-9a-f-]{36})"/.exec(text.slice(at + field.length, at + field.length + UUID_LENGTH + 16))?.[1];
    if (id !== undefined && UUID.test(id)) return id;
  }
  return undefined;
}
