/** Something wrong with one variable, in words for the operator; never contains a secret. */
export interface Problem {
  readonly variable: string;
  readonly message: string;
  /** The problem prevents all shipping. */
  readonly fatal?: true;
}
