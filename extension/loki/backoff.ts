const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/**
 * How long to wait before retry number `retry` (1 for the first): exponential from 100 ms, with jitter over the upper half, so that
 * environments that failed together don't come back together. A server's own `Retry-After` goes before it if it is longer.
 * @param random a number from 0 to less than 1.
 */
export function backoff(retry: number, retryAfterMs: number | undefined, random: number): number {
  const ceiling = Math.min(FIRST_MS * 2 ** (retry - 1), LONGEST_MS);
  return Math.max(ceiling / 2 + (ceiling / 2) * random, retryAfterMs ?? 0);
}
