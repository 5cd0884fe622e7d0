import { proxyFor, type Proxies } from '../../config/proxy';
import type { SecretRef } from '../../config/secret-ref';
import type { HttpRequest, HttpResponse, Platform, PlatformError, TlsOptions } from '../../platform/types';
import { parseObject } from '../../platform/json';
import { endpointOf } from './endpoint';
import { type AwsIdentity, sign } from './sign';

/** The limit of one request. In a subnet without a route to AWS there is no answer at all. */
const TIMEOUT_MS = 3000;

/** A request that ends this much after its timeout was frozen in the meantime: that says nothing about AWS. */
const FROZEN_MS = 1000;

/** Secrets have at most 64 KiB, which may become six times as long in JSON. */
const MAX_RESPONSE_BYTES = 512 * 1024;

/** A request to AWS has failed. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  /** @param code AWS's name of the error, or the platform's if there was no answer. */
  constructor(
    readonly code: string,
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

export interface Network {
  readonly proxies: Proxies | undefined;
  readonly tls: TlsOptions | undefined;
}

/**
 * Requests the secret from the service of `ref`, by AWS's JSON protocol.
 *
 * Secrets Manager assumes that a hyphen and six characters at the end of an ARN are the random part of a complete ARN.
 * If the ARN ends with the secret's name, and the name has such an end (`loki-secret`), it looks for another secret. A
 * secret that isn't found is therefore requested again by name.
 * @throws AwsError
 */
export async function readSecret(
  ref: SecretRef,
  identity: AwsIdentity,
  platform: Platform,
  network: Network,
): Promise<Record<string, unknown>> {
  if (ref.service === 'ssm') {
    return call('AmazonSSM.GetParameter', { Name: ref.arn, WithDecryption: true }, ref, identity, platform, network);
  }
  const read = (id: string): Promise<Record<string, unknown>> =>
    call('secretsmanager.GetSecretValue', { SecretId: id }, ref, identity, platform, network);
  try {
    return await read(ref.arn);
  } catch (error) {
    const name = NAME_LIKE_COMPLETE_ARN.exec(ref.arn)?.[1];
    if (name === undefined || !/^(ResourceNotFound|AccessDenied)/.test((error as AwsError).code)) throw error;
    // If the name is unknown as well, the first answer is the one that fits the setting.
    return read(name).catch(() => Promise.reject(error));
  }
}

const NAME_LIKE_COMPLETE_ARN = /:secret:(.+-[A-Za-z0-9]{6})$/;

/** Makes one request. @throws AwsError */
async function call(
  target: string,
  parameters: Record<string, unknown>,
  ref: SecretRef,
  identity: AwsIdentity,
  platform: Platform,
  network: Network,
): Promise<Record<string, unknown>> {
  const request = {
    method: 'POST',
    url: `${endpointOf(ref, platform.env).url}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(parameters),
  };
  const headers = await sign(request, ref.service, ref.region, identity, platform);
  const proxy = network.proxies && proxyFor(network.proxies, request.url);
  const response = await send(platform, {
    ...request,
    headers,
    timeoutMs: TIMEOUT_MS,
    maxIdleMs: 0,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    proxy,
    tls: network.tls,
  });
  const body = parseObject(response.body);
  if (response.status === 200) return body;
  const type = String(body.__type ?? response.headers['x-amzn-errortype'] ?? `status ${response.status}`);
  throw new AwsError(type.replace(/^.*#|:.*$/g, ''), String(body.message ?? body.Message ?? ''), response.status);
}

/** Tries again immediately if the process was frozen while it waited. */
async function send(platform: Platform, request: HttpRequest): Promise<HttpResponse> {
  for (let last = false; ; last = true) {
    const started = platform.now();
    try {
      return await platform.request(request).response;
    } catch (thrown) {
      const frozen = platform.now() - started > TIMEOUT_MS + FROZEN_MS;
      const { code, message } = thrown as PlatformError;
      if (!frozen || last) throw new AwsError(code, message);
    }
  }
}
