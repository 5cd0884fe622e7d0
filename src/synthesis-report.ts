/**
 * What is reported at synthesis in addition to warnings and errors. Reports are informational: they don't fail `cdk
 * synth --strict` and need no acknowledgement.
 */
export enum SynthesisReport {
  /** Nothing: `cdk synth --quiet` prints no line about LambdaWatch. */
  NONE = 'none',

  /** One line: how many functions are attached, and how many are not and for which reasons. */
  SUMMARY = 'summary',

  /**
   * The summary, and one line for each function that was skipped as expected: CDK's own functions and imported ones.
   */
  DETAILS = 'details',
}
