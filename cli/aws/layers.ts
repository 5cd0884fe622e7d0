import {
  AddLayerVersionPermissionCommand,
  type Architecture,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  type LambdaClient,
  type LayerVersionsListItem,
  paginateListLayerVersions,
  PublishLayerVersionCommand,
} from '@aws-sdk/client-lambda';
import type { LayerZip } from '../layer-zip';
import { layerParts } from './arn';
import { isAwsError } from './failure';

/**
 * Versions older than these newest ones are read only if their description says that they are the one that is needed.
 */
const NEWEST_VERSIONS = 10;

export interface Sharing {
  readonly statementId: string;
  readonly principal: string;
  readonly organizationId?: string;
}

/** Lambda's layers of one region. */
export class Layers {
  constructor(
    private readonly client: LambdaClient,
    readonly region: string,
  ) {}

  /** The ARN of the version with the zip's content, if there is one. */
  async find(name: string, zip: LayerZip): Promise<string | undefined> {
    const versions: LayerVersionsListItem[] = [];
    for await (const { LayerVersions: page } of paginateListLayerVersions({ client: this.client }, { LayerName: name }))
      versions.push(...(page ?? []));
    versions.sort((a, b) => (b.Version ?? 0) - (a.Version ?? 0));
    const described = versions.filter(({ Description: description }) => description?.includes(zip.sha256));
    for (const { Version: version, LayerVersionArn: arn } of [...described, ...versions.slice(0, NEWEST_VERSIONS)]) {
      const { Content: content } = await this.client.send(
        new GetLayerVersionCommand({ LayerName: name, VersionNumber: version }),
      );
      if (content?.CodeSha256 === zip.sha256) return arn;
    }
    return undefined;
  }

  async publish(name: string, zip: LayerZip, packageVersion: string): Promise<string> {
    const { LayerVersionArn: arn } = await this.client.send(
      new PublishLayerVersionCommand({
        LayerName: name,
        Description: `LambdaWatch ${packageVersion} ${zip.architecture}, SHA-256 ${zip.sha256}`,
        Content: { ZipFile: zip.content },
        CompatibleArchitectures: [zip.architecture],
        LicenseInfo: 'MIT',
      }),
    );
    return arn ?? '';
  }

  /** @returns whether anything had to be changed. */
  async share(name: string, version: number, { statementId, principal, organizationId }: Sharing): Promise<boolean> {
    if ((await this.#statementIds(name, version)).includes(statementId)) return false;
    try {
      await this.client.send(
        new AddLayerVersionPermissionCommand({
          LayerName: name,
          VersionNumber: version,
          StatementId: statementId,
          Action: 'lambda:GetLayerVersion',
          Principal: principal,
          OrganizationId: organizationId,
        }),
      );
      return true;
    } catch (error) {
      if (isAwsError(error, 'ResourceConflictException')) return false;
      throw error;
    }
  }

  /** The architectures of a layer version; `undefined` if they aren't stated or may not be read. */
  async architectures(arn: string): Promise<readonly Architecture[] | undefined> {
    try {
      const { arn: layer, version } = layerParts(arn);
      return (await this.client.send(new GetLayerVersionCommand({ LayerName: layer, VersionNumber: Number(version) })))
        .CompatibleArchitectures;
    } catch {
      return undefined;
    }
  }

  async #statementIds(name: string, version: number): Promise<readonly string[]> {
    try {
      const { Policy: policy } = await this.client.send(
        new GetLayerVersionPolicyCommand({ LayerName: name, VersionNumber: version }),
      );
      const { Statement: statements = [] } = JSON.parse(policy ?? '{}') as { Statement?: { Sid?: string }[] };
      return statements.map(({ Sid: id }) => id ?? '');
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return [];
      throw error;
    }
  }
}
