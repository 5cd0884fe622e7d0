import { Layers, type Sharing } from './aws/layers';
import { layerParts } from './aws/arn';
import type { Context } from './context';
import { UsageError } from './errors';
import { type LayerArchitecture, layerName, packageVersion, readLayerZip } from './layer-zip';

export interface PublishedLayer {
  readonly region: string;
  readonly architecture: LayerArchitecture;
  /** `undefined` if it would have to be published, but this is only a dry run. */
  readonly arn: string | undefined;
  readonly action: 'published' | 'present' | 'would publish';
  /** Whether it was, or would be, newly shared. */
  readonly shared: boolean;
}

export interface PublishRequest {
  readonly name: string;
  readonly share: readonly Sharing[];
  readonly dryRun: boolean;
}

/** Publishes the layer of this package to a region, unless a version with its content exists. */
export async function publishLayer(
  { aws }: Context,
  region: string,
  architecture: LayerArchitecture,
  { name, share, dryRun }: PublishRequest,
): Promise<PublishedLayer> {
  const layers = new Layers(aws.lambda(region), region);
  const zip = readLayerZip(architecture);
  const fullName = layerName(name, architecture);
  const present = await layers.find(fullName, zip);
  if (dryRun) {
    return {
      region,
      architecture,
      arn: present,
      action: present === undefined ? 'would publish' : 'present',
      shared: false,
    };
  }
  const arn = present ?? (await layers.publish(fullName, zip, packageVersion()));
  let shared = false;
  for (const one of share) shared = (await layers.share(fullName, Number(layerParts(arn).version), one)) || shared;
  return { region, architecture, arn, action: present === undefined ? 'published' : 'present', shared };
}

/** Reads `--share`: an account, an organization, or everybody. */
export function parseShare(text: string): Sharing {
  if (/^\d{12}$/.test(text)) return { statementId: `account-${text}`, principal: text };
  if (/^o-[a-z0-9]{10,32}$/.test(text))
    return { statementId: `organization-${text}`, principal: '*', organizationId: text };
  throw new UsageError(`--share is ${JSON.stringify(text)}; give an account (12 digits) or an organization (o-…)`);
}

export function checkLayerName(name: string): void {
  // This leaves room for the architecture.
  if (!/^[\w-]{1,55}$/.test(name))
    throw new UsageError(`--name is ${JSON.stringify(name)}; layer names are 1 to 55 letters, digits, - and _`);
}
