import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';

/**
 * Picks functions out of a whole scope. Implement it for rules of your own.
 */
export interface IFunctionFilter {
  /**
   * Whether the function is one of those meant.
   *
   * @param candidate A function of the scope that LambdaWatch could be attached to.
   */
  matches(candidate: lambda.IFunction): boolean;
}

/**
 * The filters that are wanted most.
 */
export abstract class FunctionFilter implements IFunctionFilter {
  /**
   * Everything that is one of these constructs or lies beneath one: functions, stacks, or whatever groups them.
   *
   * @param scopes The constructs.
   */
  public static within(...scopes: IConstruct[]): FunctionFilter {
    return new Within(scopes);
  }

  /**
   * Functions whose construct path (`Stack/Api/Handler`, as `cdk synth` prints it) is matched by one of the patterns. `*` stands for
   * anything within one step of the path, `**` for any number of steps.
   *
   * @param patterns For example `Prod/Legacy/**`.
   */
  public static path(...patterns: string[]): FunctionFilter {
    return new PathPattern(patterns);
  }

  public abstract matches(candidate: lambda.IFunction): boolean;
}

class Within extends FunctionFilter {
  constructor(private readonly scopes: IConstruct[]) {
    super();
  }

  public matches(candidate: lambda.IFunction): boolean {
    return candidate.node.scopes.some((scope) => this.scopes.includes(scope));
  }
}

class PathPattern extends FunctionFilter {
  private readonly patterns: RegExp[];

  constructor(patterns: string[]) {
    super();
    this.patterns = patterns.map((pattern) => {
      const steps = pattern.replace(/^\//, '').split('/').map((step) => step === '**' ? '**' : step.split('*').map(escape).join('[^/]*'));
      // "a/**/b" also matches "a/b", and "a/**" matches everything beneath a.
      const source = steps.join('/')
        .replace(/^\*\*\//, '(?:.*/)?')
        .replace(/\/\*\*\//g, '/(?:.*/)?')
        .replace(/\/\*\*$/, '/.*')
        .replace(/^\*\*$/, '.*');
      return new RegExp(`^${source}$`);
    });
  }

  public matches(candidate: lambda.IFunction): boolean {
    return this.patterns.some((pattern) => pattern.test(candidate.node.path));
  }
}

function escape(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
