import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { Rule, ask, isWithin, pathRule, runtimeOf, tagOf } from './private/filters';
import { checkConstruct } from './private/shapes';
import { requireMember, requireString } from './private/untyped';

/**
 * Picks functions out of a whole scope. Implement it for rules of your own.
 */
export interface IFunctionFilter {
  /**
   * Whether the function is one of those meant. Raw `CfnFunction` and SAM resources are no `IFunction`: they are picked
   * by the filters of `FunctionFilter` alone.
   *
   * @param candidate A function of the scope that LambdaWatch could be attached to.
   */
  matches(candidate: lambda.IFunction): boolean;
}

/**
 * Filters for the `include` and `exclude` of `attachAll`. Several in one list mean any of them; `allOf` means all.
 *
 * @example
 *
 * watch.attachAll(app, {
 *   include: [FunctionFilter.path('Prod/**'), FunctionFilter.tag('logs', 'loki')],
 *   exclude: [FunctionFilter.within(legacy), FunctionFilter.runtime(lambda.Runtime.NODEJS_18_X)],
 * });
 */
export class FunctionFilter implements IFunctionFilter {
  /**
   * Everything that is one of these constructs or lies beneath one: functions, stacks, or whatever groups them.
   *
   * @param scopes The constructs.
   */
  public static within(...scopes: IConstruct[]): FunctionFilter {
    for (const scope of scopes) checkConstruct(scope, 'FunctionFilter: within', 'give it constructs');
    return new FunctionFilter((construct) => isWithin(construct, scopes));
  }

  /**
   * Functions whose construct path (`Stack/Api/Handler`, as `cdk synth` prints it) is matched by one of the patterns.
   * `*` stands for anything within one step of the path, `**` for any number of steps. A pattern that matches no
   * function of the scope gets a warning.
   *
   * Throws an error for an empty pattern.
   *
   * @param patterns For example `Prod/Legacy/**`.
   */
  public static path(...patterns: string[]): FunctionFilter {
    for (const pattern of patterns)
      requireString(
        pattern,
        'FunctionFilter.path: a pattern',
        'give construct paths, like Stack/Api/Handler, one by one',
      );
    const rules = patterns.map((pattern) => ({ pattern, rule: pathRule(pattern) }));
    return new FunctionFilter((construct) => rules.some(({ rule }) => rule(construct)), rules);
  }

  /**
   * Functions with one of these runtimes. Container images have none.
   *
   * @param runtimes For example `lambda.Runtime.PYTHON_3_12`.
   */
  public static runtime(...runtimes: lambda.Runtime[]): FunctionFilter {
    for (const runtime of runtimes)
      requireMember(runtime, 'name', 'FunctionFilter.runtime: a runtime', 'give those of lambda.Runtime, one by one');
    const names = runtimes.map(({ name }) => name);
    return new FunctionFilter((construct) => names.includes(runtimeOf(construct) ?? ''));
  }

  /**
   * Functions with a tag, set on the function itself or, with `Tags.of(…)`, on anything above it.
   *
   * @param key The tag's key.
   * @param value Its value; any when left out.
   */
  public static tag(key: string, value?: string): FunctionFilter {
    requireString(key, 'FunctionFilter.tag: key', 'name the tag');
    if (value !== undefined) requireString(value, 'FunctionFilter.tag: value', 'tags are text; put it in quotes');
    return new FunctionFilter((construct) => {
      const found = tagOf(construct, key);
      return found !== undefined && (value === undefined || found === value);
    });
  }

  /**
   * Functions that another filter does not match.
   *
   * @param filter The other one.
   */
  public static not(filter: IFunctionFilter): FunctionFilter {
    requireMember(filter, 'matches', 'FunctionFilter.not: filter', FILTER);
    return new FunctionFilter((construct) => !ask(filter, construct), patternsOf([filter]));
  }

  /**
   * Functions that all of these filters match.
   *
   * @param filters The filters.
   */
  public static allOf(...filters: IFunctionFilter[]): FunctionFilter {
    for (const filter of filters) requireMember(filter, 'matches', 'FunctionFilter.allOf: a filter', FILTER);
    return new FunctionFilter((construct) => filters.every((filter) => ask(filter, construct)), patternsOf(filters));
  }

  /**
   * Path patterns in it, for the check that each matches something.
   *
   * @internal
   */
  public readonly _patterns: { readonly pattern: string; readonly rule: Rule }[];

  private constructor(
    private readonly rule: Rule,
    patterns: { readonly pattern: string; readonly rule: Rule }[] = [],
  ) {
    this._patterns = patterns;
  }

  public matches(candidate: lambda.IFunction): boolean {
    return this.rule(candidate);
  }

  /**
   * The same for what is no `IFunction`.
   *
   * @internal
   */
  public _matchesResource(resource: IConstruct): boolean {
    return this.rule(resource);
  }
}

const FILTER = 'give FunctionFilter.within, path, runtime or tag, one by one';

function patternsOf(filters: IFunctionFilter[]) {
  return filters.flatMap((filter) => (filter as Partial<FunctionFilter>)._patterns ?? []);
}
