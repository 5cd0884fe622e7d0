import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { AttachAllOptions, LambdaWatchProps, LambdaWatchSettings } from '../lambda-watch-props';
import { SETTINGS } from './catalogue';
import { Validation, show } from './validation';

// Languages without static types accept any value for any property. A value of a wrong type is reported here, before it
// causes an error deep in the library, or has no effect at all. Objects are recognised by their members: `instanceof`
// fails if an app has a second copy of a library.

/** Properties that are the same for all functions of a watch. */
const COMMON = [
  'endpoint',
  'auth',
  'layer',
  'layers',
  'layerRemovalPolicy',
  'grantAccess',
  'cloudWatchLogs',
  'sharedPolicy',
  'report',
  'functions',
] as const;

type Test = (value: unknown) => boolean;

const isString: Test = (value) => typeof value === 'string';
const isBoolean: Test = (value) => typeof value === 'boolean';
const isObject: Test = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isList: Test = (value) => Array.isArray(value);
const has =
  (...names: string[]): Test =>
  (value) =>
    isObject(value) && names.every((name) => name in (value as object));

const QUOTES = 'it must be a string; put it in quotes.';
const SWITCH = 'it must be true or false, without quotes.';
const LIST = 'it must be a list; put it in brackets.';
const GROUP = 'it must be an object with options.';
const LAYER = 'it must be a layer; for an ARN there is lambda.LayerVersion.fromLayerVersionArn.';

const SHAPES: readonly [string, Test, string][] = [
  ['endpoint', isString, 'it must be a URL as a string, like https://logs.example.com/loki/api/v1/push.'],
  ['tenantId', isString, QUOTES],
  ['serviceName', isString, QUOTES],
  ['labels', isObject, 'it must be an object of names and values, like { env: "prod" }.'],
  ['environment', isObject, 'it must be an object of names and values.'],
  ['logTypes', isList, LIST],
  ['rules', isList, LIST],
  ['keepOnError', isBoolean, SWITCH],
  ['metadata', isObject, 'it must be an object of names and fields, like { user_id: "userId" }.'],
  ['defaultMetadata', isBoolean, SWITCH],
  ['unwrapJson', isBoolean, SWITCH],
  ['platformLines', isList, LIST],
  ['functions', isList, LIST],
  ['proxy.bypass', isList, LIST],
  ['batching', isObject, GROUP],
  ['retry', isObject, GROUP],
  ['buffer', isObject, GROUP],
  ['tls', isObject, GROUP],
  ['proxy', isObject, GROUP],
  ['grantAccess', isBoolean, SWITCH],
  ['sharedPolicy', isBoolean, SWITCH],
  ['flushStrategy', has('_render'), 'it must be a FlushStrategy, like FlushStrategy.HANDOFF.'],
  ['layer', has('layerVersionArn'), LAYER],
  ['layers', isObject, 'it must be an object of architectures and layers.'],
  [
    'cloudWatchLogs',
    (value) => isObject(value) && ['KEEP', 'DENY'].includes(String(value)),
    'it must be CloudWatchLogs.KEEP or CloudWatchLogs.DENY.',
  ],
];

/** The values of these properties may be secrets. No message contains them. */
const HIDDEN: readonly [string, string, string][] = [
  ['auth', '_environment', 'is no LokiAuth; use LokiAuth.bearer or LokiAuth.basic.'],
  ['tls.ca', '_render', 'is no Certificate; use Certificate.fromPath or Certificate.fromPem.'],
  ['tls.clientCertificate', '_render', 'is no Certificate; use Certificate.fromPath or Certificate.fromPem.'],
];

/** Lists each property with a value of a wrong type. */
export function checkShapes(props: LambdaWatchProps, check: Validation): void {
  const settings = SETTINGS.filter(({ property, min }) => min !== undefined || property === 'batching.gzip');
  const shapes = [...SHAPES, ...settings.map(({ property }) => shapeOf(property))];
  for (const [property, test, wayOut] of shapes) {
    const value = valueOf(props, property);
    if (value !== undefined && !test(value)) check.problem(property, value, wayOut);
  }
  for (const [property, member, message] of HIDDEN) {
    const value = valueOf(props, property);
    if (value !== undefined && !has(member)(value)) check.problems.push(`${property} ${message}`);
  }
  for (const [name, layer] of Object.entries(isObject(props.layers) ? props.layers! : {})) {
    if (!/^[a-z0-9_]+$/.test(name)) {
      check.problems.push(`layers has the name ${show(name)}; names are those of architectures, x86_64 and arm64.`);
    } else if (!has('layerVersionArn')(layer)) {
      check.problem(`layers.${name}`, layer, LAYER);
    }
  }
}

function shapeOf(property: string): [string, Test, string] {
  if (property === 'batching.gzip') return [property, isBoolean, SWITCH];
  if (/(Interval|Timeout)$/.test(property))
    return [property, has('toMilliseconds'), 'it must be a Duration, like Duration.seconds(1).'];
  if (/(Size|Threshold)$/.test(property))
    return [property, has('toBytes'), 'it must be a Size, like Size.mebibytes(1).'];
  return [property, (value) => typeof value === 'number', 'it must be a number, without quotes.'];
}

/** The value of a property with a path, such as `batching.maxLines`. */
export function valueOf(props: LambdaWatchProps, path: string): unknown {
  const member = (value: unknown, name: string): unknown => (value as Record<string, unknown> | undefined)?.[name];
  return path.split('.').reduce<unknown>((value, name) => (value === null ? undefined : member(value, name)), props);
}

/** Static types accept objects with additional properties. */
export function checkConfigured(settings: LambdaWatchSettings | undefined, what: string): void {
  if (!isObject(settings)) throw new Error(`${what} was given ${show(settings)}; give it an object with settings.`);
  const common = COMMON.filter((name) => (settings as Partial<LambdaWatchProps>)[name] !== undefined);
  if (common.length > 0) {
    throw new Error(
      `${what}: ${common.join(', ')} can't differ between the functions of a LambdaWatch. Leave it out here, or give ` +
        'the function a LambdaWatch of its own.',
    );
  }
}

/** What the methods of a watch expect instead of the argument. */
export function checkConstruct(given: unknown, what: string, wayOut: string): asserts given is IConstruct {
  if (Array.isArray(given)) throw new Error(`${what} was given a list; write ${what.split(' ').at(-1)}(...list).`);
  if (typeof given === 'object' && given !== null && 'node' in given) return;
  throw new Error(`${what} was given ${show(given)}; ${wayOut}.`);
}

export function checkOptions(options: AttachAllOptions, what: string): void {
  for (const name of ['include', 'exclude'] as const) {
    const filters: unknown = (options as AttachAllOptions | null)?.[name];
    if (filters === undefined) continue;
    if (!Array.isArray(filters) || Token.isUnresolved(filters))
      throw new Error(`${what}: ${name} must be a list of filters; put it in brackets.`);
    if (filters.every((filter) => typeof (filter as { matches?: unknown } | null)?.matches === 'function')) continue;
    throw new Error(
      `${what}: ${name} has something that is no filter. Use FunctionFilter.within for constructs, ` +
        'FunctionFilter.path for paths, or an object with a method matches.',
    );
  }
}
