import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the example of a language came out as. */
export interface Outcome {
  readonly template: Template;
  /** SHA-256 of the layers in the cloud assembly. */
  readonly layers: readonly string[];
}

interface Template {
  readonly Resources: Readonly<Record<string, { Type: string; Properties: Record<string, unknown> }>>;
}

/** Reads the cloud assembly of an example, and checks that the template has all it needs. */
export function read(assembly: string): Outcome {
  const template = JSON.parse(readFileSync(join(assembly, 'Shop.template.json'), 'utf8')) as Template;
  const of = (type: string): Record<string, unknown>[] =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);
  const layers = of('AWS::Lambda::LayerVersion').map(({ Content }) =>
    sha256(join(assembly, `asset.${(Content as { S3Key: string }).S3Key}`)),
  );
  const attached = of('AWS::Lambda::Function').filter(({ Layers }) => Array.isArray(Layers) && Layers.length === 1);
  if (attached.length !== 2) throw new Error(`${attached.length} functions have the layer, and 2 should`);
  const grants = of('AWS::IAM::Policy').map((policy) => JSON.stringify(policy));
  if (grants.length === 0 || !grants.every((grant) => grant.includes('secret:grafana-cloud-??????'))) {
    throw new Error("a role isn't allowed to read the secret");
  }
  return { template, layers: layers.sort() };
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The first lines in which two templates differ; `undefined` where they don't. */
export function difference(expected: Outcome, actual: Outcome): string | undefined {
  const [a, b] = [expected, actual].map(({ template }) => canonical(template).split('\n'));
  const at = a.findIndex((line, i) => line !== b[i]);
  if (at < 0 && a.length === b.length) return undefined;
  const from = Math.max(at, 0);
  return `  - ${a.slice(from, from + 3).join('\n  - ')}\n  + ${b.slice(from, from + 3).join('\n  + ')}`;
}

/** JSON with sorted keys: their order means nothing in a template. */
function canonical(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown => {
    const isObject = part !== null && typeof part === 'object' && !Array.isArray(part);
    return isObject ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1))) : part;
  };
  return JSON.stringify(value, sorted, 1);
}
