import { createHash } from 'node:crypto';

type Tags = Readonly<Record<string, string>>;

/**
 * What `attach` has changed in a function. It is stored in the function's tags, so that `detach` undoes exactly that.
 */
export interface AttachRecord {
  /** The version of this package. */
  readonly version: string;
  /** The ARN of the layer version that was attached. */
  readonly layer: string;
  /** The ARN of an earlier layer version of LambdaWatch, which was attached by other means. */
  readonly replaced?: string;
  /** `role/policy` of the inline policy that lets the function read its secrets. */
  readonly policy?: string;
  /** Variables that were set, with a digest of the value, so that later changes by others are recognised and kept. */
  readonly variables: ReadonlyMap<string, string>;
}

const PREFIX = 'lambdawatch:';
const VERSION = `${PREFIX}version`;
const LAYER = `${PREFIX}layer`;
const REPLACED = `${PREFIX}replaced`;
const POLICY = `${PREFIX}policy`;
const VARIABLES = `${PREFIX}variables`;

/** The longest value of a tag. */
const TAG_LENGTH = 256;
const DIGEST_LENGTH = 6;

export function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, DIGEST_LENGTH);
}

/** `undefined` if the function was not attached by the command line. */
export function readRecord(tags: Tags): AttachRecord | undefined {
  if (tags[VERSION] === undefined) return undefined;
  const variables = new Map<string, string>();
  for (const key of Object.keys(tags).filter((one) => one === VARIABLES || one.startsWith(`${VARIABLES}:`))) {
    for (const entry of tags[key].split(' ').filter(Boolean)) {
      const [name, digest = ''] = entry.split('=');
      variables.set(name, digest);
    }
  }
  const optional = {
    ...(tags[REPLACED] ? { replaced: tags[REPLACED] } : {}),
    ...(tags[POLICY] ? { policy: tags[POLICY] } : {}),
  };
  return { version: tags[VERSION], layer: tags[LAYER] ?? '', ...optional, variables };
}

export function recordTags({ version, layer, replaced, policy, variables }: AttachRecord): Record<string, string> {
  const values: string[] = [''];
  for (const [name, digest] of [...variables].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const entry = `${name}=${digest}`;
    const last = values[values.length - 1];
    if (last.length + 1 + entry.length > TAG_LENGTH) values.push(entry);
    else values[values.length - 1] = last === '' ? entry : `${last} ${entry}`;
  }
  return {
    [VERSION]: version,
    [LAYER]: layer,
    ...(replaced === undefined ? {} : { [REPLACED]: replaced }),
    ...(policy === undefined ? {} : { [POLICY]: policy }),
    ...Object.fromEntries(values.map((value, i) => [i === 0 ? VARIABLES : `${VARIABLES}:${i + 1}`, value])),
  };
}

/** The keys of the tags that hold a record. */
export function recordKeys(tags: Tags): string[] {
  return Object.keys(tags).filter((key) => key.startsWith(PREFIX));
}

export function sameRecord(tags: Tags, record: AttachRecord): boolean {
  const wanted = recordTags(record);
  const present = recordKeys(tags);
  return present.length === Object.keys(wanted).length && present.every((key) => wanted[key] === tags[key]);
}

/** Whether a variable has the value that `attach` gave it. */
export function isOurs(record: AttachRecord | undefined, name: string, value: string | undefined): boolean {
  return value !== undefined && record?.variables.get(name) === digestOf(value);
}
