import { UsageError } from '../errors';

/** A function in one region. */
export interface FunctionName {
  readonly region: string;
  readonly name: string;
  /** The account, if the ARN that the user gave contains one. */
  readonly account?: string;
}

const FUNCTION_ARN = /^arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:([\w-]+)(?::([\w$-]+))?$/;
/** As Lambda's own calls read it: everything but the name may be missing. */
const PARTIAL_ARN = /^(?!arn:)(?:([a-z]{2,}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([\w-]+)(?::([\w$-]+))?$/;

/**
 * Reads the value of `--function`: a name, or a whole or partial ARN.
 * @returns one for each of the regions, unless the text names its own
 * @throws UsageError
 */
export function parseFunction(text: string, regions: readonly string[]): FunctionName[] {
  const [region, account, name, qualifier] = (FUNCTION_ARN.exec(text) ?? PARTIAL_ARN.exec(text) ?? []).slice(1);
  if (name === undefined) throw new UsageError(`--function is ${JSON.stringify(text)}; give a function's name or ARN`);
  if (qualifier !== undefined && qualifier !== '$LATEST') {
    throw new UsageError(
      /^\d+$/.test(qualifier)
        ? `${JSON.stringify(text)} is a version, which never changes; give ${name}`
        : `${JSON.stringify(text)} is an alias; give ${name} (with --alias ${qualifier}, attach and detach publish a version and move it there)`,
    );
  }
  return (region === undefined ? regions : [region]).map((one) => ({
    region: one,
    name,
    ...(account === undefined ? {} : { account }),
  }));
}

/** The parts of a function's ARN. */
export function arnParts(functionArn: string): { partition: string; region: string; account: string; name: string } {
  const [, partition, , region, account, , name] = functionArn.split(':');
  return { partition, region, account, name };
}

/** Name and version of a layer version's ARN. */
export function layerParts(arn: string): { name: string; version: string; arn: string } {
  const parts = arn.split(':');
  return { name: parts[6] ?? '', version: parts[7] ?? '', arn: parts.slice(0, 7).join(':') };
}
