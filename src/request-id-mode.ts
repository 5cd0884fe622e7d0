/**
 * Where Loki stores the request id of the invocation. This query finds an invocation in both modes:
 * `{function_name="f"} | request_id="…"`.
 */
export enum RequestIdMode {
  /**
   * The label `request_id`: one Loki stream per invocation. With Loki's default limit of 5,000 active streams, 2.8
   * invocations per second exhaust a tenant's limit. When Loki reports that the limit is reached, the extension
   * switches to `METADATA` automatically.
   */
  LABEL = 'label',

  /**
   * Structured metadata of each line, without additional streams. Loki 3.0 and newer allow it by default, Loki 2.9 with
   * `allow_structured_metadata`; the schema must be v13.
   */
  METADATA = 'metadata',

  /** Request ids are not extracted and not sent. */
  OFF = 'off',
}
