import { type Condition, healthyMs } from './conditions';
import { type Fault, unavoidableUnder, uncountedUnder } from './fault';
import { invocationsToMeetAnOutage, sendsLater } from './strategy';
import type { Figures, Trial } from './trial';

/** The environment is never held longer than this after the function's end. */
export const MOST_HELD_MS = 4500;
/**
 * From the second invocation of an outage on, the median is no more than this, or what a healthy push of that Loki
 * takes.
 */
const MOST_HELD_IN_OUTAGE_MS = 600;
/** One invocation of an outage in so many may be held longer, so that a Loki that has become slower is found again. */
const LONGER_EVERY = 8;
/** A healthy push takes this much longer where the machine is busy. */
const SPARE = 1.3;
const SPARE_MS = 150;
/**
 * Tries of one environment per second while Loki is away. With `next` twice as many: at SHUTDOWN the lines of two
 * invocations wait, and with the label `request_id` each of them is a push.
 */
const MOST_TRIES_PER_SECOND = 10;

/**
 * What of a played fault is not as it has to be, whatever the fault: lines, duplicates, order, and how long the
 * function was held.
 */
export function judge(fault: Fault, condition: Condition, trial: Trial, figures: Figures): string[] {
  const wrong = [...trial.failures];
  const check = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };
  const { lost, missing, told, acknowledged } = figures;
  const unavoidable = unavoidableUnder(fault, condition);
  const uncounted = uncountedUnder(fault, condition);
  if (unavoidable === undefined && trial.unrecovered !== undefined) wrong.push(trial.unrecovered);
  if (unavoidable === undefined)
    check(lost === 0, `${lost} lines lost of ${acknowledged}; the extension said:\n${trial.said}`);
  if (!uncounted)
    check(lost === 0 || told > 0, `${lost} lines lost, and no number told; the extension said:\n${trial.said}`);
  if (!uncounted)
    check(
      figures.reconciled,
      `${missing} lines missing and ${told} told, platform lines included; the extension said:\n${trial.said}`,
    );
  check(figures.duplicated === 0, `${figures.duplicated} lines that Loki shows twice, one of them at ${figures.twice}`);
  check(figures.disordered === 0, `${figures.disordered} lines out of order`);
  check(trial.loki.silentlyLost === 0, `${trial.loki.silentlyLost} lines lost behind a 204`);

  if (!fault.heldToDeadline) {
    const longest = Math.max(0, ...figures.heldMs);
    check(longest <= MOST_HELD_MS, `an invocation was held ${Math.round(longest)} ms after the function's end`);
  }
  const outage = trial.invocations
    .filter(({ ofOutage }) => ofOutage !== undefined && ofOutage > invocationsToMeetAnOutage())
    .map(({ heldMs }) => heldMs);
  if (outage.length > 0 && !fault.heldToDeadline) {
    const most = Math.max(MOST_HELD_IN_OUTAGE_MS, SPARE * healthyMs(condition) + SPARE_MS);
    const longer = outage.filter((held) => held > most).length;
    check(quantile(outage, 0.5) <= most, `in the outage the median held is ${Math.round(quantile(outage, 0.5))} ms`);
    check(
      longer <= Math.ceil(outage.length / LONGER_EVERY),
      `in the outage ${longer} of ${outage.length} invocations were held for more than ${Math.round(most)} ms`,
    );
  }
  const { triesPerSecond = 0 } = figures;
  const mostTries = MOST_TRIES_PER_SECOND * (sendsLater() ? 2 : 1);
  check(triesPerSecond <= mostTries, `${triesPerSecond.toFixed(1)} tries per second in the outage`);
  return wrong;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
