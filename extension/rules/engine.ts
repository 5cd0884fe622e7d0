import type { JsonForms, Patterns, PatternSource, Platform } from '../platform/types';
import type { Program } from '../config/rules/program';
import type { Rule, RuleStream } from '../config/rules/rule';
import { shareOf } from './share';
import type { Tally } from './tally';

/**
 * The most characters of a line times instructions of patterns: the work in the worst case, when a text needs a new
 * state of the automaton for each byte, and when a mask replaces. A line that would exceed it is treated as one to
 * which the rules can't be applied, so that the time for a line is bounded.
 */
const MOST_WORK = 300_000_000;
const MOST_WORK_OF_MASK = 64_000_000;

/** The result of the rules for a line. */
export interface Ruled {
  /** The text that may be shipped: the masked line, or a note in its place. */
  readonly line: string;
  /** The rule that has sampled the line out, if any. */
  readonly sampledOut: string | undefined;
}

/** A compiled rule. */
type Ready = Rule & Numbered;

type Mask = Extract<Rule, { type: 'mask_sequences' }> & Numbered;

interface Numbered {
  /** Its number among the patterns. */ readonly pattern: number | undefined;
}

/** Applies the rules of `LOKI_RULES` to lines, in their order. */
export class RuleEngine {
  readonly #tally: Tally;
  readonly #byStream: Readonly<Record<RuleStream, readonly Ready[]>>;
  readonly #patterns: Patterns;
  /** The number of instructions of all patterns together. */
  readonly #instructions: number;
  /** Rates of the rules that sample all lines of the function. */
  readonly #shares: readonly number[];

  /**
   * Throws a `PlatformError` if the patterns can't be used, which isn't expected of patterns that were read
   * successfully.
   */
  constructor(platform: Pick<Platform, 'compilePatterns'>, rules: readonly Rule[], tally: Tally) {
    this.#tally = tally;
    const sources: PatternSource[] = [];
    const ready = rules.map((rule): Ready => {
      const program: Program | undefined = 'program' in rule ? rule.program : undefined;
      if (program === undefined) return { ...rule, pattern: undefined };
      sources.push(rule.type === 'mask_sequences' ? { program, replacement: rule.replacement } : { program });
      return { ...rule, pattern: sources.length - 1 };
    });
    const of = (stream: RuleStream): Ready[] => ready.filter(({ on }) => on.has(stream));
    this.#byStream = { function: of('function'), platform: of('platform'), extension: of('extension') };
    this.#shares = this.#byStream.function.flatMap((rule) =>
      rule.type === 'sample' && rule.pattern === undefined ? [rule.rate] : [],
    );
    this.#patterns = platform.compilePatterns(sources);
    this.#instructions = sources.reduce((sum, { program }) => sum + sizeOf(program), 0);
  }

  /** The longest text of which the patterns can be asked, in bytes or in characters. */
  get longest(): number {
    return Math.floor(MOST_WORK / Math.max(1, this.#instructions));
  }

  /**
   * Forms that only lines of the function have that the rules leave as they are, as long as {@link samplesOut} says
   * nothing else of their invocation; `undefined` where there may be no such lines.
   */
  createForms(): JsonForms | undefined {
    const rules = this.#byStream.function;
    if (rules.some(({ type }) => type === 'withhold')) return undefined;
    const included = rules.filter(({ type }) => type === 'include_at_match');
    return this.#patterns.createForms(included.map(({ pattern }) => pattern!));
  }

  /** Whether a rule that looks at no text samples an invocation out. */
  samplesOut(requestId: string | undefined): boolean {
    return this.#shares.some((rate) => isOut(requestId, rate));
  }

  /** @returns `undefined` where the line is dropped. */
  apply(line: string, stream: RuleStream, requestId: string | undefined): Ruled | undefined {
    const rules = this.#byStream[stream];
    let text = line;
    let sampledOut: string | undefined;
    let withheldBy: string | undefined;
    // One pass over the text for all patterns, and another one where a mask has changed it.
    let found = rules.length === 0 ? undefined : this.#matching(text);
    for (const rule of rules) {
      const matches = rule.pattern === undefined || (found !== undefined && found.includes(rule.pattern));
      switch (rule.type) {
        case 'exclude_at_match':
        case 'include_at_match':
          if (matches !== (rule.type === 'exclude_at_match')) break;
          this.#tally.count(rule.name, 'dropped');
          return undefined;
        case 'sample':
          if (matches && sampledOut === undefined && isOut(requestId, rule.rate)) sampledOut = rule.name;
          break;
        case 'withhold':
          withheldBy ??= rule.name;
          break;
        case 'mask_sequences': {
          if (!matches || withheldBy !== undefined) break;
          const masked = this.#replace(rule, text);
          if (masked === undefined) {
            withheldBy = rule.name;
          } else if (masked !== text) {
            this.#tally.count(rule.name, 'masked');
            text = masked;
            found = this.#matching(text);
          }
        }
      }
    }
    if (withheldBy === undefined) return { line: text, sampledOut };
    this.#tally.count(withheldBy, 'withheld');
    return { line: noteOf(withheldBy), sampledOut };
  }

  #matching(text: string): readonly number[] | undefined {
    if (text.length * this.#instructions <= MOST_WORK) return this.#patterns.matching(text);
    throw new Error(`for ${text.length} characters the patterns are too large (${this.#instructions} instructions)`);
  }

  /** @returns `undefined` where it can't be done. */
  #replace({ program, pattern }: Mask, text: string): string | undefined {
    return text.length * sizeOf(program) <= MOST_WORK_OF_MASK ? this.#patterns.replace(pattern!, text) : undefined;
  }

  /**
   * A text that accompanies a line, with everything that masks match replaced; `undefined` where it must not be
   * shipped.
   * @param isLine whether it is the line itself, for which masks are counted
   */
  mask(value: string, stream: RuleStream, isLine = false): string | undefined {
    let text = value;
    for (const rule of this.#byStream[stream]) {
      if (rule.type === 'withhold') return undefined;
      if (rule.type !== 'mask_sequences') continue;
      const masked = this.#replace(rule, text);
      if (masked === undefined) return undefined;
      if (isLine && masked !== text) this.#tally.count(rule.name, 'masked');
      text = masked;
    }
    return text;
  }
}

/** How many instructions a program has. */
function sizeOf(program: Program): number {
  return program[2];
}

/** The note that replaces a line to which a mask could not be applied. */
export function noteOf(rule: string): string {
  const name = JSON.stringify(rule);
  return `LambdaWatch: a line was withheld, because the mask ${name} of LOKI_RULES could not be applied to it`;
}

/** Lines without an invocation are kept. */
function isOut(requestId: string | undefined, rate: number): boolean {
  return requestId !== undefined && shareOf(requestId) >= rate;
}
