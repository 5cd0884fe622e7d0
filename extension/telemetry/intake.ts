import type { LineBuffer } from '../buffer/line-buffer';
import type { Settings, TelemetryType } from '../config/settings';
import { type Diagnostics, DIAGNOSTICS_PREFIX } from '../diagnostics';
import { RECORD, TIME, TYPE } from '../lambda/events';
import { type Metadata, residentBytes, tailBytes } from '../buffer/batch';
import type { Streams } from '../loki/streams';
import { messageOf } from '../platform/errors';
import type { JsonRows, Platform } from '../platform/types';
import type { InvocationFacts } from '../lines/invocation-facts';
import { isError } from '../lines/errors';
import type { Level } from '../lines/level';
import type { LineMetadata } from '../lines/line-metadata';
import type { Unwrapped, Unwrapper } from '../lines/unwrap';
import type { RuleStream } from '../config/rules/rule';
import type { Judged, LineRules } from '../rules/line-rules';
import { isWanted, reportMetadata } from './platform-kinds';
import { LineForms } from './line-forms';
import { type PlatformLine, platformLines } from './platform-lines';
import type { RequestIds } from './request-ids';
import { splitLine } from './split-line';
import { offsetOf, type Timestamps } from './timestamps';

/** What the rest of the extension needs to know about incoming telemetry. */
export interface IntakeListener {
  /** `platform.initRuntimeDone`: the runtime is ready, so Lambda may freeze an environment that nobody waits for. */
  initDone(): void;
  /**
   * `platform.runtimeDone`: the function has finished this invocation. `time` (milliseconds since the epoch) is when;
   * `resets` says whether it ended in a way that makes Lambda reset the environment.
   */
  invocationDone(requestId: string, end: { readonly time: number; readonly resets: boolean }): void;
  /** `platform.report`: the last event about this invocation. */
  invocationReported(requestId: string): void;
  /** A batch is full and can be pushed. */
  batchFilled(): void;
  /**
   * The buffer is full. Resolves `true` when there is room again, and `false` when the line must not wait any longer;
   * returns `undefined` when it must not wait at all. `lineTime` is when the line was logged, in milliseconds since the
   * epoch.
   */
  roomWanted(lineTime: number): Promise<boolean> | undefined;
  /**
   * Whether lines that can't wait may exceed the bound of lines, up to that of memory: Loki accepts lines, but not fast
   * enough.
   */
  mayExceedLines(): boolean;
  /** A line was dropped because there was no room. */
  dropped(bytes: number): void;
}

type Options = Pick<Settings, 'extractRequestId' | 'logTypes' | 'maxLineBytes' | 'platformLines'>;

/** Turns telemetry events into lines in the buffer, one after the other in the order in which they came. */
export class Intake {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #utf8Length: (text: string) => number;
  readonly #diagnostics: Diagnostics;
  readonly #logTypes: ReadonlySet<TelemetryType>;
  readonly #takesFunction: boolean;
  readonly #extractRequestId: boolean;
  readonly #maxLineBytes: number;
  readonly #buffer: LineBuffer;
  readonly #streams: Streams;
  readonly #requestIds: RequestIds;
  readonly #timestamps: Timestamps;
  readonly #listener: IntakeListener;
  /** `undefined` where each line has to be read, for rules for example. */
  readonly #forms: LineForms | undefined;
  /** The longest line that need not be looked at. */
  readonly #longestRun: number;
  readonly #rules: LineRules | undefined;
  readonly #onFunctionLine: ((line: string) => void) | undefined;
  readonly #lineMetadata: LineMetadata | undefined;
  readonly #facts: InvocationFacts | undefined;
  readonly #unwrapper: Unwrapper | undefined;
  readonly #platformLines: Settings['platformLines'];
  readonly #findsRequestIds: boolean;

  constructor(parts: {
    platform: Pick<Platform, 'now' | 'random' | 'utf8Length' | 'createForms'>;
    diagnostics: Diagnostics;
    options: Options;
    buffer: LineBuffer;
    streams: Streams;
    requestIds: RequestIds;
    timestamps: Timestamps;
    listener: IntakeListener;
    /** Present where a setting needs it. */
    rules?: LineRules;
    /**
     * Called with lines of the function, before any rule, where something needs those of level `error` and `fatal`. It
     * is not called with all others.
     */
    onFunctionLine?: (line: string) => void;
    /** Present where lines get structured metadata beside their request id. */
    lineMetadata?: LineMetadata;
    /** The facts about invocations that it uses, which are learned here. */
    facts?: InvocationFacts;
    /** Present where JSON records are taken apart; requires `lineMetadata`. */
    unwrapper?: Unwrapper;
  }) {
    this.#now = () => parts.platform.now();
    this.#random = () => parts.platform.random();
    this.#utf8Length = parts.platform.utf8Length;
    this.#diagnostics = parts.diagnostics;
    this.#logTypes = parts.options.logTypes;
    this.#takesFunction = parts.options.logTypes.has('function');
    this.#extractRequestId = parts.options.extractRequestId;
    this.#maxLineBytes = parts.options.maxLineBytes;
    this.#buffer = parts.buffer;
    this.#streams = parts.streams;
    this.#requestIds = parts.requestIds;
    this.#timestamps = parts.timestamps;
    this.#listener = parts.listener;
    this.#rules = parts.rules;
    this.#onFunctionLine = parts.onFunctionLine;
    const { rules, platform, lineMetadata } = parts;
    const forms = rules === undefined ? platform.createForms() : rules.createForms(platform);
    this.#forms = forms && new LineForms(forms, lineMetadata, lookedAt(rules, parts.onFunctionLine !== undefined));
    this.#longestRun = Math.min(parts.options.maxLineBytes, rules?.longest ?? Infinity);
    this.#lineMetadata = parts.lineMetadata;
    this.#facts = parts.facts;
    this.#unwrapper = parts.unwrapper;
    this.#platformLines = parts.options.platformLines;
    this.#findsRequestIds = this.#extractRequestId || this.#rules !== undefined || this.#lineMetadata !== undefined;
  }

  /**
   * Processes one delivery. Resolves when each of its lines is in the buffer, and never rejects; returns `undefined` if
   * they are there already, which is nearly always so.
   */
  accept(rows: JsonRows): Promise<void> | undefined {
    const now = this.#now();
    this.#timestamps.begin(now);
    this.#buffer.mayExceedLines = false;
    return this.#take(rows, 0, now);
  }

  /** Continues from a row until something has to be waited for, and then after the wait. */
  #take(rows: JsonRows, from: number, now: number): Promise<void> | undefined {
    const count = rows.count();
    for (let row = from, next = from + 1; row < count; row = next, next++) {
      try {
        const type = rows.text(row, TYPE);
        const time = rows.text(row, TIME);
        const taken = type === 'function' ? this.#run(rows, row, time, now) : 0;
        if (taken > 0) {
          next = row + taken;
          continue;
        }
        const text = rows.text(row, RECORD);
        const json = text === undefined ? rows.json(row, RECORD) : undefined;
        let waiting =
          type === 'function' ? this.#functionLine(text, json, time, now) : this.#event(type, text, json, time, now);
        if (this.#rules !== undefined) waiting = this.#thenReleased(waiting);
        if (waiting !== undefined) {
          return waiting.catch((error: unknown) => this.#leftOut(error)).then(() => this.#take(rows, next, now));
        }
      } catch (error) {
        this.#leftOut(error);
      }
    }
    return undefined;
  }

  /** A fault in the handling of one record must not stop the others. */
  #leftOut(error: unknown): void {
    this.#diagnostics.warnOnce(
      'intake',
      `a telemetry record could not be handled and was left out: ${messageOf(error)}`,
    );
  }

  /** Lines that rules have released come after the line that released them. */
  #thenReleased(waiting: Promise<void> | undefined): Promise<void> | undefined {
    if (waiting !== undefined) {
      return waiting.then(() => (this.#rules?.hasReleased === true ? this.#takeReleased() : undefined));
    }
    return this.#rules?.hasReleased === true ? this.#takeReleased() : undefined;
  }

  /** Puts one of the extension's own lines into the environment's stream, even if there is no room. */
  note(line: string): void {
    this.#add(this.#timestamps.next(Math.floor(this.#now())), line, undefined);
  }

  /** The environment ends: lines that waited for the end of their invocation go into the buffer. */
  async shutdown(): Promise<void> {
    this.#rules?.shutdown();
    await this.#takeReleased(false);
  }

  /** Returns a promise only if a line has to wait for room: most lines must not cost one. */
  #event(
    type: string | undefined,
    text: string | undefined,
    json: string | undefined,
    time: string | undefined,
    now: number,
  ): Promise<void> | undefined {
    if (type === undefined) return undefined;
    if (type === 'extension') {
      const line = this.#logTypes.has(type) ? lineOf(text, json) : undefined;
      // If the extension shipped its own lines, each would cause further ones.
      if (line === undefined || line.startsWith(DIAGNOSTICS_PREFIX)) return undefined;
      const passed = this.#pass(line, type, undefined, time, now);
      return passed === undefined ? undefined : this.#line(passed, time, now, undefined);
    }
    return type.startsWith('platform.') ? this.#platformEvent(type, text ?? parsed(json), time, now) : undefined;
  }

  #platformEvent(type: string, record: unknown, time: string | undefined, now: number): Promise<void> | undefined {
    const requestId = requestIdOf(record);
    this.#follow(type, requestId, record);
    let waiting: Promise<void> | undefined;
    if (this.#logTypes.has('platform')) {
      for (const platformLine of platformLines(type, record, time ?? new Date(now).toISOString())) {
        waiting =
          waiting === undefined
            ? this.#platformLine(type, record, platformLine, time, now)
            : waiting.then(() => this.#platformLine(type, record, platformLine, time, now));
      }
    }
    if (waiting !== undefined || this.#rules !== undefined) {
      return this.#platformEventLater(waiting, type, requestId, record, time, now);
    }
    this.#tell(type, requestId, record, time, now);
    return undefined;
  }

  #platformLine(
    type: string,
    record: unknown,
    { line, requestId }: PlatformLine,
    time: string | undefined,
    now: number,
  ): Promise<void> | undefined {
    if (!isWanted(this.#platformLines, type, line)) return undefined;
    const own = this.#lineMetadata?.ofPlatform(requestId, reportMetadata(type, record));
    const passed =
      this.#rules === undefined
        ? line
        : this.#pass(line, 'platform', requestId, time, now, { level: undefined, ownOf: () => own });
    if (passed === undefined) return undefined;
    return this.#line(passed, time, now, this.#extractRequestId ? requestId : undefined, own);
  }

  async #platformEventLater(
    waiting: Promise<void> | undefined,
    type: string,
    requestId: string | undefined,
    record: unknown,
    time: string | undefined,
    now: number,
  ): Promise<void> {
    await waiting;
    if (this.#rules !== undefined) {
      this.#rules.event(type, record);
      await this.#takeReleased();
    }
    this.#tell(type, requestId, record, time, now);
  }

  /** Tells the listener what an event says about the environment and its invocations. */
  #tell(type: string, requestId: string | undefined, record: unknown, time: string | undefined, now: number): void {
    if (type === 'platform.initRuntimeDone') this.#listener.initDone();
    if (requestId === undefined) return;
    if (type === 'platform.runtimeDone' || type === 'platform.report') this.#requestIds.ended(requestId);
    if (type === 'platform.runtimeDone') {
      const { status } = record as { readonly status?: unknown };
      // An exception that the runtime has reported is a `success` here; `error`, `failure` and `timeout` are followed
      // by a reset.
      const resets = typeof status === 'string' && status !== 'success';
      this.#listener.invocationDone(requestId, { time: this.#timestamps.parse(time, now), resets });
    } else if (type === 'platform.report') {
      this.#listener.invocationReported(requestId);
    }
  }

  /** Learns what an event says about the lines after it. */
  #follow(type: string, requestId: string | undefined, record: unknown): void {
    switch (type) {
      case 'platform.start':
        if (requestId === undefined) return;
        this.#requestIds.started(requestId);
        return this.#facts?.started(requestId, record);
      case 'platform.restoreStart':
        // Environments restored from one snapshot of memory share all its contents, including the offset.
        this.#timestamps.restart(offsetOf(this.#random()));
        return this.#requestIds.phaseBegan();
      case 'platform.initStart':
        return this.#requestIds.phaseBegan();
      case 'platform.initRuntimeDone':
      case 'platform.restoreRuntimeDone':
        return this.#requestIds.phaseEnded();
    }
  }

  /**
   * Appends lines of the function from this row on without making strings of them, as long as they have the same time
   * and a known beginning (see {@link LineForms}). Returns their number.
   */
  #run(rows: JsonRows, row: number, time: string | undefined, now: number): number {
    if (this.#forms === undefined) return 0;
    const invocation = this.#findsRequestIds ? this.#requestIds.current : undefined;
    if (invocation === undefined && this.#findsRequestIds) return 0;
    if (this.#rules?.leaves(invocation) === false) return 0;
    const stream = this.#streams.of(this.#extractRequestId ? invocation : undefined);
    const known = invocation === undefined ? undefined : this.#facts?.of(invocation);
    const forms = this.#forms.of(invocation, stream, known);
    if (forms === undefined) return 0;
    const timestamps = this.#timestamps;
    timestamps.beginRun(time, now);
    const { lines, filled } = this.#buffer.addRows(stream.key, rows, forms, {
      row,
      prefix: timestamps.prefix,
      number: timestamps.number,
      most: timestamps.available,
      longest: this.#longestRun,
      longestTail: this.#forms.longestTail,
    });
    timestamps.taken(lines);
    if (filled) this.#listener.batchFilled();
    return lines;
  }

  #functionLine(
    text: string | undefined,
    json: string | undefined,
    time: string | undefined,
    now: number,
  ): Promise<void> | undefined {
    if (!this.#takesFunction) return undefined;
    let line = lineOf(text, json);
    if (line === undefined) return undefined;
    if (this.#onFunctionLine !== undefined) this.#onFunctionLine(line);
    const invocation = this.#findsRequestIds ? this.#requestIds.of(line, text === undefined) : undefined;
    // With a Loki that refuses metadata, the fields that become metadata would be lost.
    if (this.#unwrapper !== undefined && text === undefined && this.#streams.takesMetadata) {
      // Masks apply to the whole record first, because only there do fields have their names and quotes.
      const record = this.#rules === undefined ? line : this.#rules.mask(line, 'function');
      const unwrapped =
        record === undefined
          ? undefined
          : this.#unwrapper.unwrap(record, this.#extractRequestId ? invocation : undefined);
      if (unwrapped !== undefined) {
        // A second time for the count, which leaves out records that a mask has turned into something else.
        if (record !== line) this.#rules?.mask(line, 'function', true);
        return this.#unwrapped(unwrapped, record!, invocation, time, now);
      }
    }
    const given = line;
    if (this.#rules !== undefined) {
      line = this.#pass(line, 'function', invocation, time, now);
      if (line === undefined) return undefined;
    }
    const own = this.#lineMetadata?.of(line, invocation);
    const requestId = this.#extractRequestId ? invocation : undefined;
    const buffer = this.#buffer;
    // Bytes are counted only where it matters: a character takes three at most.
    const mostBytes = 3 * line.length;
    if (mostBytes > this.#maxLineBytes || !buffer.hasRoomFor(residentBytes(mostBytes))) {
      return this.#line(line, time, now, requestId, own);
    }
    const stream = this.#streams.of(requestId);
    if (text !== undefined && line === given) this.#forms?.learn(line, invocation, stream);
    const tail = own === undefined ? stream.tail : stream.tailWith(own);
    if (buffer.add(stream.key, this.#timestamps.take(time, now), line, tail)) this.#listener.batchFilled();
    return undefined;
  }

  #unwrapped(
    unwrapped: Unwrapped,
    json: string,
    invocation: string | undefined,
    time: unknown,
    now: number,
  ): Promise<void> | undefined {
    // The level is also read from the masked message.
    const ownOf = (message: string): Metadata | undefined =>
      this.#lineMetadata?.ofUnwrapped({ ...unwrapped, message }, json, invocation);
    const line = this.#pass(unwrapped.message, 'function', invocation, time, now, { level: unwrapped.level, ownOf });
    return line === undefined
      ? undefined
      : this.#line(line, time, now, this.#extractRequestId ? invocation : undefined, ownOf(line));
  }

  /** What the rules let through of a line now; `undefined` for nothing. */
  #pass(
    line: string,
    stream: RuleStream,
    requestId: string | undefined,
    time: unknown,
    now: number,
    given?: { readonly level: Level | undefined; readonly ownOf: (line: string) => Metadata | undefined },
  ): string | undefined {
    if (this.#rules === undefined) return line;
    const judged = this.#rules.judge(line, stream, requestId, given?.level);
    if (judged?.waitsFor === undefined) return judged?.line;
    // The metadata of the masked line.
    const own = given === undefined ? this.#ownOf(judged.line, stream, requestId) : given.ownOf(judged.line);
    this.#hold(judged, judged.waitsFor, requestId, this.#timestamps.parse(time, now), own);
    return undefined;
  }

  /** The metadata of a waiting line beside that of its stream. */
  #ownOf(line: string, stream: RuleStream, invocation: string | undefined): Metadata | undefined {
    return stream === 'function' ? this.#lineMetadata?.of(line, invocation) : undefined;
  }

  /** The lines get their timestamps now, as lines that are shipped immediately do. */
  #hold({ line }: Judged, rule: string, requestId: string | undefined, millis: number, own?: Metadata): void {
    for (const [part, number] of partsOf(line, this.#utf8Length(line), this.#maxLineBytes)) {
      this.#rules?.hold(part, rule, requestId, this.#timestamps.next(millis), joined(own, number));
    }
  }

  async #takeReleased(mayWait = true): Promise<void> {
    for (const { requestId, timestamp, line, resident, metadata } of this.#rules?.takeReleased() ?? []) {
      if (!this.#buffer.hasRoomFor(resident)) await this.#room(resident, this.#now(), mayWait);
      this.#add(timestamp, line, this.#extractRequestId ? requestId : undefined, metadata);
    }
  }

  /** @param own metadata beside that of its stream */
  #line(
    line: string,
    time: unknown,
    now: number,
    requestId: string | undefined,
    own?: Metadata,
  ): Promise<void> | undefined {
    const millis = this.#timestamps.parse(time, now);
    const bytes = this.#utf8Length(line);
    return bytes > this.#maxLineBytes
      ? this.#parts(line, millis, requestId, own)
      : this.#whenRoom(line, bytes, millis, requestId, own);
  }

  /**
   * Loki refuses lines over a limit; the parts have their numbers in their metadata, so that they can be joined again.
   */
  async #parts(line: string, millis: number, requestId: string | undefined, own?: Metadata): Promise<void> {
    for (const [part, number] of partsOf(line, this.#utf8Length(line), this.#maxLineBytes)) {
      await this.#whenRoom(part, this.#utf8Length(part), millis, requestId, joined(own, number));
    }
  }

  #whenRoom(
    line: string,
    bytes: number,
    millis: number,
    requestId: string | undefined,
    own?: Metadata,
  ): Promise<void> | undefined {
    const add = (): void => this.#add(this.#timestamps.next(millis), line, requestId, own);
    const waiting = this.#room(residentBytes(bytes) + this.#tailBytes(requestId, own), millis);
    if (waiting !== undefined) return waiting.then(add);
    add();
    return undefined;
  }

  /** Of its whole tail, which is made only once this way. */
  #tailBytes(requestId: string | undefined, own: Metadata | undefined): number {
    return own === undefined ? 0 : tailBytes(this.#streams.of(requestId).tailWith(own), this.#utf8Length);
  }

  /** Waits for room for a line, or makes room. */
  #room(resident: number, millis: number, mayWait = true): Promise<void> | undefined {
    if (this.#buffer.hasRoomFor(resident)) return undefined;
    const waiting = mayWait ? this.#listener.roomWanted(millis) : undefined;
    if (waiting === undefined) return this.#makeRoom(resident);
    return waiting.then((made) => (made ? this.#room(resident, millis) : this.#makeRoom(resident)));
  }

  #makeRoom(resident: number): undefined {
    const buffer = this.#buffer;
    buffer.mayExceedLines = this.#listener.mayExceedLines();
    // Lines that exceed the bound already stay: each new line replaces only one.
    let drop = !buffer.mayExceedLines && buffer.hasMemoryFor(resident);
    while (drop || !buffer.hasMemoryFor(resident)) {
      const dropped = buffer.dropOldest();
      if (dropped === undefined) return; // everything left is being pushed: the bound is exceeded meanwhile
      this.#listener.dropped(dropped);
      drop = false;
    }
  }

  #add(timestamp: string, line: string, requestId: string | undefined, own?: Metadata): void {
    const stream = this.#streams.of(requestId);
    const tail = own === undefined ? stream.tail : stream.tailWith(own);
    if (this.#buffer.add(stream.key, timestamp, line, tail)) this.#listener.batchFilled();
  }
}

/** Of which levels lines have to be looked at; `undefined` where levels don't matter. */
function lookedAt(rules: LineRules | undefined, errors: boolean): ((level: Level) => boolean) | undefined {
  if (rules?.mindsLevels !== true) return errors ? isError : undefined;
  return (level) => rules.looksAt(level) || (errors && isError(level));
}

function joined(one: Metadata | undefined, other: Metadata | undefined): Metadata | undefined {
  return one === undefined || other === undefined ? (one ?? other) : { ...one, ...other };
}

/** A line, or its numbered parts if it is longer than Loki accepts. */
function partsOf(line: string, bytes: number, maxBytes: number): [part: string, number: Metadata | undefined][] {
  if (bytes <= maxBytes) return [[line, undefined]];
  const parts = splitLine(line, maxBytes);
  return parts.map((part, i) => [part, { part: String(i + 1), parts: String(parts.length) }]);
}

/** The user's line, verbatim: text without one trailing newline, or the JSON text of any other value. */
function lineOf(text: string | undefined, json: string | undefined): string | undefined {
  if (text === undefined) return json;
  const end = text.length - 1;
  return text.charCodeAt(end) === 10 ? text.slice(0, end) : text;
}

/** The value of a JSON text; `undefined` if it is nested too deeply for the parser. */
function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

function requestIdOf(record: unknown): string | undefined {
  const value =
    typeof record === 'object' && record !== null ? (record as Record<string, unknown>).requestId : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
