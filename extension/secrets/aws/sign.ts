// This import has to be the first: it defines the TextEncoder that the library uses while it is loaded.
import { utf8 } from './utf8';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Platform } from '../../platform/types';

export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Unsigned {
  readonly method: string;
  /** Absolute, without a query or a fragment. */
  readonly url: string;
  /** Without `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Hashes = Pick<Platform, 'sha256' | 'hmacSha256' | 'now'>;

/**
 * The headers of the request, and those that AWS's Signature Version 4 adds: `host`, `x-amz-date`,
 * `x-amz-security-token`, `authorization`. The library does the signing; hashing is the platform's.
 */
export async function sign(
  request: Unsigned,
  service: string,
  region: string,
  identity: AwsIdentity,
  platform: Hashes,
): Promise<Record<string, string>> {
  const { protocol, host, path } = partsOf(request.url);
  const signer = new SignatureV4({
    service,
    region,
    credentials: identity,
    sha256: hashOf(platform),
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol,
      hostname: host,
      path,
      query: {},
      headers: { ...request.headers, host },
      body: request.body,
    },
    { signingDate: new Date(platform.now()) },
  );
  return signed.headers;
}

/** SHA-256 and, with a key, HMAC-SHA-256, in the form that the library expects. */
function hashOf(platform: Hashes) {
  return class {
    readonly #key: Uint8Array | undefined;
    #data = new Uint8Array(0);

    constructor(key?: string | ArrayBuffer | ArrayBufferView) {
      if (key !== undefined) this.#key = bytesOf(key);
    }

    update(data: string | ArrayBuffer | ArrayBufferView): void {
      const more = bytesOf(data);
      const all = new Uint8Array(this.#data.length + more.length);
      all.set(this.#data);
      all.set(more, this.#data.length);
      this.#data = all;
    }

    async digest(): Promise<Uint8Array> {
      return this.#key === undefined ? platform.sha256(this.#data) : platform.hmacSha256(this.#key, this.#data);
    }

    reset(): void {
      this.#data = new Uint8Array(0);
    }
  };
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return utf8(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** QuickJS has no `URL`. */
function partsOf(url: string): { protocol: string; host: string; path: string } {
  const [, protocol, host, path] = /^(https?:)\/\/([^/]+)(.*)/i.exec(url)!;
  const defaultPort = protocol.toLowerCase() === 'https:' ? /:443$/ : /:80$/;
  return { protocol, host: host.toLowerCase().replace(defaultPort, ''), path };
}
