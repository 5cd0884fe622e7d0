import { heldBytes, type Metadata } from '../buffer/batch';
import type { Diagnostics } from '../diagnostics';
import { type Level, LEVELS } from '../lines/level';
import { messageOf } from '../platform/errors';
import type { JsonForms, Platform } from '../platform/types';
import { noteOf, type RuleEngine } from './engine';
import { InvocationEnds, PHASE } from './invocation-ends';
import type { RuleStream } from '../config/rules/rule';
import type { Tally } from './tally';
import { type WaitingLine, WaitingLines } from './waiting-lines';

/** The decision about a line. */
export interface Judged {
  /** The text that may be shipped. */
  readonly line: string;
  /** The rule that lets the line wait for the end of its invocation; `undefined` for a line that is shipped now. */
  readonly waitsFor: string | undefined;
}

/** A line whose invocation has failed, so that it is shipped after all. */
export type Released = Pick<WaitingLine, 'requestId' | 'timestamp' | 'line' | 'bytes' | 'resident' | 'metadata'>;

const ERROR = LEVELS.indexOf('error');

/** The name under which lines below the least level are counted. */
const MIN_LEVEL = 'LOKI_MIN_LEVEL';

export interface LineRulesParts {
  readonly diagnostics: Diagnostics;
  readonly tally: Tally;
  /** `undefined` where there are no rules. */
  readonly engine: RuleEngine | undefined;
  /** Whether a line must not be shipped when the rules could not be applied to it. */
  readonly masks: boolean;
  readonly minLevel: Level;
  readonly levelOf: (line: string) => Level | undefined;
  /** The most memory for waiting lines; 0 where none wait. */
  readonly waitingBytes: number;
  /** Whether invocations run side by side. */
  readonly concurrent: boolean;
  readonly utf8Length: (text: string) => number;
}

/**
 * Decides what leaves the function: which part of a line, and whether now or only if its invocation fails. It is made
 * only where a setting needs it.
 *
 * Waiting lines already have their timestamps, so they are in the right order even when they are sent after others.
 */
export class LineRules {
  readonly #parts: LineRulesParts;
  readonly #minLevel: number;
  readonly #ends: InvocationEnds;
  readonly #waiting: WaitingLines | undefined;
  #released: Released[] = [];

  constructor(parts: LineRulesParts) {
    this.#parts = parts;
    this.#minLevel = LEVELS.indexOf(parts.minLevel);
    this.#ends = new InvocationEnds(parts.concurrent);
    this.#waiting = parts.waitingBytes > 0 ? new WaitingLines(parts.waitingBytes) : undefined;
  }

  /**
   * Forms that only lines of the function have of which {@link judge} need not be asked, given that {@link looksAt} and
   * {@link leaves} agree; `undefined` where it has to be asked of every line.
   */
  createForms(platform: Pick<Platform, 'createForms'>): JsonForms | undefined {
    return this.#parts.engine === undefined ? platform.createForms() : this.#parts.engine.createForms();
  }

  /** The longest such line, in bytes. */
  get longest(): number {
    return this.#parts.engine?.longest ?? Infinity;
  }

  /** Whether levels matter at all, so that nothing is known about a line as long as its level is not. */
  get mindsLevels(): boolean {
    return this.#minLevel > 0 || this.#waiting !== undefined;
  }

  /** Whether {@link judge} has to be asked of a line, because it states this level. */
  looksAt(level: Level): boolean {
    const rank = LEVELS.indexOf(level);
    return rank < this.#minLevel || (rank >= ERROR && this.#waiting !== undefined);
  }

  /** Whether an invocation is none that is sampled out. */
  leaves(requestId: string | undefined): boolean {
    return this.#parts.engine?.samplesOut(requestId) !== true;
  }

  /**
   * @param given the level of a line that states none itself
   * @returns `undefined` for a line that is not shipped, now or later.
   */
  judge(line: string, stream: RuleStream, requestId: string | undefined, given?: Level): Judged | undefined {
    const level = stream === 'platform' ? -1 : this.#levelOf(line, given);
    const id = requestId ?? PHASE;
    if (level >= ERROR && stream === 'function') this.#end(id, 'badly');
    let ruled;
    try {
      ruled =
        this.#parts.engine === undefined
          ? { line, sampledOut: undefined }
          : this.#parts.engine.apply(line, stream, requestId);
    } catch (error) {
      this.#parts.diagnostics.warnOnce('rules', `LOKI_RULES could not be applied to a line: ${messageOf(error)}`);
      ruled = { line: this.#parts.masks ? noteOf('LOKI_RULES') : line, sampledOut: undefined };
    }
    if (ruled === undefined) return undefined;
    const rule = level >= 0 && level < this.#minLevel ? MIN_LEVEL : ruled.sampledOut;
    if (rule === undefined) return { line: ruled.line, waitsFor: undefined };
    const end = this.#waiting === undefined ? 'well' : this.#ends.of(id);
    if (end === 'badly') {
      this.#parts.tally.count(rule, 'kept for a failed invocation');
      return { line: ruled.line, waitsFor: undefined };
    }
    if (end === undefined) return { line: ruled.line, waitsFor: rule };
    this.#parts.tally.count(rule, 'dropped');
    return undefined;
  }

  /** A text that accompanies a line, masked; `undefined` where it must not be shipped. */
  mask(value: string, stream: RuleStream, isLine = false): string | undefined {
    try {
      return this.#parts.engine === undefined ? value : this.#parts.engine.mask(value, stream, isLine);
    } catch {
      return undefined;
    }
  }

  /** Keeps a line, or a part of one, that {@link judge} has wait. */
  hold(line: string, rule: string, requestId: string | undefined, timestamp: string, metadata?: Metadata): void {
    const bytes = this.#parts.utf8Length(line);
    const resident = heldBytes(line, bytes) + (metadata === undefined ? 0 : JSON.stringify(metadata).length * 2);
    const evicted = this.#waiting?.add(requestId ?? PHASE, {
      requestId,
      timestamp,
      line,
      bytes,
      resident,
      rule,
      metadata,
    });
    for (const one of evicted ?? []) this.#parts.tally.count(one.rule, 'dropped');
  }

  /** An event of Lambda's, which may be the end of an invocation. */
  event(type: string, record: unknown): void {
    if (type === 'platform.restoreStart' || type === 'platform.initStart') this.#ends.phaseBegan();
    if (type === 'platform.start' && !this.#parts.concurrent) this.#othersAreOver(record);
    const read = InvocationEnds.read(type, record);
    if (read === undefined) return;
    this.#end(read.id, read.end);
    const text = this.#parts.tally.takeText();
    if (text !== undefined) this.#parts.diagnostics.debug(text);
  }

  /** The environment ends: waiting lines are released, because nothing shows that their invocations succeeded. */
  shutdown(): void {
    for (const id of this.#waiting?.ids ?? []) this.#release(id);
    const text = this.#parts.tally.text();
    if (text !== undefined) this.#parts.diagnostics.info(text);
  }

  /** Whether {@link takeReleased} has lines to return. */
  get hasReleased(): boolean {
    return this.#released.length > 0;
  }

  /** The lines that are shipped now, in order; `undefined` if there are none. */
  takeReleased(): readonly Released[] | undefined {
    if (this.#released.length === 0) return undefined;
    const released = this.#released;
    this.#released = [];
    return released;
  }

  #levelOf(line: string, given: Level | undefined): number {
    if (!this.mindsLevels) return -1;
    const level = this.#parts.levelOf(line) ?? given;
    return level === undefined ? -1 : LEVELS.indexOf(level);
  }

  /** When an invocation begins, all others are over. One whose end was lost may have failed. */
  #othersAreOver(record: unknown): void {
    const { requestId } = (typeof record === 'object' && record !== null ? record : {}) as {
      readonly requestId?: unknown;
    };
    for (const id of this.#waiting?.ids ?? []) if (id !== requestId) this.#end(id, 'badly');
  }

  #end(id: string, end: 'well' | 'badly'): void {
    if (this.#waiting === undefined || !this.#ends.ended(id, end)) return;
    if (end === 'badly') this.#release(id);
    else for (const { rule } of this.#waiting.take(id)?.lines ?? []) this.#parts.tally.count(rule, 'dropped');
  }

  #release(id: string): void {
    const left = this.#waiting?.take(id);
    if (left === undefined) return;
    if (left.lastEvicted !== undefined) this.#released.push(this.#gapNote(left.evicted, left.lastEvicted));
    for (const one of left.lines) {
      this.#parts.tally.count(one.rule, 'kept for a failed invocation');
      this.#released.push(one);
    }
  }

  /** Replaces lines for which there was no room, at the time of the last of them. */
  #gapNote(lines: number, { requestId, timestamp }: WaitingLine): Released {
    const most = this.#parts.waitingBytes;
    const line =
      `LambdaWatch: ${lines} earlier lines of this invocation are missing, ` +
      `because no more than ${most} bytes wait for its end`;
    const bytes = this.#parts.utf8Length(line);
    return { requestId, timestamp, line, bytes, resident: heldBytes(line, bytes), metadata: undefined };
  }
}
