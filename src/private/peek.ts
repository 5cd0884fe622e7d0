import {
  CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Stack, StringConcat, TokenizedStringFragments, Tokenization,
} from 'aws-cdk-lib';

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

/** The properties of a function's resource that tell what the user has set so far. Public API only: `Function.environment` is private. */
interface FunctionProperties {
  readonly environment?: unknown;
  readonly layers?: unknown;
  readonly packageType?: string;
}

/** Names of the environment variables that the function has so far. */
export function variableNames(resource: CfnResource): string[] {
  const { environment } = resource as FunctionProperties;
  const rendered = Tokenization.resolve(environment, { scope: resource, resolver: new ShallowResolver(2) }) as { variables?: object } | undefined;
  return Object.keys(rendered?.variables ?? {});
}

/** The environment as the template will have it; values that are only known at deployment are objects. */
export function renderedVariables(resource: CfnResource): Record<string, unknown> {
  const rendered = Stack.of(resource).resolve((resource as FunctionProperties).environment) as { variables?: Record<string, unknown> } | undefined;
  return rendered?.variables ?? {};
}

/**
 * The ARNs of the function's layers, each as JSON so that they can be compared. Only for a tree that is complete: in some versions of CDK
 * the list stays as it was when it was first looked at.
 */
export function layerArns(resource: CfnResource): string[] {
  const layers: unknown = Stack.of(resource).resolve((resource as FunctionProperties).layers);
  return Array.isArray(layers) ? layers.map((layer) => JSON.stringify(layer)) : [];
}

export function isImage(resource: CfnResource): boolean {
  return (resource as FunctionProperties).packageType === 'Image';
}
