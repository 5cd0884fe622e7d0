import { LogType } from './log-type';

/**
 * What a rule is about.
 */
export interface LogRuleOptions {
  /**
   * The streams whose lines the rule is about.
   *
   * @default - all of them
   */
  readonly on?: LogType[];
}

/**
 * What a mask puts in place of a match.
 */
export interface MaskRuleOptions extends LogRuleOptions {
  /**
   * The text in place of each match, at most 256 characters. `$1` or `${1}` stands for a group of the pattern,
   * `${name}` for one with a name, `$$` for a dollar sign.
   *
   * @default - nothing
   */
  readonly replacement?: string;
}

/**
 * Which lines of an invocation are sampled.
 */
export interface SampleRuleOptions extends LogRuleOptions {
  /**
   * Only lines that match this pattern.
   *
   * @default - all lines
   */
  readonly pattern?: string;
}

/**
 * What leaves the function: lines that are dropped or masked before they do. Rules are applied in their order, each to
 * what those before it have left. Patterns have the syntax of RE2 and of Rust's `regex`, without what needs
 * backtracking, and are checked at synthesis.
 */
export class LogRule {
  /**
   * Lines that match are dropped.
   *
   * @param name By this name dropped lines are counted.
   * @param pattern For example `GET /health`; a match anywhere in the line is enough.
   */
  public static exclude(name: string, pattern: string, options: LogRuleOptions = {}): LogRule {
    return new LogRule({ type: 'exclude_at_match', name, pattern }, options);
  }

  /**
   * Lines that don't match are dropped.
   *
   * @param name By this name dropped lines are counted.
   * @param pattern A match anywhere in the line is enough.
   */
  public static include(name: string, pattern: string, options: LogRuleOptions = {}): LogRule {
    return new LogRule({ type: 'include_at_match', name, pattern }, options);
  }

  /**
   * What matches is replaced, wherever it stands in a line, and in the structured metadata too.
   *
   * @param name By this name masked lines are counted.
   * @param pattern For example `\b\d{16}\b`; each match is replaced.
   */
  public static mask(name: string, pattern: string, options: MaskRuleOptions = {}): LogRule {
    return new LogRule({ type: 'mask_sequences', name, pattern, replace_placeholder: options.replacement }, options);
  }

  /**
   * Only a share of the invocations is logged. All lines of an invocation stay or go, platform lines too; lines of no
   * invocation stay. With `keepOnError`, those of failed invocations stay.
   *
   * @param name By this name dropped lines are counted.
   * @param rate The share that stays, 0 to 1.
   */
  public static sample(name: string, rate: number, options: SampleRuleOptions = {}): LogRule {
    return new LogRule({ type: 'sample', name, rate, pattern: options.pattern }, options);
  }

  private constructor(
    private readonly rule: Record<string, unknown>,
    private readonly options: LogRuleOptions,
  ) {}

  /**
   * The rule as it stands in `LOKI_RULES`.
   *
   * @internal
   */
  public _render(): Record<string, unknown> {
    const { on } = this.options;
    return { ...this.rule, ...(on !== undefined && { on }) };
  }
}
