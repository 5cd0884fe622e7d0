import { type Beginning, HALF_FULL, type Strategy } from './strategy';

/** The number of invocations whose times show how often the function is called. */
const REMEMBERED = 8;

/**
 * With shorter gaps, lines that are left behind wait for seconds. With longer gaps nobody knows how long they wait, and
 * Loki refuses lines that are an hour older than others of their stream.
 */
const SHORT_GAP_MS = 10_000;

/**
 * `end` until it is known how often the function is called; then `next` while calls follow each other closely, and
 * `handoff` otherwise. Lines that somebody may be waiting to see, such as those of a failure, are sent with `end`.
 */
export function adaptive(): Strategy {
  const times: number[] = [];
  let sure = true;

  function isBusy(): boolean {
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    const newest = gaps[gaps.length - 1];
    gaps.sort((a, b) => a - b);
    return newest < SHORT_GAP_MS && gaps[gaps.length >> 1] < SHORT_GAP_MS;
  }

  function begins({ now, first, trouble, fill }: Beginning): 'wait' | 'send' {
    times.push(now);
    if (times.length > REMEMBERED) times.shift();
    sure = first || trouble || fill > HALF_FULL || times.length < REMEMBERED;
    return !sure && isBusy() ? 'send' : 'wait';
  }

  return {
    name: 'adaptive',
    leavesUnanswered: true,
    minds: 'errors',
    begins,
    ends: ({ trouble, resets, fill }) => (sure || trouble || resets || fill > HALF_FULL ? 'answered' : 'arrived'),
  };
}
