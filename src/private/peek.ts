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
 * Resolves nothing below a certain depth: the user's own lazy values must not be evaluated before the tree is complete.
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
 * The properties of a function's resource, which show what the user has set so far. This uses only public API, because
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

/** The part of the template that describes a function. */
export interface FinalProperties {
  readonly Architectures?: unknown[];
  readonly Layers?: unknown[];
  readonly Environment?: { readonly Variables?: Record<string, unknown> };
}

/**
 * A function's properties as the template will have them, overrides included. To be called only when the tree is
 * complete: in some versions of CDK, lists keep the content that they had when they were first resolved.
 */
export function finalProperties(resource: CfnResource): FinalProperties {
  const stack = Stack.of(resource);
  // Overrides are not visible anywhere else. CDK itself reads a function's properties this way to distinguish versions.
  const { _toCloudFormation } = resource as unknown as { _toCloudFormation(): object };
  const { Resources = {} } = stack.resolve(_toCloudFormation.call(resource)) as {
    Resources?: Record<string, { Properties?: object }>;
  };
  return Object.values(Resources)[0]?.Properties ?? {};
}

export function isImage(resource: CfnResource): boolean {
  return (resource as FunctionProperties).packageType === 'Image';
}

/** The services that a role's trust policy names. Lazy values are not evaluated. */
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
