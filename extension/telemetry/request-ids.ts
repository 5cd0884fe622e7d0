const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_LENGTH = 36;

/** `"requestId": "…"` and its spellings in Lambda's own JSON log formats: Node.js and .NET, Java, Python. */
const JSON_FIELD = /"(?:requestId|AWSRequestId|aws_request_id)"\s*:\s*"([0-9a-f-]{36})"/;

/** How far into a line an id is looked for: Lambda's formats have it at the front. */
const HEAD = 512;

/** How many invocations are remembered; more than ever run side by side in one environment. */
const REMEMBERED = 128;

/**
 * Knows which invocation a line belongs to.
 *
 * Text records carry no request id, so they are attributed to the invocation whose `platform.start` came last in the stream of telemetry
 * and whose `platform.runtimeDone` has not come yet. A line that names an id itself wins, if the id is one of an invocation seen here, or
 * none is in progress: many functions log a `requestId` of their own, of an API gateway's request for example.
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
    const named = typeof record === 'string' ? idInText(line) : idInObject(record);
    if (named === undefined) return this.#current;
    return this.#current === undefined || this.#seen.has(named) ? named : this.#current;
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

function idInText(line: string): string | undefined {
  const first = line.charCodeAt(0);
  if (first === 0x7b /* { */) return JSON_FIELD.exec(line.length > HEAD ? line.slice(0, HEAD) : line)?.[1];

  // Node.js: `2026-01-02T03:04:05.006Z<tab>id<tab>INFO<tab>…`
  if (line.charCodeAt(24) === 9 && line.charCodeAt(61) === 9) return uuidAt(line, 25);

  // Python: `[INFO]<tab>2026-01-02T03:04:05.006Z<tab>id<tab>…`
  if (first === 0x5b /* [ */) {
    const tab = line.indexOf(']\t');
    if (tab > 0 && tab < 12 && line.charCodeAt(tab + 26) === 9) return uuidAt(line, tab + 27);
  }

  const named = line.indexOf('RequestId: ');
  return named >= 0 && named < HEAD ? uuidAt(line, named + 11) : undefined;
}

function uuidAt(line: string, start: number): string | undefined {
  const text = line.slice(start, start + UUID_LENGTH);
  return UUID.test(text) ? text : undefined;
}
