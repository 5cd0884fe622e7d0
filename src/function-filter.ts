import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { Rule, ask, isWithin, pathRule, runtimeOf, tagOf } from './private/filters';
import { checkConstruct } from './private/shapes';
import { requireMember, requireString } from './private/untyped';

/**
 * Selects functions in a scope. Implement it for your own rules.
 */
export interface IFunctionFilter {
  /**
   * Whether the filter matches a function. Raw `CfnFunction` and SAM resources are not `IFunction`s: only the filters
   * of `FunctionFilter` can match them.
   *
   * @param candidate A function in the scope that LambdaWatch could be attached to.
   */
  matches(candidate: lambda.IFunction): boolean;
}

/**
 * Filters for the `include` and `exclude` of `attachAll`. If a list has several filters, a function has to match any of
 * them; with `allOf` it has to match all.
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
   * All functions that are one of these constructs or are inside one: functions, stacks or any other constructs.
   *
   * @param scopes The constructs.
   */
  public static within(...scopes: IConstruct[]): FunctionFilter {
    for (const scope of scopes) checkConstruct(scope, 'FunctionFilter: within', 'give it constructs');
    return new FunctionFilter((construct) => isWithin(construct, scopes));
  }

  /**
   * Functions whose construct path (`Stack/Api/Handler`, as `cdk synth` prints it) matches one of the patterns. `*`
   * matches anything within one segment of the path, `**` matches any number of segments. A pattern that matches no
   * function in the scope causes a warning.
   *
   * Throws an error if a pattern is empty.
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
   * Functions with one of these runtimes. Container images have no runtime.
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
   * Functions with a tag that is set on the function itself or, with `Tags.of(…)`, on a construct around it.
   *
   * @param key The tag's key.
   * @param value The tag's value; any value if omitted.
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
   * All functions that another filter does not match.
   *
   * @param filter The other filter.
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
   * The filter's path patterns, to check that each matches a function.
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
   * Whether the filter matches a function that is not an `IFunction`.
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
