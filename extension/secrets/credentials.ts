import { base64 } from '../config/base64';
import type { Credential, CredentialSettings } from '../config/outbound-settings';
import type { SecretRef } from '../config/secret-ref';
import type { Diagnostics } from '../diagnostics';
import { messageOf } from '../platform/errors';
import type { Cancel, Platform } from '../platform/types';
import type { SecretOutcome, SecretStore } from './secret-store';

/** After a failure: 500 ms, doubling to a minute, with jitter over the upper half. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;

/** When Loki refuses the credentials, they are read again, but not more often than this. */
const RENEWAL_MS = 30_000;

/** Returns the part of the program that calls AWS; it is loaded when it is needed, and never without secrets. */
export type LoadSecretStore = () => Promise<SecretStore>;

/** A wait for credentials, which can be canceled. */
export interface PendingCredentials {
  /** Whether the credentials are available now. */
  readonly done: Promise<boolean>;
  cancel(): void;
}

/**
 * The value of the `Authorization` header, made from secrets that are fetched in the background, and fetched again when
 * Loki no longer accepts it. A secret that can't be fetched is logged once, and tried again when the next push needs
 * it.
 */
export class Credentials {
  readonly #platform: Pick<Platform, 'setTimer' | 'now' | 'monotonic' | 'random'>;
  readonly #diagnostics: Diagnostics;
  readonly #settings: CredentialSettings;
  readonly #load: LoadSecretStore;
  readonly #refs: readonly SecretRef[];
  /** The values that have been fetched. */
  readonly #held = new Map<SecretRef, SecretOutcome>();
  readonly #told = new Set<string>();
  /** All values that have ever been fetched: they must not be shown even when they are out of date. */
  readonly #secrets = new Set<string>();
  #store: SecretStore | undefined;
  #ready = false;
  #authorization: string | undefined;
  #fetching: Promise<void> | undefined;
  #failures = 0;
  #lasting = false;
  #retry: Moment | undefined;
  #renewed: Moment | undefined;

  constructor(parts: {
    platform: Pick<Platform, 'setTimer' | 'now' | 'monotonic' | 'random'>;
    diagnostics: Diagnostics;
    settings: CredentialSettings;
    load: LoadSecretStore;
  }) {
    this.#platform = parts.platform;
    this.#diagnostics = parts.diagnostics;
    this.#settings = parts.settings;
    this.#load = parts.load;
    const { apiKey, username, password } = parts.settings;
    this.#diagnostics.conceal(() => [...this.#secrets]);
    this.#refs = [apiKey, username, password].flatMap(({ secret }) => secret ?? []);
    // It may be that none of the variables that name secrets can be used.
    if (this.#refs.length === 0) this.#ready = this.#combine() || true;
  }

  /** Whether everything that is needed has been fetched. */
  get ready(): boolean {
    return this.#ready;
  }

  /** `undefined` until then, and where there are no credentials at all. */
  get authorization(): string | undefined {
    return this.#authorization;
  }

  /** How long nothing is fetched after a failure, in milliseconds. */
  get retryInMs(): number {
    return this.#retry === undefined ? 0 : Math.max(0, this.#retry.leftMs(this.#platform));
  }

  /** Whether the last failure needs somebody to act. */
  get lasting(): boolean {
    return this.#lasting;
  }

  /** Starts fetching. Nothing waits for it. */
  start(): void {
    if (!this.ready && this.retryInMs === 0) void this.#fetch();
  }

  /** Waits for the credentials, for `limitMs` at most; not at all after a failure that is too recent to try again. */
  wait(limitMs: number): PendingCredentials {
    return this.#waitFor(() => this.ready, limitMs);
  }

  /**
   * Loki has refused `refused`: fetches the secrets again, unless that was done a short while ago. `done` says whether
   * the credentials have changed, so that another try makes sense.
   */
  renew(refused: string | undefined, limitMs: number): PendingCredentials {
    const changed = (): boolean => this.#authorization !== refused;
    if (!changed() && this.#fetching === undefined) {
      if (this.#renewed !== undefined && this.#renewed.leftMs(this.#platform) > 0)
        return { done: Promise.resolve(false), cancel: () => undefined };
      this.#renewed = new Moment(this.#platform, RENEWAL_MS);
      this.#held.clear();
      this.#retry = undefined;
    }
    return this.#waitFor(changed, limitMs);
  }

  #waitFor(condition: () => boolean, limitMs: number): PendingCredentials {
    if (condition()) return { done: Promise.resolve(true), cancel: () => undefined };
    if (this.#fetching === undefined && this.retryInMs > 0)
      return { done: Promise.resolve(false), cancel: () => undefined };
    let end!: (there: boolean) => void;
    const done = new Promise<boolean>((resolve) => (end = resolve));
    const stop: Cancel =
      limitMs === Infinity ? () => undefined : this.#platform.setTimer(limitMs, () => end(condition()));
    void this.#fetch().then(() => {
      stop();
      end(condition());
    });
    return {
      done,
      cancel: () => {
        stop();
        end(false);
      },
    };
  }

  /** Only one fetch runs at a time. Never rejects. */
  #fetch(): Promise<void> {
    return (this.#fetching ??= this.#fetchAll().finally(() => (this.#fetching = undefined)));
  }

  async #fetchAll(): Promise<void> {
    try {
      const store = (this.#store ??= await this.#load());
      this.#lasting = false;
      const missing = this.#refs.filter((ref) => !this.#held.has(ref));
      const outcomes = await store.fetch(missing);
      missing.forEach((ref, i) => this.#hold(ref, outcomes[i]));
      if (this.#combine()) {
        this.#failures = 0;
        this.#retry = undefined;
        return;
      }
    } catch (error) {
      this.#tell('unexpected', `the secrets can't be read because of an unexpected error: ${messageOf(error)}`);
    }
    const ceiling = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 20), LONGEST_RETRY_MS);
    this.#retry = new Moment(this.#platform, ceiling / 2 + (ceiling / 2) * this.#platform.random());
  }

  #hold(ref: SecretRef, outcome: SecretOutcome): void {
    if ('value' in outcome) {
      this.#secrets.add(outcome.value);
    } else {
      const { problem, kind } = outcome;
      if (kind !== 'passing') this.#lasting = true;
      const fallback =
        kind === 'unusable' && this.#plainOf(ref) !== undefined
          ? `${ref.variable.replace(/_SECRET$/, '')} is used`
          : 'lines are kept, and it is tried again';
      // One secret in several variables is logged once, unless its fields have different problems.
      this.#tell(`${ref.arn} ${problem}`, `${ref.variable}: ${ref.arn} ${problem}; ${fallback}`);
      if (kind !== 'unusable') return;
    }
    this.#held.set(ref, outcome);
  }

  /** Makes the header's value from the fetched values; `false` if one is missing. */
  #combine(): boolean {
    const { apiKey, username, password } = this.#settings;
    if (this.#refs.some((ref) => !this.#held.has(ref))) return false;
    const [key, user, pass] = [apiKey, username, password].map((credential) => this.#valueOf(credential));
    if (key !== undefined) return this.#use(`Bearer ${key}`);
    const incomplete = [
      [username, user],
      [password, pass],
    ].some(([credential, value]) => value === undefined && given(credential as Credential));
    if (incomplete || (user === undefined && pass === undefined)) {
      // The setting may have been corrected by the next time.
      this.#held.clear();
      return false;
    }
    return this.#use(`Basic ${base64(`${user ?? ''}:${pass ?? ''}`)}`);
  }

  #use(authorization: string): boolean {
    this.#secrets.add(authorization.slice(authorization.indexOf(' ') + 1));
    this.#authorization = authorization;
    this.#ready = true;
    for (const topic of this.#told) this.#diagnostics.settled(topic);
    this.#told.clear();
    return true;
  }

  /** The value of the secret or, if that can't be used, of the plain variable. */
  #valueOf({ plain, secret }: Credential): string | undefined {
    const outcome = secret && this.#held.get(secret);
    return outcome !== undefined && 'value' in outcome ? outcome.value : plain;
  }

  #plainOf(ref: SecretRef): string | undefined {
    const { apiKey, username, password } = this.#settings;
    return [apiKey, username, password].find(({ secret }) => secret === ref)?.plain;
  }

  #tell(topic: string, message: string): void {
    this.#told.add(topic);
    this.#diagnostics.warnOnce(topic, message);
  }
}

/**
 * A future time, which is reached when either clock has reached it: the monotonic one may stand still in a freeze, the
 * wall clock may jump.
 */
class Moment {
  readonly #wall: number;
  readonly #monotonic: number;

  constructor(clocks: Pick<Platform, 'now' | 'monotonic'>, ms: number) {
    this.#wall = clocks.now() + ms;
    this.#monotonic = clocks.monotonic() + ms;
  }

  leftMs(clocks: Pick<Platform, 'now' | 'monotonic'>): number {
    return Math.min(this.#wall - clocks.now(), this.#monotonic - clocks.monotonic());
  }
}

function given({ plain, secret }: Credential): boolean {
  return plain !== undefined || secret !== undefined;
}
