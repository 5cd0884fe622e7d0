import {
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  paginateListFunctions,
  PublishVersionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { setTimeout as delay } from 'node:timers/promises';
import { arnParts } from './arn';
import { CliError } from '../errors';
import { isAwsError } from './failure';

/** A function as Lambda describes it. */
export interface FunctionState {
  readonly config: FunctionConfiguration;
  /** `undefined` where they may not be read. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2000;
/** An update of a function takes seconds, with a network interface in a VPC up to minutes. */
const UPDATE_LIMIT_MS = 10 * 60_000;

/** Lambda's functions of one region. */
export class Functions {
  constructor(
    private readonly client: LambdaClient,
    readonly region: string,
  ) {}

  async list(): Promise<FunctionConfiguration[]> {
    const found: FunctionConfiguration[] = [];
    for await (const { Functions: page } of paginateListFunctions({ client: this.client }, {}))
      found.push(...(page ?? []));
    return found;
  }

  /**
   * @param account the function's account; by default that of the credentials
   * @throws CliError if there is no such function.
   */
  async get(name: string, account?: string): Promise<FunctionState> {
    try {
      const {
        Configuration: config,
        Tags: tags,
        TagsError: tagsError,
      } = await this.client.send(new GetFunctionCommand({ FunctionName: name }));
      const { account: found } = arnParts(config?.FunctionArn ?? '::::::');
      if (account !== undefined && found !== account) {
        throw new CliError(
          `the credentials are those of the account ${found}, and ${name} was asked for in ${account}; pass --profile for that account`,
        );
      }
      return { config: config ?? {}, tags: tagsError ? undefined : (tags ?? {}) };
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
      throw new CliError(`there is no function ${name} in ${this.region}; check the name, --region and --profile`);
    }
  }

  configuration(name: string, qualifier?: string): Promise<FunctionConfiguration> {
    return this.client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: qualifier }));
  }

  /** Fails with `PreconditionFailedException` if the function has changed since `revisionId`. */
  async update(
    name: string,
    change: { layers: readonly string[]; variables: Readonly<Record<string, string>>; revisionId?: string },
  ): Promise<void> {
    await this.client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: name,
        Layers: [...change.layers],
        Environment: { Variables: { ...change.variables } },
        RevisionId: change.revisionId,
      }),
    );
  }

  /** Resolves with the configuration when no change is in progress any more. */
  async settled(name: string, qualifier?: string): Promise<FunctionConfiguration> {
    const until = Date.now() + UPDATE_LIMIT_MS;
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(pause * 1.5, LONGEST_WAIT_MS)) {
      const config = await this.configuration(name, qualifier);
      if (config.LastUpdateStatus !== 'InProgress' && config.State !== 'Pending') return config;
      if (Date.now() > until)
        throw new CliError(
          `${name} is still being updated after ${UPDATE_LIMIT_MS / 60_000} minutes; look at it again later`,
        );
      await delay(pause);
    }
  }

  async tag(arn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(new TagResourceCommand({ Resource: arn, Tags: { ...tags } }));
  }

  async untag(arn: string, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.client.send(new UntagResourceCommand({ Resource: arn, TagKeys: [...keys] }));
  }

  async alias(name: string, alias: string): Promise<{ version: string; weighted: boolean; revisionId?: string }> {
    try {
      const found = await this.client.send(new GetAliasCommand({ FunctionName: name, Name: alias }));
      const weights = Object.keys(found.RoutingConfig?.AdditionalVersionWeights ?? {});
      return { version: found.FunctionVersion ?? '', weighted: weights.length > 0, revisionId: found.RevisionId };
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
      throw new CliError(
        `${name} has no alias ${alias}; aws lambda list-aliases --function-name ${name} lists those it has`,
      );
    }
  }

  /** @returns the version's number. */
  async publish(
    name: string,
    from: { description: string; codeSha256?: string; revisionId?: string },
  ): Promise<string> {
    const { Version: version } = await this.client.send(
      new PublishVersionCommand({
        FunctionName: name,
        Description: from.description,
        CodeSha256: from.codeSha256,
        RevisionId: from.revisionId,
      }),
    );
    return version ?? '';
  }

  async moveAlias(name: string, alias: string, version: string, revisionId?: string): Promise<void> {
    await this.client.send(
      new UpdateAliasCommand({ FunctionName: name, Name: alias, FunctionVersion: version, RevisionId: revisionId }),
    );
  }
}
