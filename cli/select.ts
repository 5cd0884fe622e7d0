import { paginateGetResources } from '@aws-sdk/client-resource-groups-tagging-api';
import { arnParts, type FunctionName, parseFunction } from './aws/arn';
import { Functions } from './aws/functions';
import type { Context } from './context';
import { CliError, UsageError } from './errors';

/** The functions that a command applies to. */
export interface Selectors {
  readonly function?: string[];
  readonly regex?: string;
  readonly tag?: string[];
  readonly stack?: string;
  readonly all?: boolean;
  readonly exclude?: string[];
}

export interface Selected extends FunctionName {
  /** Whether it was named by `--function`, so that skipping it isn't a success. */
  readonly named: boolean;
}

const STACK_TAG = 'aws:cloudformation:stack-name';

/**
 * The functions that the selectors name, ordered by region and name.
 * @param otherwiseAll take all functions if there is no selector
 * @throws UsageError, CliError
 */
export async function select(context: Context, selectors: Selectors, otherwiseAll = false): Promise<Selected[]> {
  const { function: named = [], tag: tags = [], regex, stack, all } = selectors;
  const searching = regex !== undefined || tags.length > 0 || stack !== undefined || all === true;
  if (named.length > 0 && searching)
    throw new UsageError("--function names functions, so --regex, --tag, --stack and --all can't be given with it");
  if (named.length === 0 && !searching && !otherwiseAll) {
    throw new UsageError('no function is selected; give --function, --regex, --tag, --stack or --all');
  }
  const filters = [...tags.map(parseTag), ...(stack === undefined ? [] : [{ key: STACK_TAG, value: stack }])];
  const pattern = regex === undefined ? undefined : parseRegex(regex);
  const excluded = (selectors.exclude ?? []).map(parseExclude);
  const regions = await regionsFor(context, named);
  const found: Selected[] =
    named.length > 0
      ? named.flatMap((text) => parseFunction(text, regions)).map((one) => ({ ...one, named: true }))
      : (await Promise.all(regions.map((region) => search(context, region, filters)))).flat();
  const selected = found.filter(
    ({ name }) => (pattern?.test(name) ?? true) && !excluded.some((matches) => matches(name)),
  );
  // A region without any functions isn't an error; a selector that matches none is one.
  if (selected.length === 0 && (!otherwiseAll || named.length > 0 || filters.length > 0 || pattern || excluded.length))
    throw new CliError(
      `no function${regions.length > 0 ? ` in ${regions.join(', ')}` : ''} matches; check the selectors, --region and --profile`,
    );
  const unique = new Map(selected.map((one) => [`${one.region} ${one.name}`, one]));
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** ARNs contain their region, so none needs to be set. */
async function regionsFor(context: Context, named: readonly string[]): Promise<readonly string[]> {
  if (named.length > 0 && named.every((text) => parseFunction(text, []).length > 0)) return [];
  return context.aws.regions();
}

interface TagFilter {
  readonly key: string;
  readonly value: string;
}

async function search({ aws }: Context, region: string, filters: readonly TagFilter[]): Promise<Selected[]> {
  if (filters.length === 0) {
    return (await new Functions(aws.lambda(region), region).list()).map(({ FunctionName: name = '' }) => ({
      region,
      name,
      named: false,
    }));
  }
  const found: Selected[] = [];
  const pages = paginateGetResources(
    { client: aws.tagging(region) },
    {
      ResourceTypeFilters: ['lambda:function'],
      TagFilters: filters.map(({ key, value }) => ({ Key: key, Values: [value] })),
    },
  );
  for await (const { ResourceTagMappingList: page = [] } of pages) {
    // If a key is given twice, AWS matches either value, and both are required here.
    for (const { ResourceARN: arn = '', Tags: tags = [] } of page) {
      const all = filters.every(({ key, value }) => tags.some(({ Key: k, Value: v }) => k === key && v === value));
      if (all) found.push({ region, name: arnParts(arn).name, named: false });
    }
  }
  return found;
}

function parseTag(text: string): TagFilter {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--tag is ${JSON.stringify(text)}; give KEY=VALUE`);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

function parseRegex(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(
      `--regex is ${JSON.stringify(text)}, which is no regular expression: ${(error as Error).message}`,
    );
  }
}

/** A name in which `*` stands for any text. */
function parseExclude(text: string): (name: string) => boolean {
  const name = text.startsWith('arn:') ? arnParts(text).name : text;
  const pattern = new RegExp(
    `^${name
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
  return (candidate) => pattern.test(candidate);
}
