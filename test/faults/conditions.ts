/** How far away Loki is while a fault is played. */
export interface Condition {
  /** As in the tables' headings. */
  readonly name: string;
  /** Milliseconds that Loki takes to answer a push. */
  readonly latencyMs: number;
  /** HTTPS, with so many milliseconds each way on the network. */
  readonly tlsWayMs?: number;
}

const seconds = (latencyMs: number): Condition => ({ name: `${latencyMs / 1000} s`, latencyMs });

export const NEAR: Condition = seconds(40);

/** Every fault is played under each of these: what holds near Loki says little about a Loki that takes a second. */
export const CONDITIONS: readonly Condition[] = [
  NEAR,
  ...[600, 900, 1200, 1800, 2500].map(seconds),
  { name: 'TLS, 140 ms each way', latencyMs: 0, tlsWayMs: 140 },
];

/** What a push takes while Loki is well, in milliseconds; on a new connection, so with a handshake. */
export function healthyMs({ latencyMs, tlsWayMs = 0 }: Condition): number {
  return latencyMs + 4 * tlsWayMs;
}
