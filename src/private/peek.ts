import {
  CfnResource,
  DefaultTokenResolver,
  IPostProcessor,
  IResolvable,
  IResolveContext,
  Stack,
  StringConcat,
  Token,
  TokenizedStringFragments,
  Tokenization,
} from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/**
 * Leaves everything below a depth unresolved: the user's own lazy values must not be asked before the tree is complete.
 */
class ShallowResolver extends DefaultTokenResolver {
  constructor(private readonly depth: number) {
    super(new StringConcat());
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    return this.below(context) ? '' : super.resolveToken(token, context, postProcessor);
  }

  public override resolveString(fragments: TokenizedStringFragments, context: IResolveContext): unknown {
    return this.below(context) ? '' : super.resolveString(fragments, context);
  }

  private below(context: IResolveContext): boolean {
    return context.documentPath.length >= this.depth;
  }
}

/**
 * The properties of a function's resource that tell what the user has set so far. Public API only:
 * `Function.environment` is private.
 */
interface FunctionProperties {
  readonly environment?: unknown;
  readonly packageType?: string;
}

/** Names of the environment variables that the function has so far. */
export function variableNames(resource: CfnResource): string[] {
  const { environment } = resource as FunctionProperties;
  const rendered = Tokenization.resolve(environment, { scope: resource, resolver: new ShallowResolver(2) }) as
    | { variables?: object }
    | undefined;
  return Object.keys(rendered?.variables ?? {});
}

/** What stands in the template about a function. */
export interface FinalProperties {
  readonly Architectures?: unknown[];
  readonly Layers?: unknown[];
  readonly Environment?: { readonly Variables?: Record<string, unknown> };
}

/**
 * A function's properties as the template will have them, overrides included. Only for a tree that is complete: in some
 * versions of CDK lists stay as they were when they were first looked at.
 */
export function finalProperties(resource: CfnResource): FinalProperties {
  const stack = Stack.of(resource);
  // Overrides can be seen nowhere else. CDK itself reads a function's properties so, to tell one version from the next.
  const { _toCloudFormation } = resource as unknown as { _toCloudFormation(): object };
  const { Resources = {} } = stack.resolve(_toCloudFormation.call(resource)) as {
    Resources?: Record<string, { Properties?: object }>;
  };
  return Object.values(Resources)[0]?.Properties ?? {};
}

export function isImage(resource: CfnResource): boolean {
  return (resource as FunctionProperties).packageType === 'Image';
}

/** The services that a role's trust policy names, without asking lazy values. */
export function trustedServices(trust: iam.PolicyDocument, scope: IConstruct): string[] {
  const { Statement = [] } = (trust.toJSON() ?? {}) as { Statement?: { Principal?: { Service?: unknown } | string }[] };
  const services = Statement.flatMap(({ Principal }) =>
    typeof Principal === 'object' ? [Principal.Service].flat() : [],
  );
  return services
    .filter((service) => typeof service === 'string')
    .map((service) => {
      if (!Token.isUnresolved(service)) return service;
      // CDK's own token for a service's name, which differs from partition to partition.
      const token = Tokenization.reverseString(service).firstToken as
        | (IResolvable & { readonly service?: string })
        | undefined;
      return token?.service === undefined ? '' : String(Stack.of(scope).resolve(service));
    });
}
