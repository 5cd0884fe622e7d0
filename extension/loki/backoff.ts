const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/**
 * How long to wait before retry number `retry` (1 for the first), in milliseconds: exponential from 100 ms to 10 s,
 * with jitter over the upper half, so that environments that failed together don't come back together.
 * @param random a number from 0 to less than 1.
 */
export function backoff(retry: number, random: number): number {
  const ceiling = Math.min(FIRST_MS * 2 ** (retry - 1), LONGEST_MS);
  return ceiling / 2 + (ceiling / 2) * random;
}
