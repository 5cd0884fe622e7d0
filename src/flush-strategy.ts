import { Duration } from 'aws-cdk-lib';

/** What the extension accepts, in milliseconds. */
const SHORTEST_PERIOD_MS = 100;
const LONGEST_PERIOD_MS = 900_000;

/**
 * When lines are sent, and what an invocation waits for after the function has finished. No strategy loses a line as
 * long as Lambda shuts environments down in the regular way, and none stores a line twice.
 *
 * @example
 *
 * new LambdaWatch(this, 'Logs', {
 *   endpoint: 'https://logs.example.com/loki/api/v1/push',
 *   flushStrategy: FlushStrategy.HANDOFF,
 * });
 */
export class FlushStrategy {
  /**
   * An invocation waits until Loki has stored its lines.
   */
  public static readonly END = new FlushStrategy('end');

  /**
   * An invocation waits until Loki has received the last byte. The extension reads the answer after the freeze.
   */
  public static readonly HANDOFF = new FlushStrategy('handoff');

  /**
   * An invocation waits for nothing. Its last lines are sent during the next invocation, or at shutdown. For functions
   * that are invoked all the time.
   */
  public static readonly NEXT = new FlushStrategy('next');

  /**
   * Like `END` for the first eight invocations. After that like `NEXT` while less than 10 seconds pass between
   * invocations, and like `HANDOFF` otherwise.
   */
  public static readonly ADAPTIVE = new FlushStrategy('adaptive');

  /**
   * One invocation in each period waits until Loki has stored all lines; the others wait for nothing. With request ids
   * in structured metadata, the lines of a period are sent in one push.
   *
   * Throws an error when the period is shorter than 100 ms or longer than 15 minutes.
   *
   * @param period 100 ms to 15 minutes.
   */
  public static periodically(period: Duration): FlushStrategy {
    if (typeof (period as Partial<Duration> | undefined)?.toMilliseconds !== 'function') {
      throw new Error('FlushStrategy.periodically: period is no Duration; give one, like Duration.minutes(1).');
    }
    if (period.isUnresolved()) {
      throw new Error('FlushStrategy.periodically: period is only known at deployment; give it as a number.');
    }
    const ms = period.toMilliseconds({ integral: false });
    if (!Number.isInteger(ms) || ms < SHORTEST_PERIOD_MS || ms > LONGEST_PERIOD_MS) {
      throw new Error(
        `FlushStrategy.periodically: period is ${ms} milliseconds; it must be a whole number from ` +
          `${SHORTEST_PERIOD_MS} to ${LONGEST_PERIOD_MS} milliseconds.`,
      );
    }
    return new FlushStrategy(`periodically,${ms}`);
  }

  private constructor(private readonly value: string) {}

  /**
   * The value of `LOKI_FLUSH_STRATEGY`.
   *
   * @internal
   */
  public _render(): string {
    return this.value;
  }
}
