/**
 * What is reported at synthesis beside warnings and errors. Information, which neither fails `cdk synth --strict` nor
 * needs an answer.
 */
export enum SynthesisReport {
  /** Nothing: `cdk synth --quiet` prints nothing of LambdaWatch. */
  NONE = 'none',

  /** One line: how many functions are attached, and how many are not and why. */
  SUMMARY = 'summary',

  /** The summary, and a line for each function that was skipped as expected: CDK's own and imported ones. */
  DETAILS = 'details',
}
