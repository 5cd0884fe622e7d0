import type { BY_KIND, OUTBOUND_VARIABLES } from './definitions';
import type { Endpoint } from './endpoint';
import type { FlushStrategy } from './flush-strategy';

type Tables = typeof BY_KIND;

/** A telemetry stream of Lambda (Telemetry API, "types" of a subscription). */
export type TelemetryType = Tables['list']['logTypes'][1][number];

export type RequestIdMode = Settings['requestIdAs'];

/** The settings that are read by their kind alone. */
export type ByKind = { readonly [Field in keyof Tables['number']]: number } & {
  readonly [Field in keyof Tables['boolean']]: boolean;
} & { readonly [Field in keyof Tables['word']]: Tables['word'][Field][1][number] } & {
  readonly [Field in keyof Tables['list']]: ReadonlySet<Tables['list'][Field][1][number]>;
};

/**
 * The settings after validation: every value can be used as it is. Times are in milliseconds, sizes in bytes of UTF-8.
 * `catalogue.ts` has their meanings.
 */
export interface Settings extends ByKind {
  /** Where to push; `undefined` when it isn't set or can't be used: then nothing is shipped. */
  readonly endpoint: Endpoint | undefined;
  /**
   * Value of the `Authorization` header, if any; `undefined` as well where secrets have to be fetched for it (see
   * `outbound`).
   */
  readonly authorization: string | undefined;
  /** Whether any of {@link OUTBOUND_VARIABLES} is set, which `outbound-settings.ts` reads. */
  readonly outbound: boolean;
  readonly flushStrategy: FlushStrategy;
  readonly tenantId: string | undefined;
  readonly serviceName: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The text of `LOKI_METADATA`, if any; `metadata-fields.ts` reads it where it is needed. */
  readonly metadata: string | undefined;
  /** The text of `LOKI_RULES`, if any; `rules/read-rules.ts` reads it where it is needed. */
  readonly rules: string | undefined;
}
