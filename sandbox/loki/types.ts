/** One line as Loki stores it. */
export interface StoredLine {
  /** The stream's labels, `service_name` included when Loki adds it. */
  readonly labels: Record<string, string>;
  /** Nanoseconds since 1970 as a decimal string: a number would lose the last digits. */
  readonly timestamp: string;
  readonly line: string;
  /** Structured metadata, keys as Loki normalises them. The `detected_level` that Loki adds by itself is left out. */
  readonly metadata: Record<string, string>;
}

/** What an end-to-end test needs of a Loki, so that the same test runs against the fake and the real one. */
export interface LokiUnderTest {
  /** Full push URL, `…/loki/api/v1/push`. */
  readonly pushUrl: string;
  /** Everything stored so far for one tenant, by ascending timestamp. */
  lines(tenant?: string): Promise<StoredLine[]>;
  /**
   * Waits until at least `count` lines are stored, and returns all of them.
   * Rejects after `timeoutMs` (default 10 000), naming how many there were.
   */
  waitForLines(count: number, timeoutMs?: number): Promise<StoredLine[]>;
  stop(): Promise<void>;
}

/** The tenant of a Loki without `auth_enabled`, as Loki itself names it. */
export const SINGLE_TENANT = 'fake';
