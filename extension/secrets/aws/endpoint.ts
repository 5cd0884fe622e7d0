import type { SecretRef } from '../../config/secret-ref';

type Env = Readonly<Record<string, string | undefined>>;

/** The domains of AWS's partitions; partitions that aren't listed use the first one's. */
const DOMAINS: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-us-gov': 'amazonaws.com',
  'aws-eusc': 'amazonaws.eu',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
};

const OVERRIDES = { secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER', ssm: 'AWS_ENDPOINT_URL_SSM' } as const;

export interface AwsEndpoint {
  /** Without a trailing slash. */
  readonly url: string;
  /** The variable that can't be used, in words for the operator. */
  readonly problem?: string;
}

/**
 * The endpoint of the service that stores the secret: in the region of its ARN, or as set in the environment (AWS SDKs'
 * and tools' reference guide).
 */
export function endpointOf(
  { service, region, partition }: Pick<SecretRef, 'service' | 'region' | 'partition'>,
  env: Env,
): AwsEndpoint {
  let problem: string | undefined;
  if (!isTrue(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)) {
    const variable = [OVERRIDES[service], 'AWS_ENDPOINT_URL'].find((name) => env[name]?.trim());
    const url = variable === undefined ? undefined : env[variable]!.trim().replace(/\/+$/, '');
    if (url !== undefined && /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(url)) return { url };
    if (url !== undefined) problem = `${variable} is not a URL; AWS's own endpoint is used`;
  }
  // Systems Manager's only endpoint in GovCloud is the FIPS endpoint.
  const fips = isTrue(env.AWS_USE_FIPS_ENDPOINT) && !(service === 'ssm' && partition === 'aws-us-gov') ? '-fips' : '';
  return {
    url: `https://${service}${fips}.${region}.${DOMAINS[partition] ?? DOMAINS.aws}`,
    ...(problem ? { problem } : {}),
  };
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === 'true';
}
