import { Token, Tokenization } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

const MAX_LAYERS = 5;

/** The layers of a raw function with one more at the end. */
export function rawLayers(resource: lambda.CfnFunction, layerArn: string): string[] {
  const layers = resource.layers ?? [];
  if (Tokenization.reverseList(layers)) {
    throw new Error(`LambdaWatch: the layers of ${resource.node.path} are a token as a whole, so none can be added. Set them as a list, or ` +
      'add `layerFor` to it by hand.');
  }
  if (layers.includes(layerArn)) return layers;
  if (layers.length >= MAX_LAYERS) {
    throw new Error(`LambdaWatch: ${resource.node.path} already has ${MAX_LAYERS} layers, which is all that Lambda allows. Join two of its ` +
      'layers into one.');
  }
  return [...layers, layerArn];
}

/** The variables of a raw function with ours added; its own stay. */
export function rawVariables(resource: lambda.CfnFunction, added: Record<string, string>): Record<string, string> {
  const environment = resource.environment as lambda.CfnFunction.EnvironmentProperty | undefined;
  const variables = environment?.variables ?? {};
  if (Token.isUnresolved(environment) || Token.isUnresolved(variables)) {
    throw new Error(`LambdaWatch: the environment of ${resource.node.path} is a token as a whole, so nothing can be added. Set it as an ` +
      'object, or add `environmentFor` to it by hand.');
  }
  return { ...added, ...variables as Record<string, string> };
}
