import type { SecretRef } from '../config/secret-ref';

/** The outcome for one secret. */
export type SecretOutcome =
  | { readonly value: string }
  /** Why there is no value, as the end of a sentence after the ARN; it never contains any part of the secret. */
  | {
      readonly problem: string;
      /**
       * `unusable`: the secret was read, but its content can't be used; `lasting`: somebody has to act; `passing`:
       * another try may succeed soon.
       */
      readonly kind: 'unusable' | 'lasting' | 'passing';
    };

/** Reads secrets. */
export interface SecretStore {
  /**
   * Resolves with one outcome for each, in their order; never rejects. Several fields of one secret cost one request.
   */
  fetch(refs: readonly SecretRef[]): Promise<SecretOutcome[]>;
}
