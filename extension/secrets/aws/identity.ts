import type { HttpResponse, Platform } from '../../platform/types';
import { parseObject } from '../../platform/json';
import type { AwsIdentity } from './sign';

/** Credentials are fetched again when they are valid for less than this. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

/** The address is inside the environment. */
const TIMEOUT_MS = 2000;

/** The credentials of the function's role are not available; the message says why. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
}

/**
 * The credentials of the function's role. On demand they are in the environment and stay valid while the process runs;
 * with SnapStart they come from the URL in `AWS_CONTAINER_CREDENTIALS_FULL_URI`, and change.
 */
export class Identity {
  readonly #platform: Platform;
  #fetched: { readonly identity: AwsIdentity; readonly expires: number } | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** @throws IdentityError */
  async get(): Promise<AwsIdentity> {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = this.#platform.env;
    if (accessKeyId && secretAccessKey)
      return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    if (this.#fetched === undefined || this.#platform.now() > this.#fetched.expires - EXPIRY_MARGIN_MS)
      this.#fetched = await this.#fetch();
    return this.#fetched.identity;
  }

  /** AWS has refused the credentials: the cached ones are not used again. */
  forget(): void {
    this.#fetched = undefined;
  }

  async #fetch(): Promise<{ identity: AwsIdentity; expires: number }> {
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url } = this.#platform.env;
    if (!url) throw new IdentityError('there are no AWS credentials in the environment');
    const authorization = this.#token();
    let response: HttpResponse;
    try {
      response = await this.#platform.request({
        method: 'GET',
        url,
        headers: authorization ? { authorization } : {},
        timeoutMs: TIMEOUT_MS,
        maxIdleMs: 0,
      }).response;
    } catch (error) {
      throw new IdentityError(`AWS_CONTAINER_CREDENTIALS_FULL_URI gives no credentials: ${(error as Error).message}`);
    }
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = parseObject(response.body);
    if (response.status !== 200 || typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') {
      throw new IdentityError(`AWS_CONTAINER_CREDENTIALS_FULL_URI gives no credentials: status ${response.status}`);
    }
    const expires = Date.parse(String(Expiration));
    return {
      identity: {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        ...(typeof Token === 'string' ? { sessionToken: Token } : {}),
      },
      expires: Number.isNaN(expires) ? Infinity : expires,
    };
  }

  #token(): string | undefined {
    const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } =
      this.#platform.env;
    if (!file) return token;
    try {
      return this.#platform.readTextFile(file).trim();
    } catch (error) {
      throw new IdentityError(`AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can't be read: ${(error as Error).message}`);
    }
  }
}
