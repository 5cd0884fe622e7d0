import type { Mutation } from './operators';

/** Changes that no test can notice, and why. */
interface Equivalent {
  readonly file: string;
  /** A part of the line that is changed. */
  readonly line: string;
  /** What is changed, or all of it. */
  readonly from?: string;
  readonly to?: string;
  readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];

export function isEquivalent(mutation: Mutation): boolean {
  return EQUIVALENT.some(
    ({ file, line, from, to }) =>
      mutation.file === file &&
      mutation.text.includes(line) &&
      (from === undefined || mutation.from === from) &&
      (to === undefined || mutation.to === to),
  );
}
