import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { UsageError } from '../errors';

export interface AwsOptions {
  readonly profile?: string;
  /** For tests and emulators; without it the clients use their usual endpoints. */
  readonly endpoint?: string;
  /** The regions of the command line; without any, that of the environment or the profile. */
  readonly regions: readonly string[];
}

/** How often the SDK repeats throttled calls, with growing pauses. */
const ATTEMPTS = 8;

const REGION = /^[a-z]{2,}(-[a-z]+)+-\d$/;

/**
 * AWS's clients, one of each kind per region, made when they are first needed. Credentials come from the SDK's usual
 * chain.
 */
export class Aws {
  readonly #options: AwsOptions;
  readonly #clients = new Map<string, unknown>();

  constructor(options: AwsOptions) {
    this.#options = options;
    const wrong = options.regions.find((region) => !REGION.test(region));
    if (wrong !== undefined) throw new UsageError(`--region is ${JSON.stringify(wrong)}; regions look like eu-west-1`);
  }

  /** @throws UsageError if no region is set anywhere. */
  async regions(): Promise<readonly string[]> {
    if (this.#options.regions.length > 0) return this.#options.regions;
    try {
      return [await new LambdaClient({ profile: this.#options.profile }).config.region()];
    } catch (error) {
      if (!/region/i.test((error as Error).message)) throw error;
      throw new UsageError('no region is set; pass --region, or set AWS_REGION or the region of the profile');
    }
  }

  lambda(region: string): LambdaClient {
    return this.#client('lambda', region, (options) => new LambdaClient(options));
  }

  iam(region: string): IAMClient {
    return this.#client('iam', region, (options) => new IAMClient(options));
  }

  tagging(region: string): ResourceGroupsTaggingAPIClient {
    return this.#client('tagging', region, (options) => new ResourceGroupsTaggingAPIClient(options));
  }

  ec2(region: string): EC2Client {
    return this.#client('ec2', region, (options) => new EC2Client(options));
  }

  #client<T>(kind: string, region: string, make: (options: ClientOptions) => T): T {
    const key = `${kind} ${region}`;
    const { profile, endpoint } = this.#options;
    if (!this.#clients.has(key)) this.#clients.set(key, make({ region, profile, endpoint, maxAttempts: ATTEMPTS }));
    return this.#clients.get(key) as T;
  }
}

interface ClientOptions {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly maxAttempts: number;
}
