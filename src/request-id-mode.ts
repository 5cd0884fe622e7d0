/**
 * Where the invocation's request id goes.
 */
export enum RequestIdMode {
  /**
   * The label `request_id`: one Loki stream per invocation. Simple to query, but a busy function makes many streams; when Loki
   * answers that the tenant's stream limit is reached, the extension changes to `METADATA` by itself.
   */
  LABEL = 'label',

  /** Structured metadata of each line: no further streams. Needs Loki 3 or a schema v13 that allows structured metadata. */
  METADATA = 'metadata',

  /** Request ids are neither looked for nor sent. */
  OFF = 'off',
}
