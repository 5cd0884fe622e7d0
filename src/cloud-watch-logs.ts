/**
 * Whether Lambda keeps writing the logs of attached functions to CloudWatch Logs.
 */
export class CloudWatchLogs {
  /** Nothing changes: Lambda writes the logs there as long as the function's role allows it. */
  public static readonly KEEP = new CloudWatchLogs('KEEP');

  /**
   * A policy denies each function's role write access to the function's own log group, so that CloudWatch Logs costs
   * nothing. Existing log groups and their contents are kept. The extension's own warnings are sent to Loki instead
   * (`LOKI_SHIP_DIAGNOSTICS`). CloudFormation creates the policy after the function, which may log to CloudWatch until
   * then. Functions with the same role share policies; more than about 200 functions with one role are an error at
   * synthesis, because of IAM's quotas. Container images that were not passed to `attachImage` are not denied access,
   * because they may not contain the extension.
   */
  public static readonly DENY = new CloudWatchLogs('DENY');

  private constructor(private readonly name: string) {}

  /** The name, `KEEP` or `DENY`. */
  public toString(): string {
    return this.name;
  }
}
