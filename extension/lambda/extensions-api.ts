import type { Diagnostics } from '../diagnostics';
import { delay } from '../platform/delay';
import { messageOf } from '../platform/errors';
import { parseObject } from '../platform/json';
import type { HttpResponse, Platform } from '../platform/types';
import { type LifecycleEvent, parseLifecycleEvent } from './events';

/**
 * Must be the file name in `/opt/extensions`: with any other name Lambda treats the extension as an internal one, and
 * Init hangs.
 */
const EXTENSION_NAME = 'lambdawatch';
const IDENTIFIER = 'lambda-extension-identifier';

export interface Registration {
  readonly functionName: string;
  readonly functionVersion: string;
  /**
   * False where the environment runs invocations side by side and announces only SHUTDOWN (Lambda Managed Instances).
   */
  readonly invokeEvents: boolean;
}

/**
 * Client of the Extensions API, version 2020-01-01. No call ever rejects: failures are logged on stderr and tried
 * again, because Lambda ends the function when an extension exits.
 */
export class ExtensionsApi {
  readonly #platform: Platform;
  readonly #diagnostics: Diagnostics;
  readonly #base: string;
  readonly #nextUrl: string;
  #nextHeaders: Readonly<Record<string, string>> = {};
  #identifier = '';

  constructor(platform: Platform, diagnostics: Diagnostics, runtimeApi: string) {
    this.#platform = platform;
    this.#diagnostics = diagnostics;
    this.#base = `http://${runtimeApi}/2020-01-01/extension`;
    this.#nextUrl = `${this.#base}/event/next`;
  }

  /** Set by {@link register}; the Telemetry API requires it, too. */
  get identifier(): string {
    return this.#identifier;
  }

  /** Registers for INVOKE and SHUTDOWN, or only for SHUTDOWN with `managedInstances` or when Lambda refuses INVOKE. */
  async register(managedInstances: boolean): Promise<Registration> {
    let invokeEvents = !managedInstances;
    for (let failures = 0; ; failures++) {
      const response = await this.#call('register', {
        method: 'POST',
        url: `${this.#base}/register`,
        headers: { 'lambda-extension-name': EXTENSION_NAME, 'content-type': 'application/json' },
        body: JSON.stringify({ events: invokeEvents ? ['INVOKE', 'SHUTDOWN'] : ['SHUTDOWN'] }),
      });
      if (response?.status === 200) {
        this.#identifier = response.headers[IDENTIFIER] ?? '';
        this.#nextHeaders = { [IDENTIFIER]: this.#identifier };
        const { functionName, functionVersion } = parseObject(response.body);
        const env = this.#platform.env;
        return {
          functionName: String(functionName ?? env.AWS_LAMBDA_FUNCTION_NAME ?? 'unknown'),
          functionVersion: String(functionVersion ?? env.AWS_LAMBDA_FUNCTION_VERSION ?? '$LATEST'),
          invokeEvents,
        };
      }
      if (invokeEvents && response?.body.includes('Extension.InvalidEventType')) {
        invokeEvents = false;
        continue;
      }
      await this.#pause('register', failures, response);
    }
  }

  /** Tells Lambda that the extension is done with the last event, and waits without a limit for the next one. */
  async next(): Promise<LifecycleEvent> {
    const request = { method: 'GET', url: this.#nextUrl, headers: this.#nextHeaders };
    for (let failures = 0; ; failures++) {
      // Not by way of `#call`: one function fewer that waits, in each invocation.
      let response: HttpResponse | undefined;
      try {
        response = await this.#platform.request(request).response;
        if (response.status === 200) return parseLifecycleEvent(response.body, this.#platform.now());
      } catch (error) {
        if (response === undefined) this.#failed('next', error);
        else this.#diagnostics.warn(`could not read an event of the Extensions API: ${messageOf(error)}`);
      }
      await this.#pause('event/next', failures, response);
    }
  }

  async #call(what: string, request: Parameters<Platform['request']>[0]): Promise<HttpResponse | undefined> {
    try {
      return await this.#platform.request(request).response;
    } catch (error) {
      this.#failed(what, error);
      return undefined;
    }
  }

  #failed(what: string, error: unknown): void {
    this.#diagnostics.debug(`Extensions API, ${what}: ${messageOf(error)}`);
  }

  /** 100 ms, doubling to 5 s. */
  async #pause(what: string, failures: number, response: HttpResponse | undefined): Promise<void> {
    const answer = response
      ? `status ${response.status}: ${this.#diagnostics.redact(response.body).slice(0, 200)}`
      : 'no answer';
    this.#diagnostics.warnOnce(
      `extensions-api ${what}`,
      `the Extensions API refused ${what} (${answer}); trying again`,
    );
    await delay(this.#platform, Math.min(100 * 2 ** failures, 5000));
  }
}
