import { Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { warn } from '../annotations';
import { Attachment, architectureOfLayer } from '../marker';
import { FinalProperties } from '../peek';

/** A layer whose architecture is known, as it stands in a template. */
interface KnownLayer {
  readonly arn: string;
  readonly architecture: string;
}

/** The layers of a stack that are from this package. */
export function knownLayers(constructs: IConstruct[]): KnownLayer[] {
  return constructs.flatMap((construct) => {
    const architecture = architectureOfLayer(construct as lambda.LayerVersion);
    return architecture === undefined
      ? []
      : [{ arn: arnIn(Stack.of(construct), construct as lambda.LayerVersion), architecture }];
  });
}

/** The architecture that the template has, whatever an aspect or an override made of it. */
export function finalArchitecture({ Architectures }: FinalProperties): string | undefined {
  const [name] = Architectures ?? [lambda.Architecture.X86_64.name];
  return typeof name === 'string' ? name : undefined;
}

/** An extension of the wrong architecture ends the environment: each invocation of the function would fail. */
export function architectureProblem(
  construct: IConstruct,
  final: FinalProperties,
  attachment: Attachment | undefined,
  known: KnownLayer[],
): string[] {
  const architecture = finalArchitecture(final);
  const present = layersOf(final);
  const layers = [...known];
  if (attachment?.layer && attachment.architecture !== undefined) {
    layers.push({ arn: arnIn(Stack.of(construct), attachment.layer), architecture: attachment.architecture });
  }
  const wrong = layers.find((layer) => present.includes(layer.arn) && layer.architecture !== architecture);
  if (!wrong || architecture === undefined) return [];
  return [
    `LambdaWatch: ${construct.node.path} will be deployed for ${architecture}, and its LambdaWatch layer is for ` +
      `${wrong.architecture}: ` +
      'each invocation would fail. Set the architecture where the function is made; or, when an aspect sets it, add ' +
      'that aspect with a ' +
      'priority below AspectPriority.MUTATING; or give the layer of the right architecture (LambdaWatchLayer and ' +
      'layerFor take it, `layers` ' +
      'has one for each).',
  ];
}

/** Lambda refuses a function that names one layer twice. */
export function layerTwiceProblem(construct: IConstruct, final: FinalProperties): string[] {
  const twice = layersOf(final).find((arn, i, all) => all.indexOf(arn) < i);
  return twice === undefined
    ? []
    : [
        `LambdaWatch: ${construct.node.path} has the layer ${twice} twice, and Lambda refuses that. Attaching ` +
          'adds the layer; take yours away.',
      ];
}

/** An override of the resource's layers takes ours away, too. */
export function warnOfMissingLayer(construct: IConstruct, final: FinalProperties, { layer }: Attachment): void {
  if (!layer || layersOf(final).includes(arnIn(Stack.of(construct), layer))) return;
  warn(
    construct,
    'lambdawatch:layer-missing',
    `LambdaWatch: ${construct.node.path} is attached, but an override or an aspect has taken its layer away, so its ` +
      'logs are not shipped. ' +
      'Add the layer in the override (`layerFor`), or leave the function out.',
  );
}

/** An environment that an override or an aspect replaces as a whole takes our variables with it. */
export function warnOfMissingSettings(construct: IConstruct, { Environment }: FinalProperties): void {
  const variables = Environment?.Variables ?? {};
  const known = !Object.keys(variables).some((name) => /^(Ref$|Fn::)/.test(name));
  if (!known || 'LOKI_ENDPOINT' in variables || 'LOKI_URL' in variables) return;
  warn(
    construct,
    'lambdawatch:settings-missing',
    `LambdaWatch: ${construct.node.path} is attached, but its environment on the resource has been replaced by an ` +
      'aspect, an override or an assignment, so its logs are not shipped. Add variables one by one instead ' +
      '(addEnvironment), or leave the function out.',
  );
}

function layersOf({ Layers }: FinalProperties): string[] {
  return Array.isArray(Layers) ? Layers.map((layer) => JSON.stringify(layer)) : [];
}

function arnIn(stack: Stack, layer: lambda.ILayerVersion): string {
  return JSON.stringify(stack.resolve(layer.layerVersionArn));
}
