import { type OutboundSettings, readOutboundSettings } from '../../config/outbound-settings';
import { proxyFor } from '../../config/proxy';
import type { Settings } from '../../config/settings';
import type { Diagnostics } from '../../diagnostics';
import type { Outcome } from '../classify';
import type { Platform } from '../../platform/types';
import { Credentials, type PendingCredentials } from '../../secrets/credentials';
import type { Attempt, Extras, Outbound, Send } from './outbound';
import { TlsMaterial } from './tls-material';

/**
 * Reads the settings of credentials, TLS and proxies from the environment, and logs those that can't be used. It is
 * loaded when it is first needed.
 */
export function createOutbound(
  platform: Platform,
  diagnostics: Diagnostics,
  { endpoint, authorization }: Pick<Settings, 'endpoint' | 'authorization'>,
): Outbound {
  const { settings, problems } = readOutboundSettings(platform.env, endpoint);
  for (const { variable, message } of problems) diagnostics.warn(`${variable}: ${message}`);
  const load = async (): Promise<ReturnType<typeof import('../../secrets/aws').createSecretStore>> =>
    (await import('../../secrets/aws')).createSecretStore(platform, diagnostics, settings.proxies);
  const credentials =
    settings.credentials && new Credentials({ platform, diagnostics, settings: settings.credentials, load });
  return new LokiOutbound(platform, diagnostics, settings, endpoint?.url ?? '', authorization, credentials);
}

class LokiOutbound implements Outbound {
  readonly #platform: Platform;
  readonly #authorization: string | undefined;
  readonly #credentials: Credentials | undefined;
  readonly #tls: TlsMaterial | undefined;
  readonly #proxy: string | undefined;
  readonly #secure: boolean;
  readonly #waiting = new Set<PendingCredentials>();
  #calledOff = 0;

  constructor(
    platform: Platform,
    diagnostics: Diagnostics,
    { tls, proxies }: OutboundSettings,
    url: string,
    authorization: string | undefined,
    credentials: Credentials | undefined,
  ) {
    this.#platform = platform;
    this.#authorization = authorization;
    this.#credentials = credentials;
    this.#secure = url.startsWith('https:');
    this.#tls = tls && this.#secure ? new TlsMaterial(platform, diagnostics, tls) : undefined;
    this.#proxy = proxies && proxyFor(proxies, url);
  }

  start(): void {
    this.#credentials?.start();
  }

  cancelAll(): void {
    this.#calledOff++;
    for (const pending of [...this.#waiting]) pending.cancel();
  }

  async push(limitMs: number, send: Send): Promise<Outcome> {
    const credentials = this.#credentials;
    if (credentials === undefined) return (await this.#send(limitMs, send)).outcome;

    const end = this.#platform.monotonic() + limitMs;
    const left = (): number => end - this.#platform.monotonic();
    const calledOff = this.#calledOff;
    if (!credentials.ready && !(await this.#settle(credentials.wait(limitMs)))) {
      if (calledOff !== this.#calledOff) return { kind: 'canceled' };
      const reason = 'the secrets are not there yet';
      return credentials.lasting
        ? { kind: 'denied', reason, told: true }
        : { kind: 'failed', reason, retryAfterMs: credentials.retryInMs, told: true };
    }
    for (let renewed = false; ; renewed = true) {
      if (left() <= 0) return { kind: 'failed', reason: 'the secrets took too long', told: true };
      const used = credentials.authorization;
      const { outcome, status } = await this.#send(left(), send);
      if (renewed || (status !== 401 && status !== 403)) return outcome;
      const changed = await this.#settle(credentials.renew(used, Math.max(0, left())));
      if (calledOff !== this.#calledOff) return { kind: 'canceled' };
      if (!changed) return outcome;
    }
  }

  /** TLS material that the platform can't use is left out, and the push is made without it. */
  async #send(limitMs: number, send: Send): Promise<Attempt> {
    for (;;) {
      const extras = this.#extras();
      const attempt = await send(limitMs, extras);
      const { error } = attempt;
      if (error?.code !== 'EINVAL' || !extras.tls || !this.#tls?.reject(extras.tls, error))
        return withAdvice(attempt, extras, this.#secure);
    }
  }

  #extras(): Extras {
    const authorization = this.#credentials ? this.#credentials.authorization : this.#authorization;
    return {
      ...(authorization !== undefined && { authorization }),
      ...(this.#tls && { tls: this.#tls.options }),
      ...(this.#proxy !== undefined && { proxy: this.#proxy }),
    };
  }

  /** The wait can be canceled. */
  async #settle(pending: PendingCredentials): Promise<boolean> {
    this.#waiting.add(pending);
    try {
      return await pending.done;
    } finally {
      this.#waiting.delete(pending);
    }
  }
}

/** Names the setting that may be wrong. */
function withAdvice(attempt: Attempt, extras: Extras, secure: boolean): Attempt {
  const { outcome } = attempt;
  const advice = 'reason' in outcome ? adviceFor(attempt, extras, secure) : undefined;
  return advice === undefined
    ? attempt
    : {
        ...attempt,
        outcome: { ...outcome, reason: `${(outcome as { reason: string }).reason}; ${advice}` } as Outcome,
      };
}

function adviceFor({ error, status }: Attempt, { proxy, tls }: Extras, secure: boolean): string | undefined {
  const login = 'check user name and password in HTTPS_PROXY or HTTP_PROXY';
  // Without a tunnel, the answer may be the proxy's own; some proxies answer 401 instead of 407, and some end the
  // connection early.
  if (proxy !== undefined && !secure && (status === 401 || status === 403 || error?.code === 'ECONNRESET'))
    return `if that was the proxy, ${login}`;
  switch (error?.code) {
    case 'EPROXY':
      return error.about === 'login' ? login : undefined;
    case 'ETLS':
      if (error.about === 'issuer') return 'check the certificates in LOKI_CA_CERT';
      return error.about === 'cert' ? 'check LOKI_CLIENT_CERT and LOKI_CLIENT_KEY' : undefined;
    case 'ECONNRESET':
      // Some servers end the connection instead of reporting that they reject the certificate.
      return tls?.cert === undefined
        ? undefined
        : 'maybe it does not accept the client certificate in LOKI_CLIENT_CERT';
    default:
      return undefined;
  }
}
