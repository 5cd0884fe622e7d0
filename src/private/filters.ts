import { Aspects, CfnResource, TagManager, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { AttachAllOptions } from '../lambda-watch-props';
import { isRawFunction, ownFunction, unwrap } from './targets';

export type Rule = (construct: IConstruct) => boolean;

interface Filter {
  matches(candidate: lambda.IFunction): boolean;
  _matchesResource?(resource: IConstruct): boolean;
}

/** Whether `include` and `exclude` of `attachAll` select a function. */
export function isMeant(construct: IConstruct, { include, exclude = [] }: AttachAllOptions): boolean {
  return (
    (include === undefined || include.some((filter) => ask(filter, construct))) &&
    !exclude.some((filter) => ask(filter, construct))
  );
}

/** A custom filter is only called with the type that it expects. */
export function ask(filter: Filter, construct: IConstruct): boolean {
  return isRawFunction(construct)
    ? (filter._matchesResource?.(construct) ?? false)
    : filter.matches(construct as lambda.Function);
}

export function isWithin(construct: IConstruct, scopes: IConstruct[]): boolean {
  return construct.node.scopes.some((scope) => scopes.some((given) => unwrap(given) === scope));
}

// Whether a construct's path matches the pattern: "a/**/b" also matches "a/b", and "a/**" matches everything below a.
export function pathRule(pattern: string): Rule {
  const steps = pattern
    .replace(/^\//, '')
    .split('/')
    .filter((step, i, all) => step !== '**' || all[i - 1] !== '**');
  if (steps.join('') === '') {
    throw new Error(
      'FunctionFilter.path: a pattern is empty. Give a construct path like Stack/Api/Handler, with * for anything ' +
        'within a ' +
        'step and ** for any number of steps; ** alone is everything.',
    );
  }
  const source = steps
    .map((step) => (step === '**' ? '**' : step.split('*').map(escape).join('[^/]*')))
    .join('/')
    .replace(/^\*\*$/, '.*')
    .replace(/^\*\*\//, '(?:.*/)?')
    .replace(/\/\*\*\//g, '/(?:.*/)?')
    .replace(/\/\*\*$/, '/.*');
  const expression = new RegExp(`^${source}$`);
  return ({ node }) => expression.test(node.path);
}

function escape(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

/** The name of a function's runtime; container images have none. */
export function runtimeOf(construct: IConstruct): string | undefined {
  const { runtime } = construct as { runtime?: lambda.Runtime | string };
  return typeof runtime === 'string' ? runtime : runtime?.name;
}

interface TagAspect {
  readonly key: string;
  /** Missing in the aspect that removes a tag. */
  readonly value?: string;
}

/**
 * The value of a tag as it will be in the template. Tags of constructs above may not have been applied yet, because
 * they are aspects too.
 */
export function tagOf(construct: IConstruct, key: string): string | undefined {
  const resource = ownFunction(construct)?.resource ?? construct;
  for (const scope of [...new Set([resource, ...[...construct.node.scopes].reverse()])]) {
    const aspects = Aspects.of(scope).all as Partial<TagAspect>[];
    const found = aspects
      .filter((aspect) => typeof aspect.key === 'string' && 'props' in aspect && aspect.key === key)
      .at(-1);
    if (found) return found.value;
  }
  const manager = CfnResource.isCfnResource(resource) ? TagManager.of(resource) : undefined;
  const value = manager?.tagValues()[key];
  return value === undefined || Token.isUnresolved(value) ? undefined : value;
}
