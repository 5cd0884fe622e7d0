const UUID_LENGTH = 36;

/** Fields of Lambda's own JSON log formats: Node.js and .NET, Java, Python. */
const JSON_FIELDS = ['"requestId"', '"AWSRequestId"', '"aws_request_id"'];

/** How far into a line an id is searched: Lambda's formats have it at the front. */
const HEAD = 512;

/** How many invocations are remembered; where they run side by side, this is more than ever run in one environment. */
const REMEMBERED = 128;
const REMEMBERED_CONCURRENT = 2048;

/** Replaces an invocation's id for the Init or restore phase, whose lines belong to no invocation. */
const PHASE = 'phase';

/**
 * Finds the invocation that a line belongs to.
 *
 * Text records have no request id, so they are attributed to the invocation in progress. Two sources identify it:
 * telemetry (`platform.start` and `platform.runtimeDone` among the lines), and the Extensions API, whose INVOKE is
 * never lost but may overtake lines of the previous invocation or phase. INVOKE therefore counts when the end of the
 * previous one has arrived; until then no invocation is in progress unless telemetry says so. A `platform.start` that
 * is late or lost leaves no line without its id, and an end that is lost gives no line the id of another invocation.
 *
 * A line that contains the id of a known invocation belongs to that one. Other ids are ignored, because many functions
 * log a `requestId` of their own, of an API gateway's request for example.
 *
 * Where invocations run side by side, only the line's own id counts.
 */
export class RequestIds {
  readonly #concurrent: boolean;
  readonly #seen = new Set<string>();
  /** The invocations of {@link #seen} that are over. */
  readonly #ended = new Set<string>();
  #current: string | undefined;
  /** The invocation of the last `platform.start`. */
  #started: string | undefined;
  /** The invocation of the last INVOKE. */
  #invoked: string | undefined;
  /** The invocation or phase before it, if its end has not arrived. */
  #before: string | undefined = PHASE;

  /** @param concurrent whether invocations run side by side (Managed Instances): then nothing is guessed. */
  constructor(concurrent: boolean) {
    this.#concurrent = concurrent;
  }

  /** The invocation in progress, as far as is known. */
  get current(): string | undefined {
    return this.#current;
  }

  /** INVOKE of an invocation. */
  invoked(requestId: string): void {
    this.#remember(requestId);
    const last = this.#invoked;
    this.#invoked = requestId;
    // Telemetry may be ahead of the Extensions API.
    if (this.#current === requestId || this.#ended.has(requestId)) this.#before = undefined;
    else if (last !== undefined) this.#before = this.#ended.has(last) ? undefined : last;
    if (this.#current !== requestId) this.#fallBack();
  }

  /** `platform.start` of an invocation. */
  started(requestId: string): void {
    this.#remember(requestId);
    // A start that arrives after the end would give the id to lines of the next invocation.
    if (!this.#concurrent && !this.#ended.has(requestId)) this.#current = this.#started = requestId;
  }

  /** `platform.runtimeDone` of an invocation, or its report, which comes later. */
  ended(requestId: string): void {
    if (this.#concurrent || this.#ended.has(requestId)) return;
    bounded(this.#ended, requestId, REMEMBERED);
    if (this.#before === requestId) this.#before = undefined;
    if (this.#current === requestId || this.#current === undefined) this.#fallBack();
  }

  /**
   * An Init or a restore begins, whose lines belong to no invocation. Lines of an Init inside an invocation, such as a
   * retried one, belong to that invocation.
   */
  phaseBegan(): void {
    if (this.#current !== undefined && this.#current === this.#started) return;
    this.#before = PHASE;
    this.#current = undefined;
  }

  /** The Init or restore is over. */
  phaseEnded(): void {
    if (this.#before !== PHASE) return;
    this.#before = undefined;
    if (this.#current === undefined) this.#fallBack();
  }

  /** The invocation of INVOKE becomes the one in progress, unless the previous one may still be. */
  #fallBack(): void {
    const possible = this.#before === undefined && this.#invoked !== undefined && !this.#ended.has(this.#invoked);
    this.#current = possible && !this.#concurrent ? this.#invoked : undefined;
  }

  #remember(requestId: string): void {
    bounded(this.#seen, requestId, this.#concurrent ? REMEMBERED_CONCURRENT : REMEMBERED);
  }

  /** The invocation that a function's line belongs to. @param isJson whether it is the JSON text of a record */
  of(line: string, isJson: boolean): string | undefined {
    // A line of the invocation in progress in Node.js's format, the most frequent one with an id.
    const current = this.#current;
    if (current !== undefined && line.startsWith(current, 25)) return current;
    const named = isJson ? this.#idInJson(line) : this.#idInText(line);
    return named !== undefined && (named === current || this.#seen.has(named)) ? named : current;
  }

  #idInText(line: string): string | undefined {
    const first = line.charCodeAt(0);
    if (first === 0x7b /* { */) return this.#idInJson(line.length > HEAD ? line.slice(0, HEAD) : line);

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

  /** The id at this position, if there is one; it is nearly always that of the invocation in progress. */
  #idAt(line: string, start: number): string {
    if (this.#current !== undefined && line.startsWith(this.#current, start)) return this.#current;
    return line.slice(start, start + UUID_LENGTH);
  }

  /**
   * The id in a JSON object. The text is searched for the names, because parsing it takes many times as long. Inner
   * objects may have fields with such names, too, with ids of other kinds.
   */
  #idInJson(text: string): string | undefined {
    for (const field of JSON_FIELDS) {
      for (let at = text.indexOf(field); at >= 0; at = text.indexOf(field, at + 1)) {
        const end = at + field.length;
        const id = /^\s*:\s*"([0-9a-f-]{36})"/.exec(text.slice(end, end + UUID_LENGTH + 16))?.[1];
        if (id !== undefined && (id === this.#current || this.#seen.has(id))) return id;
      }
    }
    return undefined;
  }
}

/** Adds to a set of limited size, from which the oldest entry is removed. */
function bounded(set: Set<string>, value: string, size: number): void {
  set.add(value);
  if (set.size > size) set.delete(set.values().next().value!);
}
