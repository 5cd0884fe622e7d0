import { quote, type Reader } from './reader';

/** When lines are sent, and what an invocation waits for. */
export type FlushStrategy =
  | { readonly kind: 'end' | 'handoff' | 'next' | 'adaptive' }
  | { readonly kind: 'periodically'; readonly everyMs: number };

const PLAIN: readonly string[] = ['end', 'handoff', 'next', 'adaptive'];

/** Loki refuses lines that are an hour older than the newest line of their stream. */
const SHORTEST_PERIOD_MS = 100;
const LONGEST_PERIOD_MS = 900_000;

/** The strategy that `LOKI_FLUSH_STRATEGY` names, such as `handoff` or `periodically,60000`. */
export function readFlushStrategy(read: Reader): FlushStrategy {
  const text = read.text('LOKI_FLUSH_STRATEGY');
  if (text === undefined) return { kind: 'end' };
  const [kind, period, ...more] = text
    .toLowerCase()
    .split(',')
    .map((part) => part.trim());
  if (PLAIN.includes(kind) && period === undefined) return { kind } as FlushStrategy;
  const everyMs = kind === 'periodically' && /^\d+$/.test(period ?? '') && more.length === 0 ? Number(period) : NaN;
  if (everyMs >= SHORTEST_PERIOD_MS && everyMs <= LONGEST_PERIOD_MS) return { kind: 'periodically', everyMs };
  read.problem(
    'LOKI_FLUSH_STRATEGY',
    `${quote(text)} is none of ${PLAIN.join(', ')} and periodically,<ms> ` +
      `with ${SHORTEST_PERIOD_MS} to ${LONGEST_PERIOD_MS} milliseconds; using end`,
  );
  return { kind: 'end' };
}
