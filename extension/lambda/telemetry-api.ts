import type { TelemetryType } from '../config/settings';
import type { Diagnostics } from '../diagnostics';
import { delay } from '../platform/delay';
import { messageOf } from '../platform/errors';
import type { HttpRequest, Platform } from '../platform/types';

/**
 * Newest first. 2025-01-29 is the only one on Managed Instances; before 2022-12-13 records are always strings
 * (AWS Lambda Developer Guide, "Lambda Telemetry API Event schema reference").
 */
const SCHEMA_VERSIONS = ['2025-01-29', '2022-12-13', '2022-07-01'];

/**
 * The smallest values that the Telemetry API accepts ("Lambda Telemetry API reference", "Subscribe"), because the
 * environment is held for every millisecond by which the platform delays the end of an invocation's telemetry, and
 * because each delivery takes memory.
 */
const BUFFERING = { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25 };

export interface Subscription {
  readonly runtimeApi: string;
  readonly identifier: string;
  readonly port: number;
  readonly types: readonly TelemetryType[];
}

/**
 * The pauses before the request is sent again, if it failed and was not refused: without a subscription, this
 * environment never gets telemetry.
 */
const PAUSES_MS = [20, 100];

/**
 * Subscribes to telemetry, version 2022-07-01 of the API. Resolves `false`, after a line on stderr, when there will be
 * none.
 */
export async function subscribe(
  platform: Platform,
  diagnostics: Diagnostics,
  subscription: Subscription,
): Promise<boolean> {
  const { runtimeApi, identifier, port, types } = subscription;
  let answer = '';
  for (const schemaVersion of SCHEMA_VERSIONS) {
    const reply = await send(platform, {
      method: 'PUT',
      url: `http://${runtimeApi}/2022-07-01/telemetry`,
      headers: { 'lambda-extension-identifier': identifier, 'content-type': 'application/json' },
      body: JSON.stringify({
        schemaVersion,
        types,
        buffering: BUFFERING,
        destination: { protocol: 'HTTP', URI: `http://sandbox.localdomain:${port}/` },
      }),
    });
    if (reply.status === 200) return true;
    answer = reply.text;
    // Local emulators without a Telemetry API answer 202; an older schema can help only when the request was refused.
    if (reply.status !== 400 && reply.status !== 404) break;
  }
  diagnostics.warn(
    `the Telemetry API is not available here (${answer}), so no logs are shipped; the function is not affected`,
  );
  return false;
}

/** The answer to a request, or the error of the last try, with status 0 if there was no answer. */
async function send(
  platform: Platform,
  request: HttpRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  for (let failures = 0; ; failures++) {
    const reply = await platform.request(request).response.then(
      ({ status, body }) => ({ status, text: `status ${status}: ${body.slice(0, 200)}` }),
      (error: unknown) => ({ status: 0, text: messageOf(error) }),
    );
    if ((reply.status > 0 && reply.status < 500) || failures === PAUSES_MS.length) return reply;
    await delay(platform, PAUSES_MS[failures]);
  }
}
