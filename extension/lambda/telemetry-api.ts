import type { TelemetryType } from '../config/settings';
import { type Diagnostics, messageOf } from '../diagnostics';
import type { Platform } from '../platform/types';

/**
 * Newest first. 2025-01-29 is the only one on Managed Instances; before 2022-12-13 records are always strings
 * (AWS Lambda Developer Guide, "Lambda Telemetry API Event schema reference").
 */
const SCHEMA_VERSIONS = ['2025-01-29', '2022-12-13', '2022-07-01'];

/**
 * The smallest values that the Telemetry API takes ("Lambda Telemetry API reference", "Subscribe"), because every millisecond that the
 * platform keeps the end of an invocation's telemetry is a millisecond that the environment is held, and each delivery sits in memory.
 */
const BUFFERING = { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25 };

export interface Subscription {
  readonly runtimeApi: string;
  readonly identifier: string;
  readonly port: number;
  readonly types: readonly TelemetryType[];
}

/** Subscribes to telemetry, version 2022-07-01 of the API. `false`, after a line on stderr, when there will be none. */
export async function subscribe(platform: Platform, diagnostics: Diagnostics, subscription: Subscription): Promise<boolean> {
  const { runtimeApi, identifier, port, types } = subscription;
  let answer = '';
  try {
    for (const schemaVersion of SCHEMA_VERSIONS) {
      const { status, body } = await platform.request({
        method: 'PUT',
        url: `http://${runtimeApi}/2022-07-01/telemetry`,
        headers: { 'lambda-extension-identifier': identifier, 'content-type': 'application/json' },
        body: JSON.stringify({ schemaVersion, types, buffering: BUFFERING, destination: { protocol: 'HTTP', URI: `http://sandbox.localdomain:${port}/` } }),
      }).response;
      if (status === 200) return true;
      answer = `status ${status}: ${body.slice(0, 200)}`;
      // 202 is the answer of local emulators without a Telemetry API; only a refused request may be saved by an older schema.
      if (status !== 400 && status !== 404) break;
    }
  } catch (error) {
    answer = messageOf(error);
  }
  diagnostics.warn(`the Telemetry API is not available here (${answer}), so no logs are shipped; the function is not affected`);
  return false;
}
