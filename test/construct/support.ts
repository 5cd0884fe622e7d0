import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import { ensureLayer } from '../../build/layer';
import { recommendedFlags, withRecommendedFlags } from './flags';

export const ENDPOINT = 'https://logs.example.com/loki/api/v1/push';

/** What each attached function has. */
export const ALWAYS = { LOKI_ENDPOINT: ENDPOINT, LOKI_REQUEST_ID_AS: 'metadata' };

/** The layers must be there; which state of the extension is in them makes no difference to templates. */
export async function layers(): Promise<void> {
  for (const architecture of ['x86_64', 'arm64'] as const) {
    if (!existsSync(join(__dirname, '..', '..', 'lib', 'layer', `lambdawatch-${architecture}.zip`)))
      await ensureLayer(architecture);
  }
}

/**
 * An app that leaves nothing in the working directory and says nothing of the machine in its templates. With
 * `recommended` in `LAMBDAWATCH_TEST_FLAGS` it has CDK's feature flags as `cdk init` sets them, and none otherwise.
 */
export function newApp(props: AppProps = {}): App {
  const flags = withRecommendedFlags ? recommendedFlags() : {};
  return new App({
    analyticsReporting: false,
    ...props,
    context: { 'aws:cdk:disable-asset-staging': true, ...flags, ...props.context },
  });
}

/** Errors are looked at where they are: by one of the flags of newer versions of CDK they end the synthesis. */
export const ERRORS_AS_ANNOTATIONS = {
  '@aws-cdk/core:annotationsInValidationReport': false,
  '@aws-cdk/core:validateAgainstDefaultRules': false,
};

export function newStack(props: StackProps = {}): Stack {
  return new Stack(newApp(), 'Stack', props);
}

export function newFunction(scope: Construct, id = 'Fn', props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(scope, id, {
    runtime: lambda.Runtime.PYTHON_3_12,
    handler: 'index.handler',
    code: lambda.Code.fromInline('def handler(event, context): pass'),
    ...props,
  });
}

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

interface FunctionProperties {
  Layers?: unknown[];
  Environment?: { Variables: Record<string, unknown> };
}

/**
 * A function's properties as they stand in the template. Each look at a template is a synthesis, so several may share
 * one.
 */
export function rendered(fn: IConstruct, from = resources(Stack.of(fn))): FunctionProperties {
  const id = Stack.of(fn).getLogicalId((fn.node.defaultChild ?? fn) as lambda.CfnFunction);
  return from[id].Properties as FunctionProperties;
}

export function variables(fn: IConstruct): Record<string, unknown> {
  return rendered(fn).Environment?.Variables ?? {};
}

/**
 * A text as it will be, whether CDK spells the partition out or leaves it to CloudFormation; `<X>` for a reference to
 * X.
 */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': parts } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (parts) return parts[1].map(text).join(parts[0]);
  return Ref === 'AWS::Partition' ? 'aws' : `<${Ref}>`;
}

/** Whether the function has the layer and knows where Loki is: both or neither. */
export function isAttached(fn: IConstruct, from?: Record<string, Resource>): boolean {
  const { Layers = [], Environment } = rendered(fn, from);
  const layer = Layers.some((arn) => JSON.stringify(arn).includes('LambdaWatchLayer'));
  const endpoint = Environment?.Variables.LOKI_ENDPOINT !== undefined;
  if (layer !== endpoint) throw new Error(`${fn.node.path} is half attached: layer ${layer}, settings ${endpoint}`);
  return layer;
}

export function resources(stack: Stack): Record<string, Resource> {
  return (Template.fromStack(stack).toJSON() as { Resources?: Record<string, Resource> }).Resources ?? {};
}

export function resourcesOfType(stack: Stack, type: string): Record<string, Resource> {
  return Object.fromEntries(Object.entries(resources(stack)).filter(([, resource]) => resource.Type === type));
}

export function layerIds(stack: Stack): string[] {
  return Object.keys(resourcesOfType(stack, 'AWS::Lambda::LayerVersion')).sort();
}

/** All warnings of ours in a stack, as "path: id". */
export function warnings(stack: Stack): string[] {
  return messages(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('\\[ack: lambdawatch:')));
}

export function infos(stack: Stack): string[] {
  return messages(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('LambdaWatch')));
}

export function errors(stack: Stack): string[] {
  return messages(Annotations.fromStack(stack).findError('*', Match.anyValue()));
}

function messages(found: { id: string; entry: { data?: unknown } }[]): string[] {
  return found
    .map(({ id, entry }) => {
      const said = String(entry.data);
      return `${id.replace(/\/Resource$/, '')}: ${/\[ack: (lambdawatch:[a-z-]+)\]/.exec(said)?.[1] ?? said}`;
    })
    .sort();
}
