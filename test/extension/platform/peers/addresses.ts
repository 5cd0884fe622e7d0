/**
 * Where the peers listen that the cases talk to, and files and texts that the Node.js side prepares. Passed as JSON.
 */
export interface Addresses {
  /** Plain HTTP: see `http-peer.ts`. */
  readonly http: string;
  /** The same on the IPv6 loopback; missing where there is none. */
  readonly http6?: string;
  /** A port on which nobody listens. */
  readonly closedPort: number;
  /** HTTPS with a certificate for localhost and 127.0.0.1, signed by {@link ca}. */
  readonly https: string;
  /** The same, with TLS 1.2 only. */
  readonly https12: string;
  readonly expired: string;
  readonly wrongHost: string;
  readonly selfSigned: string;
  /** PEM of its certificate, which is marked as an authority's, as that of most tools is; and of an expired one. */
  readonly selfSignedCert: string;
  readonly selfSignedExpired: string;
  readonly selfSignedExpiredCert: string;
  /** Wants a client certificate that {@link ca} has signed. */
  readonly mutual: string;
  /** Accepts connections and never says a word. */
  readonly silent: string;
  /** Closes each connection as soon as it gets the first byte. */
  readonly hangUp: string;
  /** A forward proxy without a password, and one that wants `user:pass word`. Both are given without credentials. */
  readonly proxy: string;
  readonly lockedProxy: string;
  /** A proxy that answers nonsense. */
  readonly brokenProxy: string;
  /** PEM texts. */
  readonly ca: string;
  readonly clientCert: string;
  /** PKCS#8, and SEC1 or PKCS#1. */
  readonly clientKey: string;
  readonly clientKeyOld: string;
  readonly strangerCert: string;
  readonly strangerKey: string;
  /** A folder with `text`, whose content is `Grüße\n`, and `broken`, which is not UTF-8 (`a\xffb`). */
  readonly folder: string;
}
