/**
 * Whether Lambda goes on writing the logs of attached functions to CloudWatch Logs.
 */
export class CloudWatchLogs {
  /** Nothing is changed: Lambda writes the logs there as long as the function's role may. */
  public static readonly KEEP = new CloudWatchLogs('KEEP');

  /**
   * Each function's role is denied to write to the function's own log group, by a policy, so that nothing is paid for
   * there. Log groups and what is in them stay. The extension's own warnings go to Loki instead
   * (`LOKI_SHIP_DIAGNOSTICS`). The policy comes after the function, which may log to CloudWatch until then. Functions
   * of one role share policies; a role of more than some 200 is an error at synthesis, as IAM allows no more. Nothing
   * is denied to a container image that `attachImage` does not name, as the extension may not be in it.
   */
  public static readonly DENY = new CloudWatchLogs('DENY');

  private constructor(private readonly name: string) {}

  /** The name, `KEEP` or `DENY`. */
  public toString(): string {
    return this.name;
  }
}
