/**
 * Where the invocation's request id goes. This query finds an invocation in both modes: `{function_name="f"} |
 * request_id="…"`.
 */
export enum RequestIdMode {
  /**
   * The label `request_id`: one Loki stream per invocation. At Loki's default limit of 5,000 active streams, 2.8
   * invocations per second fill a tenant; when Loki answers that the limit is reached, the extension changes to
   * `METADATA` by itself.
   */
  LABEL = 'label',

  /**
   * Structured metadata of each line: no further streams. Loki 3.0 or newer allows it by default, Loki 2.9 with
   * `allow_structured_metadata`; the schema must be v13.
   */
  METADATA = 'metadata',

  /** Request ids are neither looked for nor sent. */
  OFF = 'off',
}
