import { LogType } from './log-type';

/**
 * The lines that a rule applies to.
 */
export interface LogRuleOptions {
  /**
   * The streams that the rule applies to.
   *
   * @default - all streams
   */
  readonly on?: LogType[];
}

/**
 * Options for a mask.
 */
export interface MaskRuleOptions extends LogRuleOptions {
  /**
   * The text that replaces each match, at most 256 characters. `$1` or `${1}` stands for a group of the pattern,
   * `${name}` for a named group, `$$` for a dollar sign.
   *
   * @default - matches are removed
   */
  readonly replacement?: string;
}

/**
 * Options for sampling.
 */
export interface SampleRuleOptions extends LogRuleOptions {
  /**
   * Only lines that match this pattern are sampled.
   *
   * @default - all lines
   */
  readonly pattern?: string;
}

/**
 * Drops, masks or samples lines before they leave the function. Rules are applied in order, each to the result of those
 * before it. Patterns have the syntax of RE2 and of Rust's `regex`, which excludes everything that needs backtracking.
 * They are checked at synthesis.
 */
export class LogRule {
  /**
   * Drops lines that match.
   *
   * @param name The name under which dropped lines are counted.
   * @param pattern For example `GET /health`; a match anywhere in the line is enough.
   */
  public static exclude(name: string, pattern: string, options: LogRuleOptions = {}): LogRule {
    return new LogRule({ type: 'exclude_at_match', name, pattern }, options);
  }

  /**
   * Drops lines that don't match.
   *
   * @param name The name under which dropped lines are counted.
   * @param pattern A match anywhere in the line is enough.
   */
  public static include(name: string, pattern: string, options: LogRuleOptions = {}): LogRule {
    return new LogRule({ type: 'include_at_match', name, pattern }, options);
  }

  /**
   * Replaces all matches, in the line and in its structured metadata.
   *
   * @param name The name under which masked lines are counted.
   * @param pattern For example `\b\d{16}\b`; each match is replaced.
   */
  public static mask(name: string, pattern: string, options: MaskRuleOptions = {}): LogRule {
    return new LogRule({ type: 'mask_sequences', name, pattern, replace_placeholder: options.replacement }, options);
  }

  /**
   * Ships only a share of the invocations. All lines of an invocation, including platform lines, are either shipped or
   * dropped; lines outside of invocations are shipped. With `keepOnError`, lines of failed invocations are shipped.
   *
   * @param name The name under which dropped lines are counted.
   * @param rate The share of invocations that is shipped, 0 to 1.
   */
  public static sample(name: string, rate: number, options: SampleRuleOptions = {}): LogRule {
    return new LogRule({ type: 'sample', name, rate, pattern: options.pattern }, options);
  }

  private constructor(
    private readonly rule: Record<string, unknown>,
    private readonly options: LogRuleOptions,
  ) {}

  /**
   * The rule in the format of `LOKI_RULES`.
   *
   * @internal
   */
  public _render(): Record<string, unknown> {
    const { on } = this.options;
    return { ...this.rule, ...(on !== undefined && { on }) };
  }
}
